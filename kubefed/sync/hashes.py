"""templateVersion and overridesVersion: the hashes KubeFed records in a PropagatedVersion.

A KubeFed installation that is taken over keeps its recorded versions only if these are the same to the bit; otherwise
every copy in every member would be written once more.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.sync import gojson


def template_version(template: Mapping[str, Any] | None) -> str:
    """The recorded version of `spec.template`: hex MD5 of its Go JSON text; empty when there is no template."""
    return "" if template is None else _digest(template)


def overrides_version(spec: Mapping[str, Any] | None) -> str:
    """The recorded version of the overrides in `spec`, the spec of a federated object; empty without a spec.

    KubeFed read the overrides into Go structs before it hashed them, so unknown fields vanish, an absent or empty `op`
    and an empty list of operations are left out, only null values are, and every number has passed through a float.
    Raises Misconfigured when the overrides do not have the types that the CRD asks for.
    """
    if spec is None:
        return ""
    overrides = _list_or_none(spec.get("overrides"), "spec.overrides")
    items = None if overrides is None else [_item(item) for item in overrides]
    return _digest({"overrides": items})


def _item(item: Any) -> dict[str, Any]:
    """One cluster's overrides as the Go struct was written. Go's order of fields happens to be the sorted one."""
    fields = _object(item, "spec.overrides[]")
    struct: dict[str, Any] = {"clusterName": _text(fields, "clusterName")}
    operations = _list_or_none(fields.get("clusterOverrides"), "spec.overrides[].clusterOverrides")
    if operations:
        struct["clusterOverrides"] = [_operation(operation) for operation in operations]
    return struct


def _operation(operation: Any) -> dict[str, Any]:
    fields = _object(operation, "spec.overrides[].clusterOverrides[]")
    struct: dict[str, Any] = {"path": _text(fields, "path")}
    if op := _text(fields, "op"):
        struct["op"] = op
    if (value := fields.get("value")) is not None:
        struct["value"] = _through_float(value)
    return struct


def _through_float(value: Any) -> Any:
    """What decoding into an untyped Go value makes of integers too large for a float to hold exactly."""
    if isinstance(value, dict):
        return {key: _through_float(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_through_float(item) for item in value]
    if isinstance(value, int) and not -_LARGEST_EXACT <= value <= _LARGEST_EXACT:
        return float(value)
    return value


_LARGEST_EXACT = 1 << 53


def _digest(value: Any) -> str:
    return hashlib.md5(gojson.encode(value), usedforsecurity=False).hexdigest()


def _object(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Misconfigured(f"{path} must be an object")
    return value


def _list_or_none(value: Any, path: str) -> list[Any] | None:
    if value is not None and not isinstance(value, list):
        raise Misconfigured(f"{path} must be a list")
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Misconfigured(f"{name} in spec.overrides must be a string")
    return value
