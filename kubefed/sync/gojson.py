"""JSON text exactly as KubeFed's Go encoder wrote it, because recorded versions are hashes of that text.

The value is what a strict JSON decoder made of a Kubernetes API answer; the text is what `json.NewEncoder` made of the
same answer in Go 1.17 to 1.19: compact, keys in byte order, a trailing newline. orjson writes almost that; this module
holds the differences.
"""

import re
from typing import Any

import orjson

from kubefed.core.errors import Misconfigured

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def encode(value: Any) -> bytes:
    """The text of `value` in Go's form.

    Integers that do not fit into 64 signed bits were floats to Kubernetes' decoder, so they are written as floats.
    Raises Misconfigured when the value is nested deeper than orjson can follow (about 250 levels).
    """
    try:
        text = orjson.dumps(value, option=_OPTIONS)
        if _has_number_to_respell(value):
            text = orjson.dumps(_with_respelled_numbers(value), option=_OPTIONS)
    except TypeError as error:
        raise Misconfigured("a value is nested too deeply to be encoded, or is no JSON") from error
    return _escaped(text)


def _escaped(text: bytes) -> bytes:
    """Escape what Go escapes and orjson does not. None of these bytes can occur outside of strings."""
    for raw, escape in _ESCAPES:
        if raw in text:
            text = text.replace(raw, escape)
    if b"\\b" in text or b"\\f" in text:
        text = _ESCAPE_SEQUENCE.sub(_respelled_escape, text)
    return text


_ESCAPES = (
    (b"<", rb"\u003c"),
    (b">", rb"\u003e"),
    (b"&", rb"\u0026"),
    ("\u2028".encode(), rb"\u2028"),
    ("\u2029".encode(), rb"\u2029"),
)

_ESCAPE_SEQUENCE = re.compile(rb"\\.")


def _respelled_escape(sequence: re.Match[bytes]) -> bytes:
    r"""Go before 1.22 had no `\b` and `\f`. Whole sequences are matched: the b of `\\b` is a letter."""
    return _OLD_GO_ESCAPES.get(sequence[0], sequence[0])


_OLD_GO_ESCAPES = {rb"\b": rb"\u0008", rb"\f": rb"\u000c"}


def _has_number_to_respell(value: Any) -> bool:
    """Whether a float or an integer beyond 64 signed bits is inside. A walk of 60,000 small values takes 3 ms."""
    pending: list[Any] = [[value]]
    while pending:
        container = pending.pop()
        for item in container.values() if type(container) is dict else container:
            kind = type(item)
            if kind in _NEVER_RESPELLED:
                continue
            if kind is dict or kind is list:
                pending.append(item)
            elif kind is float or not _INT64_MIN <= item <= _INT64_MAX:
                return True
    return False


_NEVER_RESPELLED = frozenset({str, bool, type(None)})
_INT64_MIN = -(1 << 63)
_INT64_MAX = (1 << 63) - 1


def _with_respelled_numbers(value: Any) -> Any:
    """A copy in which every number that Go spells differently is a fragment of finished text."""
    if isinstance(value, dict):
        return {key: _with_respelled_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_respelled_numbers(item) for item in value]
    if isinstance(value, float):
        return orjson.Fragment(go_float(value))
    if isinstance(value, int) and not _INT64_MIN <= value <= _INT64_MAX:
        return orjson.Fragment(go_float(float(value)))
    return value


def go_float(number: float) -> bytes:
    """A finite float as Go's encoding/json spells it: the shortest digits that read back as the same number.

    Plain digits from 1e-6 up to below 1e21 and for zero, an exponent outside: `100`, `-0`, `0.000001`, `1e-7`, `1e+21`.
    """
    text = repr(number)
    if "e" not in text:
        return text.removesuffix(".0").encode()
    mantissa, _, exponent = text.removeprefix("-").partition("e")
    sign, power = "-" if number < 0 else "", int(exponent)
    if not _SMALLEST_PLAIN_POWER <= power <= _LARGEST_PLAIN_POWER:
        return f"{sign}{mantissa}e{power:+d}".encode()
    digits = mantissa.replace(".", "")
    # Python writes exponents from 1e16 on, where the at most 17 digits all stand before the point.
    plain = f"0.{'0' * (-power - 1)}{digits}" if power < 0 else digits.ljust(power + 1, "0")
    return (sign + plain).encode()


_SMALLEST_PLAIN_POWER = -6
_LARGEST_PLAIN_POWER = 20
