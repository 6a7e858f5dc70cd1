"""Locks on directories: nothing is left behind but the directory itself, and a killed holder holds nothing."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_S = 0.1


class Busy(Exception):
    """Somebody else held the lock for all of the time that was given."""


@contextmanager
def exclusive(directory: Path, *, timeout_s: float, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the only lock on an existing directory; `waiting` is called once when somebody else has it.

    Raises Busy after `timeout_s`, and FileNotFoundError when the directory is not there, or goes while we wait.
    """
    deadline = time.monotonic() + timeout_s
    told = False
    while (held := _try(directory)) is None:
        if not told:
            waiting()
            told = True
        if time.monotonic() > deadline:
            raise Busy
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        os.close(held)


def _try(directory: Path) -> int | None:
    """A descriptor that holds the lock, or None when somebody else has it."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Its last holder may have removed the directory, and another been made: then this lock is on nothing.
        if os.fstat(descriptor).st_ino == directory.stat().st_ino:
            return descriptor
    except BlockingIOError:
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None
