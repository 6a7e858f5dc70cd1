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
    sign = "-" if number < 0 or (number == 0 and str(number)[0] == "-") else ""
    mantissa, _, exponent_text = f"{abs(number)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent_text or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if not digits:
        return f"{sign}0".encode()
    if _SMALLEST_PLAIN_POINT <= point <= _LARGEST_PLAIN_POINT:
        return f"{sign}{_plain(digits, point)}".encode()
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}".encode()


def _plain(digits: str, point: int) -> str:
    """`0.digits` times ten to the power of `point`, without an exponent."""
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


_SMALLEST_PLAIN_POINT = -5
"""1e-6 is 0.1 times ten to the power of -5."""
_LARGEST_PLAIN_POINT = 21
"""The numbers below 1e21 are at most 0.99... times ten to the power of 21."""
