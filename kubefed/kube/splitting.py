"""Takes JSON apart without decoding it, where no decoder can: API servers store objects nested 10,000 levels deep. Pure.

Used only for an answer that did not decode, so that one such object costs itself and not all that came with it. What is
cut out is not judged: whoever decodes a piece hears what is wrong with it.
"""

import re
from collections.abc import Iterator

import orjson

DEEPEST = 10_000
"""What the API server's own decoder accepts."""

_STRING_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_STRING = re.compile(_STRING_TEXT, re.DOTALL)
_UP_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING_TEXT + rb")*+(?:([\[{])|[\]}])", re.DOTALL)
_SCALAR = re.compile(rb'[^\s,:"\[\]{}]++')
_SPACE = re.compile(rb"[ \t\r\n]*+")


def members(text: bytes) -> dict[str, bytes]:
    """The members of a JSON object, each value as its bytes. Raises ValueError when it is no object or is cut short."""
    return dict(_members(text))


def member(text: bytes, name: str) -> bytes:
    """One member of a JSON object; what comes after it is not looked at. Raises ValueError when there is none."""
    for found, value in _members(text):
        if found == name:
            return value
    raise ValueError(f"no member {name}")


def elements(text: bytes, *, most: int) -> list[bytes]:
    """The elements of a JSON array, each as its bytes.

    Raises ValueError when it is no array, is cut short, or has more than `most` elements.
    """
    found: list[bytes] = []
    knife = _Knife(text)
    knife.expect(b"[")
    while knife.next_is_not(b"]", after_first=bool(found)):
        if len(found) == most:
            raise ValueError("more elements than expected")
        found.append(knife.value())
    knife.end()
    return found


def _members(text: bytes) -> Iterator[tuple[str, bytes]]:
    knife = _Knife(text)
    knife.expect(b"{")
    after_first = False
    while knife.next_is_not(b"}", after_first=after_first):
        name: str = orjson.loads(knife.string())
        knife.expect(b":")
        yield name, knife.value()
        after_first = True
    knife.end()


class _Knife:
    """Goes through a text and cuts pieces off it. Each method skips white space first and raises ValueError."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0

    def expect(self, byte: bytes) -> None:
        """Go past `byte`."""
        if self._peek() != byte:
            raise ValueError("not the JSON that was expected")
        self._at += 1

    def next_is_not(self, closing: bytes, *, after_first: bool) -> bool:
        """Whether another piece follows; goes past the comma before it, or past the `closing` bracket."""
        if self._peek() == closing:
            self._at += 1
            return False
        if after_first:
            self.expect(b",")
        return True

    def string(self) -> bytes:
        """Cut off a string, with its quotes."""
        self._peek()
        return self._cut(_STRING)

    def value(self) -> bytes:
        """Cut off a whole value."""
        match self._peek():
            case b"{" | b"[":
                return self._nest()
            case b'"':
                return self._cut(_STRING)
        return self._cut(_SCALAR)

    def end(self) -> None:
        """Nothing may follow."""
        if self._peek():
            raise ValueError("more than one JSON value")

    def _peek(self) -> bytes:
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        return self._text[self._at : self._at + 1]

    def _cut(self, pattern: re.Pattern[bytes]) -> bytes:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError("JSON is cut short")
        self._at = found.end()
        return found[0]

    def _nest(self) -> bytes:
        """Cut off an object or an array, whatever is in it, by counting brackets outside strings."""
        start, depth = self._at, 0
        up_to_bracket = _UP_TO_BRACKET.match
        while found := up_to_bracket(self._text, self._at):
            self._at = found.end()
            depth += 1 if found.lastindex else -1
            if depth == 0:
                return self._text[start : self._at]
            if depth > DEEPEST:
                raise ValueError("JSON is nested too deeply")
        raise ValueError("JSON is cut short")
