"""AdmissionReviews, v1: reads requests and writes answers. Whatever bytes come in, the only error is NotAReview."""

import base64
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import Field, ValidationError

from kubefed.admission.depth import DEEPEST_REVIEW, deepest
from kubefed.admission.verdict import Refusal, Verdict
from kubefed.api.field_errors import FieldError
from kubefed.api.model import ApiModel
from kubefed.kube import splitting

API_VERSION = "admission.k8s.io/v1"
KIND = "AdmissionReview"
_LONGEST_UID = 128
_MOST_WARNINGS, _LONGEST_WARNING = 8, 250  # API servers cut at 256 bytes each and drop all beyond 4 KiB


class NotAReview(Exception):
    """The body is no AdmissionReview that could be answered. The message is for whoever sent it."""


class GroupVersionKind(ApiModel):
    """What the object of a request is."""

    group: str = ""
    version: str = ""
    kind: str = ""


class GroupVersionResource(ApiModel):
    """Which collection the request goes to."""

    group: str = ""
    version: str = ""
    resource: str = ""


class AdmissionRequest(ApiModel):
    """The request in an AdmissionReview. `object_` and `old_object` are decoded JSON of which nothing is known."""

    uid: str = Field(min_length=1, max_length=_LONGEST_UID)
    operation: str
    kind: GroupVersionKind = GroupVersionKind()
    resource: GroupVersionResource = GroupVersionResource()
    sub_resource: str = ""
    name: str = ""
    namespace: str = ""
    object_: Any = Field(default=None, alias="object", repr=False)
    old_object: Any = Field(default=None, repr=False)
    too_deep: bool = Field(default=False, exclude=True)
    """The objects are nested so deeply that only their metadata and whether the spec changed were looked at."""
    same_spec: bool = Field(default=False, exclude=True)
    """Of objects that are too deep: whether the update leaves the spec as it is."""

    @property
    def is_update(self) -> bool:
        """Whether there was an object before."""
        return self.operation == "UPDATE"

    @property
    def is_write(self) -> bool:
        """Whether an object is to be stored. Deletions are none of our business."""
        return self.operation in {"CREATE", "UPDATE"}

    @property
    def is_being_deleted(self) -> bool:
        """Whether the object only lives on until its finalizers have gone, which nothing may hold up."""
        return bool(_metadata_of(self.object_).get("deletionTimestamp"))

    @property
    def qualified_kind(self) -> str:
        """The kind with its group, as error messages name it."""
        return f"{self.kind.kind}.{self.kind.group}" if self.kind.group else self.kind.kind


def _metadata_of(manifest: Any) -> Mapping[str, Any]:
    metadata = manifest.get("metadata") if isinstance(manifest, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def read_review(body: bytes) -> AdmissionRequest:
    """The request in a review. Raises NotAReview."""
    if deepest(body) > DEEPEST_REVIEW:
        return _read_deep_review(body)
    try:
        review: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotAReview("the body is not JSON") from None
    if not isinstance(review, dict):
        raise NotAReview(f"the body is no {KIND}")
    return _request(review.get("apiVersion"), review.get("kind"), review.get("request"))


def _request(api_version: Any, kind: Any, request: Any) -> AdmissionRequest:
    if (api_version, kind) != (API_VERSION, KIND):
        raise NotAReview(f"the body is no {KIND} of {API_VERSION}")
    if not isinstance(request, dict):
        raise NotAReview("the review has no request")
    given = {name: request[name] for name in (*_SHALLOW, *_OBJECTS) if request.get(name) is not None}
    try:
        return AdmissionRequest.model_validate(given)
    except ValidationError:
        raise NotAReview("the request has no uid or operation, or fields of wrong types") from None


_SHALLOW = ("uid", "operation", "kind", "resource", "subResource", "name", "namespace")
_OBJECTS = ("object", "oldObject")


def _read_deep_review(body: bytes) -> AdmissionRequest:
    """A review that no decoder may see whole: its objects are cut open just far enough to know if they may pass."""
    try:
        review = splitting.members(body)
        parts = splitting.members(review.get("request", b"null"))
        request: dict[str, Any] = {name: orjson.loads(parts[name]) for name in _SHALLOW if name in parts}
        new, old = (_opened(parts, name) for name in _OBJECTS)
        deleted_at = _opened(new, "metadata").get("deletionTimestamp", b"null")
        api_version, kind = (orjson.loads(review.get(name, b"null")) for name in ("apiVersion", "kind"))
        request["object"] = {"metadata": {"deletionTimestamp": orjson.loads(deleted_at)}}
    except ValueError:
        raise NotAReview("the body is not JSON, or its outermost levels are nested too deeply") from None
    same_spec = new.get("spec", b"") == old.get("spec", b"")
    return _request(api_version, kind, request).with_fields(too_deep=True, same_spec=same_spec)


def _opened(parts: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    """The members of one part; none when it is absent or null. Raises ValueError when it is no object."""
    text = parts.get(name, b"null")
    return {} if text == b"null" else splitting.members(text)


def answer(request: AdmissionRequest, verdict: Verdict) -> bytes:
    """The review that answers `request`."""
    response: dict[str, Any] = {"uid": request.uid, "allowed": verdict.allowed}
    if verdict.refusal is not None:
        response["status"] = _status(request, verdict.refusal)
    if verdict.warnings:
        response["warnings"] = [_cut(warning) for warning in verdict.warnings[:_MOST_WARNINGS]]
    if verdict.patch and verdict.allowed:
        response |= {"patchType": "JSONPatch", "patch": base64.b64encode(verdict.patch).decode()}
    return orjson.dumps({"apiVersion": API_VERSION, "kind": KIND, "response": response})


def _status(request: AdmissionRequest, refusal: Refusal) -> dict[str, Any]:
    details = {
        "name": request.name,
        "group": request.kind.group,
        "kind": request.kind.kind,
        "causes": [_cause(mistake) for mistake in refusal.causes],
    }
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "code": refusal.code,
        "reason": refusal.reason,
        "message": refusal.message,
        "details": {name: value for name, value in details.items() if value},
    }


def _cause(mistake: FieldError) -> dict[str, str]:
    """The message in a cause does not repeat the field, which stands beside it."""
    message = mistake.for_author().removeprefix(f"{mistake.field}: ")
    return {"reason": mistake.mistake.value, "message": message, "field": mistake.field}


def _cut(warning: str) -> str:
    encoded = warning.encode()
    if len(encoded) <= _LONGEST_WARNING:
        return warning
    return encoded[: _LONGEST_WARNING - 3].decode(errors="ignore") + "…"
