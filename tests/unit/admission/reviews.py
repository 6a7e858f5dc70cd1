"""Reviews as an API server sends them, for tests."""

import base64
from typing import Any

import orjson

from kubefed.admission.review import AdmissionRequest, read_review


def review(
    manifest: dict[str, Any] | None,
    *,
    old: dict[str, Any] | None = None,
    operation: str = "",
    subresource: str = "",
    plural: str = "",
) -> dict[str, Any]:
    """An AdmissionReview that writes `manifest`; an update when there is an `old` one."""
    shown = manifest or old or {}
    group, _, version = str(shown.get("apiVersion", "types.kubefed.io/v1beta1")).rpartition("/")
    kind = shown.get("kind", "FederatedConfigMap")
    metadata = shown.get("metadata") or {}
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": group, "version": version, "kind": kind},
            "resource": {"group": group, "version": version, "resource": plural or f"{kind.lower()}s"},
            "requestKind": {"group": group, "version": version, "kind": kind},
            "name": metadata.get("name", ""),
            "namespace": metadata.get("namespace", ""),
            "operation": operation or ("UPDATE" if old else "CREATE"),
            "userInfo": {"username": "ana", "groups": ["system:authenticated"]},
            "object": manifest,
            "oldObject": old,
            "dryRun": False,
            "options": None,
            **({"subResource": subresource} if subresource else {}),
        },
    }


def request(manifest: dict[str, Any] | None, **more: Any) -> AdmissionRequest:
    """The request of such a review, read from its bytes."""
    return read_review(orjson.dumps(review(manifest, **more)))


def patched(answer: dict[str, Any]) -> Any:
    """The JSON patch in the answer to a review."""
    return orjson.loads(base64.b64decode(answer["response"]["patch"]))
