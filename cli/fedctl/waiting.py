"""Waiting for a condition of a cluster, with a deadline and a sentence for when it is not met."""

import time
from collections.abc import Callable

from kubefed.core.errors import Misconfigured, NotFound, Retryable

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 0.5


def wait_until(holds: Callable[[], bool], timeout_s: float, otherwise: str) -> None:
    """Ask again and again. Raises Misconfigured with `otherwise` when it does not hold in time."""
    deadline, pause = time.monotonic() + timeout_s, _FIRST_PAUSE_S
    while not holds():
        if time.monotonic() >= deadline:
            raise Misconfigured(otherwise)
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)


def succeeds(attempt: Callable[[], object]) -> bool:
    """Whether a call succeeds by now. Not served yet, and come again later, mean no; all else is raised."""
    try:
        attempt()
    except NotFound:
        return False
    except Retryable as answer:
        if not answer.status:
            raise
        return False
    return True
