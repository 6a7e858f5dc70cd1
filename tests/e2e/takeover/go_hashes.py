"""KubeFed's two recorded hashes, made anew from its description, so that the rehearsal shares no rule with the product."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_ESCAPES = {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}
_EXACT = 1 << 53


def template_hash(spec: Mapping[str, Any]) -> str:
    """`templateVersion`; empty without a template."""
    return _md5(spec["template"]) if "template" in spec else ""


def overrides_hash(spec: Mapping[str, Any]) -> str:
    """`overridesVersion` of a spec that is there."""
    overrides = spec.get("overrides")
    return _md5({"overrides": None if overrides is None else [_cluster(item) for item in overrides]})


def _cluster(item: Mapping[str, Any]) -> dict[str, Any]:
    written = {"clusterName": item["clusterName"]}
    operations = [_operation(each) for each in item.get("clusterOverrides") or ()]
    return written | ({"clusterOverrides": operations} if operations else {})


def _operation(item: Mapping[str, Any]) -> dict[str, Any]:
    written = {"path": item["path"]}
    written |= {"op": item["op"]} if item.get("op") else {}
    return written | ({"value": _as_floats(item["value"])} if item.get("value") is not None else {})


def _as_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_floats(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_floats(item) for item in value]
    return float(value) if type(value) is int and abs(value) > _EXACT else value


def _md5(value: Any) -> str:
    return hashlib.md5(f"{_go_json(value)}\n".encode(), usedforsecurity=False).hexdigest()


def _go_json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_go_json(name)}:{_go_json(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_go_json(item) for item in value) + "]"
    if isinstance(value, float):
        return _go_float(value)
    text = json.dumps(value, ensure_ascii=False)
    return "".join(_ESCAPES.get(letter, letter) for letter in text) if isinstance(value, str) else text


def _go_float(value: float) -> str:
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return f"{Decimal(repr(value)).normalize():f}"
    mantissa, _, exponent = f"{Decimal(repr(value)).normalize():e}".partition("e")
    return f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"
