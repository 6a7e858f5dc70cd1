"""An event loop whose time passes in no time: whenever nothing is ready, it goes straight to the next timer.

Sockets within the process work as usual, because what one end wrote the other can read at once. Threads do not: time may
run past them.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_LOOK_TWICE_S = 0.001  # real seconds: what is under way on the loopback device has arrived by then


class _ImpatientSelector(selectors.DefaultSelector):
    """Waits for sockets hardly at all, and says how long it should have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0) or super().select(min(timeout, _LOOK_TWICE_S) if len(self.get_map()) > 1 else 0)
        if not ready:
            self.passed_s += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Sleeps, timeouts and timers take no time, and end in the order in which they are due."""

    def __init__(self) -> None:
        self._impatient = _ImpatientSelector()
        super().__init__(self._impatient)

    def time(self) -> float:
        return self._impatient.passed_s


def virtually(story: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a loop of its own with virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(story)
