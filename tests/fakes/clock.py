"""Time and chance that a test decides on: clocks of core.clock's protocol, and random generators with a seed."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """Stands still until it is told to go on."""

    def __init__(self, *, monotonic: float = 1000.0, now: datetime = EPOCH) -> None:
        self._monotonic = monotonic
        self._now = now

    def monotonic(self) -> float:
        return self._monotonic

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass, on both clocks."""
        self._monotonic += seconds
        self._now += timedelta(seconds=seconds)

    def set_wall(self, now: datetime) -> None:
        """Somebody sets the wall clock; what has elapsed stays what it is."""
        self._now = now


class LoopClock:
    """Follows the running event loop's time: under `VirtualTimeLoop` it moves with the loop's timers.

    `ahead_s` and `rate` make it the clock of another machine: set differently, or running faster or slower.
    """

    def __init__(self, *, ahead_s: float = 0.0, rate: float = 1.0) -> None:
        self._loop = asyncio.get_running_loop()
        self._ahead_s = ahead_s
        self._rate = rate

    def monotonic(self) -> float:
        return self._loop.time() * self._rate + self._ahead_s

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.monotonic())


def seeded(seed: int = 1) -> random.Random:
    """A generator whose every run is the same."""
    return random.Random(seed)  # noqa: S311 - the opposite of secrecy is wanted
