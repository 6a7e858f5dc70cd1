"""Holds back writes that repeat too fast: pods that flap in one cluster must not cost all others a write each. Pure."""

from dataclasses import dataclass

_ALMOST_ONE = 1.0 - 1e-6
"""What grows in fractions misses a whole by a hair, and waiting for that hair is waiting for nothing, again and again."""


@dataclass(frozen=True, slots=True)
class Damping:
    """So many writes may follow each other at once, and so many a second go on and on."""

    burst: float = 20.0
    per_s: float = 2.0


class Damper:
    """The writes of one service."""

    def __init__(self, damping: Damping) -> None:
        self._damping = damping
        self._left = damping.burst
        self._at = float("-inf")

    def wait_s(self, now: float) -> float:
        """Take one write at the monotonic moment `now`: 0, or in how many seconds to ask again; then nothing is taken."""
        grown = max(0.0, now - self._at) * self._damping.per_s
        self._left, self._at = min(self._damping.burst, self._left + grown), now
        if self._left >= _ALMOST_ONE:
            self._left = max(0.0, self._left - 1.0)
            return 0.0
        return (1.0 - self._left) / self._damping.per_s
