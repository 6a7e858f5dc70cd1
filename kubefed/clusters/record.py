"""What a KubeFedCluster says, read once and never trusted. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from kubefed.api.core_v1beta1 import KubeFedCluster
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.kube.wire import LONGEST_KEPT_BYTES, Object

KUBEFED_CLUSTERS = KubeFedCluster.resource_type


@dataclass(frozen=True, slots=True)
class ClusterRecord:
    """One KubeFedCluster's spec and labels. `ca_bundle` is base64 of PEM, as the field holds it."""

    name: ClusterName
    uid: str
    labels: Mapping[str, str]
    endpoint: str
    ca_bundle: str
    secret_name: str
    disabled_checks: tuple[str, ...]
    proxy_url: str

    @property
    def key(self) -> str:
        """The record's name, for messages."""
        return f"KubeFedCluster {self.name}"


def read_record(record: Object) -> ClusterRecord:
    """Read a KubeFedCluster. Raises Misconfigured naming the field that is missing or of the wrong type."""
    if not record.metadata.labels_whole:
        raise Misconfigured(f"metadata.labels are larger than {LONGEST_KEPT_BYTES} bytes: remove some")
    spec = _mapping(_decoded(record.spec), "spec")
    checks = spec.get("disabledTLSValidations") or []
    if not isinstance(checks, list) or not all(isinstance(check, str) for check in checks):
        raise Misconfigured("spec.disabledTLSValidations is not a list of strings")
    return ClusterRecord(
        name=ClusterName(record.name),
        uid=record.metadata.uid,
        labels=record.metadata.label_map(),
        endpoint=_string(spec, "apiEndpoint"),
        ca_bundle=_string(spec, "caBundle", required=False),
        secret_name=_string(_mapping(spec.get("secretRef"), "spec.secretRef"), "name", path="spec.secretRef.name"),
        disabled_checks=tuple(checks),
        proxy_url=_string(spec, "proxyURL", required=False),
    )


def secret_key(record: ClusterRecord, namespace: str) -> ObjectKey:
    """Where the record's credentials are: always in the system namespace."""
    return ObjectKey(namespace, record.secret_name)


def _decoded(text: bytes) -> object:
    try:
        return orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        raise Misconfigured("spec cannot be decoded") from None


def _mapping(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Misconfigured(f"{path} is missing or not an object")
    return value


def _string(mapping: Mapping[str, Any], field: str, *, required: bool = True, path: str = "") -> str:
    value = mapping.get(field) or ""
    if not isinstance(value, str) or (required and not value):
        raise Misconfigured(f"{path or f'spec.{field}'} is missing or not a string")
    return value
