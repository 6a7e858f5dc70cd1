"""Carries operations to one server: a member cluster, or the host.

A lane bounds how much runs at once, keeps the order of operations on one target, waits when the server asks for it, and
stops sending when the server does not answer. What happens in one lane never delays another.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Protocol

from kubefed.core.clock import Clock
from kubefed.core.errors import ApiError, Bug, KubefedError, LeadershipLost, Retryable, Unreachable
from kubefed.engine.backoff import Backoff
from kubefed.engine.bugs import report_bug
from kubefed.engine.priority import FairQueue, Priority

Target = Hashable
"""What an operation acts on: at most one operation per target is under way in a lane."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing to do to one target.

    `verb` says what, for reports and for telling two operations apart. `run` does it and may take as long as its own
    deadlines let it. `ended` hears of the end, exactly once unless the operation is replaced or the lane is cleared:
    None when it went well, else the error.
    """

    target: Target
    verb: str
    run: Callable[[], Awaitable[None]]
    ended: Callable[[KubefedError | None], None]
    priority: Priority = Priority.EVENT
    group: str = ""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An operation that is queued or running, and since when (monotonic seconds)."""

    verb: str
    running: bool
    since: float


_REOPEN = Backoff(first_s=1.0, longest_s=30.0)


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """How much one server is asked at once, and when it counts as not answering."""

    concurrency: int = 16
    failures_to_open: int = 5
    """So many operations in a row without an answer open the circuit: nothing is sent until its backoff is over."""
    reopen: Backoff = _REOPEN


class Observer(Protocol):
    """Who counts operations."""

    def __call__(self, verb: str, error: KubefedError | None, seconds: float) -> None: ...


class Lane:
    """Operations for one server. `closed_by` says why nothing may be sent now; empty lets it flow."""

    def __init__(self, clock: Clock, rng: random.Random, observe: Observer, limits: LaneLimits | None = None) -> None:
        self._clock = clock
        self._rng = rng
        self._observe = observe
        self._limits = limits or LaneLimits()
        self._waiting: FairQueue[Target] = FairQueue()
        self._operations: dict[Target, Operation] = {}
        self._queued_at: dict[Target, float] = {}
        self._running: dict[Target, tuple[Operation, float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._not_before = 0.0
        self._silent = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._waiting) + len(self._running)

    def submit(self, operation: Operation) -> None:
        """Queue an operation. It replaces one that waits for the same target and follows one that is running."""
        target = operation.target
        self._operations[target] = operation
        self._waiting.push(target, operation.priority, operation.group)
        self._queued_at.setdefault(target, self._clock.monotonic())
        self._pump()

    def under_way(self, target: Target) -> UnderWay | None:
        """What this lane is about to do, or is doing, to a target; the running one when there are two."""
        if target in self._running:
            operation, since = self._running[target]
            return UnderWay(operation.verb, running=True, since=since)
        if target in self._operations:
            return UnderWay(self._operations[target].verb, running=False, since=self._queued_at[target])
        return None

    def resume(self) -> None:
        """The server is known to answer again: forget its silence and go on at once."""
        self._silent = 0
        self._not_before = 0.0
        self._pump()

    def clear(self) -> None:
        """The server is gone: queued operations end as Unreachable; those running end by their own deadlines."""
        waiting = [self._operations.pop(target) for target in list(self._operations)]
        for operation in waiting:
            self._waiting.discard(operation.target)
            self._queued_at.pop(operation.target, None)
        for operation in waiting:
            operation.ended(Unreachable(operation.verb, reason="ClusterNotReady"))

    async def close(self) -> None:
        """Drop everything queued and cancel what runs. For shutting down only."""
        if self._timer is not None:
            self._timer.cancel()
        self._operations.clear()
        self._waiting = FairQueue()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Let what is running end; nothing queued is started any more."""
        self._not_before = float("inf")
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _pump(self) -> None:
        """Start as much as may run now."""
        wait_s = self._not_before - self._clock.monotonic()
        if wait_s > 0:
            self._wake_after(wait_s)
            return
        held_back: list[Operation] = []
        while self._waiting and len(self._running) < self._concurrency():
            target, _ = self._waiting.pop()
            operation = self._operations[target]
            if target in self._running:
                held_back.append(operation)
                continue
            del self._operations[target]
            del self._queued_at[target]
            self._running[target] = (operation, self._clock.monotonic())
            task = asyncio.get_running_loop().create_task(self._carry(operation))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        for operation in held_back:
            self._waiting.push(operation.target, operation.priority, operation.group)

    def _concurrency(self) -> int:
        """After silence one operation goes ahead to find out whether the server is back."""
        return 1 if self._silent >= self._limits.failures_to_open else self._limits.concurrency

    def _wake_after(self, wait_s: float) -> None:
        if self._timer is None and wait_s != float("inf"):
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._pump()

    async def _carry(self, operation: Operation) -> None:
        started = self._clock.monotonic()
        error: KubefedError | None = None
        try:
            await operation.run()
        except KubefedError as problem:
            error = problem
        except Exception as problem:  # noqa: BLE001 - whoever waits for the end must hear of it
            report_bug(f"operation {operation.verb}", problem)
            error = Bug(operation.verb)
        finally:
            del self._running[operation.target]
        self._observe(operation.verb, error, self._clock.monotonic() - started)
        self._learn(error)
        if self._asked_to_wait(error):
            self._requeue(operation)
        else:
            operation.ended(error)
        self._pump()

    def _learn(self, error: KubefedError | None) -> None:
        """Any answer at all is a sign of life; silence opens the circuit when it repeats."""
        if isinstance(error, LeadershipLost):
            return
        if isinstance(error, Retryable) and error.after_s is not None:
            self._hold(error.after_s)
        if not (isinstance(error, Retryable) and error.status == 0):
            self._silent = 0
            return
        self._silent += 1
        if self._silent >= self._limits.failures_to_open:
            self._hold(self._limits.reopen.delay_s(self._silent - self._limits.failures_to_open + 1, self._rng))

    def _hold(self, wait_s: float) -> None:
        self._not_before = max(self._not_before, self._clock.monotonic() + wait_s)

    @staticmethod
    def _asked_to_wait(error: KubefedError | None) -> bool:
        """The server turned the request away unseen: the operation is still due, as it is."""
        return isinstance(error, ApiError) and error.status == 429

    def _requeue(self, operation: Operation) -> None:
        if operation.target not in self._operations:
            self.submit(operation)
