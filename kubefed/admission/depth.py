"""How deeply JSON is nested, told from its bytes: a decoder must never meet what it cannot survive. Pure."""

import re
from array import array
from itertools import accumulate

DEEPEST_REVIEW = 256
"""Levels of a review that is decoded whole. Wishes may have 64, and managed fields repeat them a few levels deeper."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # an open string goes to the end: no second look
_STEPS = bytes(1 if byte in b"[{" else 255 for byte in range(256))
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def deepest(text: bytes) -> int:
    """How many objects and lists are open at once at most. Text that is no JSON gives a number all the same."""
    brackets = _STRING.sub(b"", text).translate(_STEPS, _NO_BRACKETS)
    return max(accumulate(array("b", brackets), initial=0))
