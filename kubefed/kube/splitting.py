"""Takes JSON apart without decoding it, where no decoder can: API servers store objects nested 10,000 levels deep. Pure.

Used only for an answer that did not decode, so that one such object costs itself and not all that came with it. What is
cut out is not judged: whoever decodes a piece hears what is wrong with it.
"""

import re

import orjson

DEEPEST = 10_000
"""What the API server's own decoder accepts."""

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_NAME = re.compile(_STRING, re.DOTALL)
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+([\[\]{}])", re.DOTALL)
_SCALAR = re.compile(rb'[^\s,:"\[\]{}]++')
_SPACE = re.compile(rb"[ \t\r\n]*+")


def members(text: bytes) -> dict[str, bytes]:
    """The members of a JSON object, each value as its bytes. Raises ValueError when it is none, or is cut short."""
    found: dict[str, bytes] = {}
    position = _opening(text, b"{")
    while not _closes(text, position, b"}", first=not found):
        start = position if not found else _after_comma(text, position)
        name = _NAME.match(text, start)
        if name is None:
            raise ValueError("a member has no name")
        colon = _skip(text, name.end())
        if text[colon : colon + 1] != b":":
            raise ValueError("a member has no value")
        start = _skip(text, colon + 1)
        end = _end_of_value(text, start)
        found[orjson.loads(name[0])] = text[start:end]
        position = _skip(text, end)
    return found


def elements(text: bytes) -> list[bytes]:
    """The elements of a JSON array, each as its bytes. Raises ValueError when it is none, or is cut short."""
    found: list[bytes] = []
    position = _opening(text, b"[")
    while not _closes(text, position, b"]", first=not found):
        start = position if not found else _after_comma(text, position)
        end = _end_of_value(text, start)
        found.append(text[start:end])
        position = _skip(text, end)
    return found
