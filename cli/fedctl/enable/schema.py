"""What a type's schema says that matters for federating it, from its CRD or from the server's OpenAPI. Pure."""

from collections.abc import Mapping
from typing import Any

from kubefed.core.names import ResourceType

_KINDS = "x-kubernetes-group-version-kind"
_MOST_REFERENCES = 8


def crd_schema(crd: Mapping[str, Any], version: str) -> Mapping[str, Any] | None:
    """The schema of one version of a CRD."""
    for served in (crd.get("spec") or {}).get("versions") or ():
        if served.get("name") == version:
            schema: Mapping[str, Any] | None = (served.get("schema") or {}).get("openAPIV3Schema")
            return schema
    return None


def openapi_path(resource: ResourceType) -> str:
    """Where a server describes the version of the type's group."""
    return (
        f"/openapi/v3/apis/{resource.group}/{resource.version}" if resource.group else f"/openapi/v3/api/{resource.version}"
    )


def openapi_schema(document: Mapping[str, Any], resource: ResourceType) -> Mapping[str, Any] | None:
    """The schema of a kind, with the references on the way to `spec.replicas` resolved."""
    schemas = (document.get("components") or {}).get("schemas") or {}
    wanted = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    found = next((schema for schema in schemas.values() if wanted in (schema.get(_KINDS) or ())), None)
    if found is None:
        return None
    properties = found.get("properties") or {}
    spec = _resolved(properties.get("spec") or {}, schemas)
    return {**found, "properties": {**properties, "spec": spec}}


def _resolved(node: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow `$ref`, alone or as the only part of `allOf`."""
    for _ in range(_MOST_REFERENCES):
        parts = node.get("allOf") or [node]
        reference = parts[0].get("$ref") if len(parts) == 1 else None
        if not reference:
            break
        node = schemas.get(reference.rpartition("/")[2]) or {}
    return node
