"""Checking what is shown: a condition of the clusters, waited for with a deadline, and the error when it does not come."""

import time
from collections.abc import Callable
from typing import TypeVar

from kubefed.core.errors import KubefedError, Retryable

T = TypeVar("T")

_POLL_S = 0.01
WITHIN_S = 30.0


class NotShown(KubefedError):
    """The demo promised something that did not happen."""


def eventually(read: Callable[[], object], wanted: object, what: str, within_s: float = WITHIN_S) -> float:
    """Wait until `read` gives what is wanted; returns the seconds that took. Raises NotShown with what was read last."""
    began = time.monotonic()
    while True:
        seen = attempt(read)
        taken = time.monotonic() - began
        if seen == wanted:
            return taken
        if taken > within_s:
            raise NotShown(f"{what}: still not so after {within_s:.0f} s\nwanted: {wanted}\nfound:  {seen}")
        time.sleep(_POLL_S)


def attempt(read: Callable[[], T]) -> T | str:
    """What `read` gives, or in words why a server gave nothing just now."""
    try:
        return read()
    except Retryable as answer:
        return str(answer)


def milliseconds(seconds: float) -> str:
    """A short time in words."""
    return f"{seconds * 1000:.0f} ms"
