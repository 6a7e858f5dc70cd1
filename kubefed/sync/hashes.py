"""templateVersion and overridesVersion: the hashes KubeFed records in a PropagatedVersion.

A KubeFed installation that is taken over keeps its recorded versions only if these are the same to the bit; otherwise
every copy in every member would be written once more.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.federated.rawjson import as_list, as_object, text_in
from kubefed.sync import gojson
from kubefed.sync.budgets import MAX_DEPTH, is_deeper_than


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
    overrides = spec.get("overrides")
    items = None if overrides is None else [_item(item) for item in as_list(overrides, "spec.overrides")]
    plain = _digest({"overrides": items})
    extras = [_extras(item) for item in overrides or ()]
    return plain if not any(extras) else f"{plain}+{_digest({'entries': extras})}"


def _extras(item: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an entry that KubeFed did not know."""
    extras = {field: item[field] for field in sorted(TAILORING_FIELDS) if item.get(field) is not None}
    if is_deeper_than(MAX_DEPTH, extras):
        raise Misconfigured(f"spec.overrides[] is nested too deeply; at most {MAX_DEPTH} levels are allowed")
    return extras


TAILORING_FIELDS = frozenset({"all", "clusterSelector", "images", "env", "command", "args", "labels", "annotations"})
"""The fields of an entry that KubeFed did not know. They count behind KubeFed's hash, and only when present."""


def _item(item: Any) -> dict[str, Any]:
    """One cluster's overrides as the Go struct was written. Go's order of fields happens to be the sorted one."""
    fields = as_object(item, "spec.overrides[]")
    struct: dict[str, Any] = {"clusterName": text_in(fields, "clusterName", "spec.overrides[]")}
    operations = fields.get("clusterOverrides")
    if operations:
        struct["clusterOverrides"] = [_operation(operation) for operation in as_list(operations, _OPERATIONS)]
    return struct


def _operation(operation: Any) -> dict[str, Any]:
    fields = as_object(operation, f"{_OPERATIONS}[]")
    struct: dict[str, Any] = {"path": text_in(fields, "path", f"{_OPERATIONS}[]")}
    if op := text_in(fields, "op", f"{_OPERATIONS}[]"):
        struct["op"] = op
    if (value := fields.get("value")) is not None:
        if is_deeper_than(MAX_DEPTH, value):
            raise Misconfigured(f"{_OPERATIONS}[].value is nested too deeply; at most {MAX_DEPTH} levels are allowed")
        struct["value"] = _through_float(value)
    return struct


_OPERATIONS = "spec.overrides[].clusterOverrides"


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
