"""The keyed work queue of one controller: deduplicating, prioritised, fair between namespaces, with per-key backoff.

A key that is added while it is worked on is worked on once more afterwards. Only keys travel, never events, so that
whoever takes one must look at the state of the world.
"""

import asyncio
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from kubefed.core.clock import Clock
from kubefed.core.names import ObjectKey
from kubefed.engine.backoff import Backoff
from kubefed.engine.priority import FairQueue, Priority

RETRY = Backoff(first_s=0.5, longest_s=60.0)


@dataclass(order=True)
class _Delayed:
    due: float
    key: ObjectKey = field(compare=False)
    priority: Priority = field(compare=False)


class Queue:
    """Keys of federated objects, waiting for their controller."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self.added = self.retried = 0
        """How many keys have come into the line, and how many were asked for again after a failure."""
        self.waited_s = 0.0
        """How long the key that was taken last had waited in the line."""
        self._clock = clock
        self._rng = rng
        self._ready: FairQueue[ObjectKey] = FairQueue()
        self._added_at: dict[ObjectKey, float] = {}
        self._working: set[ObjectKey] = set()
        self._again: dict[ObjectKey, Priority] = {}
        self._failures: dict[ObjectKey, int] = {}
        self._delayed: list[_Delayed] = []
        self._soonest: dict[ObjectKey, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return len(self._ready)

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is worked on; what is delayed does not count."""
        return not self._ready and not self._working

    def oldest_age_s(self) -> float:
        """How long the key that has waited longest has waited; 0 when none does."""
        return self._clock.monotonic() - next(iter(self._added_at.values())) if self._added_at else 0.0

    def add(self, key: ObjectKey, priority: Priority) -> None:
        """Ask for `key` to be looked at, after those of its priority that wait already."""
        if key in self._working:
            self._again[key] = min(priority, self._again.get(key, priority))
            return
        self._ready.push(key, priority, key.namespace)
        if key not in self._added_at:
            self._added_at[key] = self._clock.monotonic()
            self.added += 1
        self._arrived.set()

    def add_after(self, key: ObjectKey, delay_s: float, priority: Priority = Priority.EVENT) -> None:
        """Ask for `key` to be looked at in `delay_s` seconds; an earlier appointment of the same key stands."""
        due = self._clock.monotonic() + delay_s
        if self._soonest.get(key, float("inf")) <= due:
            return
        self._soonest[key] = due
        heapq.heappush(self._delayed, _Delayed(due, key, priority))
        self._wind()

    def retry(self, key: ObjectKey) -> float:
        """Ask for `key` again after its backoff, which doubles each time until `forget`. Returns the delay in seconds."""
        self._failures[key] = failures = self._failures.get(key, 0) + 1
        self.retried += 1
        delay_s = RETRY.delay_s(failures, self._rng)
        self.add_after(key, delay_s)
        return delay_s

    def forget(self, key: ObjectKey) -> None:
        """The key went well: its next failure starts from the shortest backoff."""
        self._failures.pop(key, None)

    async def get(self) -> tuple[ObjectKey, Priority]:
        """The next key and its priority, as soon as there is one. `done` must follow.

        Appointments of the key are dropped: whoever looks at it now says anew when to look again.
        """
        while not self._ready:
            self._arrived.clear()
            await self._arrived.wait()
        key, priority = self._ready.pop()
        now = self._clock.monotonic()
        self.waited_s = now - self._added_at.pop(key, now)
        self._soonest.pop(key, None)
        self._working.add(key)
        return key, priority

    def done(self, key: ObjectKey) -> None:
        """The key has been worked on; if it was added meanwhile, it is in line again."""
        self._working.discard(key)
        priority = self._again.pop(key, None)
        if priority is not None:
            self.add(key, priority)

    def close(self) -> None:
        """Stop the timer; nothing delayed comes any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wind(self) -> None:
        """Set the one timer to the earliest appointment."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._delayed:
            wait_s = max(0.0, self._delayed[0].due - self._clock.monotonic())
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = self._clock.monotonic()
        while self._delayed and self._delayed[0].due <= now:
            appointment = heapq.heappop(self._delayed)
            if self._soonest.get(appointment.key) == appointment.due:
                del self._soonest[appointment.key]
                self.add(appointment.key, appointment.priority)
        self._wind()


KeyListener = Callable[[ObjectKey, Priority], None]
"""Where a part that notices a change says which key it concerns: usually `Queue.add`."""
