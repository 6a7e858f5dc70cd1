"""How long to wait after the host refused a write. Only in memory, and only while there is trouble."""

import random

from kubefed.core.names import ObjectKey
from kubefed.engine.backoff import Backoff

_PAUSE = Backoff(first_s=0.2, longest_s=60.0)
"""The first is short: after a conflict the watch brings the newer object long before, and this is for when it does not."""


class Pauses:
    """One growing pause per key. Deciding again is no sign that a write would go well, so only a write ends it."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._failures: dict[ObjectKey, int] = {}

    def __len__(self) -> int:
        return len(self._failures)

    def next_s(self, key: ObjectKey) -> float:
        """A write failed once more: wait so many seconds."""
        self._failures[key] = failures = self._failures.get(key, 0) + 1
        return _PAUSE.delay_s(failures, self._rng)

    def over(self, key: ObjectKey) -> None:
        """A write went well, or there is nothing left to write about."""
        self._failures.pop(key, None)
