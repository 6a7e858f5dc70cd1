"""Reading JSON whose types nobody has checked: each reader gives the type it names or says where it is not."""

from collections.abc import Mapping
from typing import Any

import orjson

from kubefed.core.errors import Misconfigured


def object_in(text: bytes, path: str) -> Mapping[str, Any]:
    """The object that JSON text holds; an empty one when there is no text, or null. Raises Misconfigured."""
    try:
        value: Any = orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        raise Misconfigured(f"{path} cannot be decoded") from None
    return {} if value is None else as_object(value, path)


def as_object(value: Any, path: str) -> Mapping[str, Any]:
    """An object. Raises Misconfigured for anything else, null included."""
    if not isinstance(value, Mapping):
        raise Misconfigured(f"{path} must be an object")
    return value


def as_list(value: Any, path: str) -> list[Any]:
    """A list. Raises Misconfigured for anything else, null included."""
    if not isinstance(value, list):
        raise Misconfigured(f"{path} must be a list")
    return value


def text_in(fields: Mapping[str, Any], name: str, path: str) -> str:
    """The string under `name`; empty when it is absent or null, as Go reads it. Raises Misconfigured for other types."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Misconfigured(f"{path}.{name} must be a string")
    return value


def shortened(text: str) -> str:
    """A name or path that is fit for a message: what becomes a status or an event must stay small."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


_LONGEST_SHOWN = 200
