"""How the webhook's certificates lie in a Secret: `tls.crt` and `tls.key` as everywhere, the rest beside them. Pure."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from kubefed.admission.certificates.issuing import Pair
from kubefed.admission.certificates.rotation import Material
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.core.secret import Secret

SECRETS = ResourceType("", "v1", "secrets", "Secret", namespaced=True)
SECRET_NAME = "kubefed-admission-webhook-serving-cert"  # noqa: S105 - a name
_MANAGED_BY = ("app.kubernetes.io/managed-by", "kubefed-webhook")
_LONGEST_BUNDLE = 64 * 1024
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?")


def is_ours(secret: Mapping[str, Any]) -> bool:
    """Whether we made the Secret. One that somebody else made, such as cert-manager, is never written to."""
    label, value = _MANAGED_BY
    return ((secret.get("metadata") or {}).get("labels") or {}).get(label) == value


def read(secret: Mapping[str, Any]) -> Material | None:
    """What is in the Secret; None when it cannot be read."""
    data = secret.get("data") or {}
    try:
        texts = {name: base64.b64decode(data[name], validate=True).decode() for name in data}
        current = Pair(texts["tls.crt"], Secret(texts["tls.key"]))
        bundle = texts["ca.crt"]
    except (KeyError, TypeError, binascii.Error, UnicodeDecodeError):
        return None
    following = texts.get("next.crt")
    next_pair = Pair(following, Secret(texts.get("next.key", ""))) if following else None
    return Material(current, next_pair, tuple(_CERTIFICATE.findall(bundle[:_LONGEST_BUNDLE])))


def manifest(key: ObjectKey, material: Material, resource_version: str = "") -> dict[str, Any]:
    """The Secret; to replace the one of `resource_version`, or to be created when that is empty."""
    data = {
        "tls.crt": material.current.certificate_pem,
        "tls.key": material.current.key_pem.reveal(),
        "ca.crt": material.bundle_pem,
    }
    if material.next is not None:
        data |= {"next.crt": material.next.certificate_pem, "next.key": material.next.key_pem.reveal()}
    metadata: dict[str, Any] = {"name": key.name, "namespace": key.namespace, "labels": dict([_MANAGED_BY])}
    if resource_version:
        metadata["resourceVersion"] = resource_version
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "kubernetes.io/tls",
        "data": {name: base64.b64encode(text.encode()).decode() for name, text in data.items()},
    }
