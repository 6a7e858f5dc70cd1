"""Waiting for a cluster to become as it should be, from code that is not asynchronous."""

import time
from collections.abc import Callable
from typing import TypeVar

_PAUSE_S = 0.03

Found = TypeVar("Found")


def eventually(look: Callable[[], Found], what: str, *, within_s: float = 30.0) -> Found:
    """Look again and again until what is found counts as true; that. Fails the test saying `what` when it never does."""
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(_PAUSE_S)
    return found


def eventually_equal(look: Callable[[], object], expected: object, *, within_s: float = 30.0) -> None:
    """Look until exactly this is found. Fails the test with what was found last."""
    deadline = time.monotonic() + within_s
    while (found := look()) != expected and time.monotonic() < deadline:
        time.sleep(_PAUSE_S)
    assert found == expected, f"not within {within_s} s: expected {expected!r}, found {found!r}"
