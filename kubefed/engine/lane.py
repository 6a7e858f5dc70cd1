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
from kubefed.core.errors import ApiError, Bug, KubefedError, Retryable, Unreachable
from kubefed.core.tasks import being_cancelled
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
_TOO_MANY_REQUESTS = 429
_LEAST_WAIT_S = 1.0
"""A server that turns a request away without saying for how long is left alone for this long."""


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
    """Operations for one server."""

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        observe: Observer,
        limits: LaneLimits | None = None,
        *,
        share: Callable[[], int] | None = None,
    ) -> None:
        """`share`: how many operations may run at once at the moment, where that is less than the limit."""
        self._clock = clock
        self._rng = rng
        self._observe = observe
        self._limits = limits or LaneLimits()
        self._share = share
        self._waiting: FairQueue[Target] = FairQueue()
        self._operations: dict[Target, Operation] = {}
        self._queued_at: dict[Target, float] = {}
        self._running: dict[Target, tuple[Operation, float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending = False
        self._asked_until = float("-inf")
        self._open_until = float("-inf")
        self._opened_at = float("-inf")
        self._openings = 0
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
        """The server is known to answer again: forget its silence and go on, unless it asked us to wait."""
        self._forget_silence()
        self._pump()

    def clear(self) -> None:
        """The server is gone: queued operations end as Unreachable; those running end by their own deadlines."""
        waiting = [self._operations.pop(target) for target in list(self._operations)]
        for operation in waiting:
            self._waiting.discard(operation.target)
            self._queued_at.pop(operation.target, None)
        for operation in waiting:
            self._tell_end(operation, Unreachable(operation.verb, reason="ClusterNotReady"))

    async def close(self) -> None:
        """Drop everything queued or still to come, and cancel what runs. For shutting down only."""
        self._ending = True
        if self._timer is not None:
            self._timer.cancel()
        self._operations.clear()
        self._waiting = FairQueue()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Let what is running end; nothing queued is started any more."""
        self._ending = True
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _pump(self) -> None:
        """Start as much as may run now."""
        if self._ending:
            return
        wait_s = max(self._asked_until, self._open_until) - self._clock.monotonic()
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
        if self._silent >= self._limits.failures_to_open:
            return 1
        most = self._limits.concurrency
        return most if self._share is None else min(most, self._share())

    def _wake_after(self, wait_s: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + wait_s
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = loop.call_at(due, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._pump()

    async def _carry(self, operation: Operation) -> None:
        started = self._clock.monotonic()
        try:
            error = await _outcome(operation)
        finally:
            del self._running[operation.target]
        self._observe(operation.verb, error, self._clock.monotonic() - started)
        self._learn(error, started)
        if _was_turned_away(error):
            self._requeue(operation)
        else:
            self._tell_end(operation, error)
        self._pump()

    def _tell_end(self, operation: Operation, error: KubefedError | None) -> None:
        """Whoever hears of the end may fail at it; the lane goes on."""
        try:
            operation.ended(error)
        except Exception as problem:  # noqa: BLE001 - one operation's listener must not hold up the others
            report_bug(f"end of operation {operation.verb}", problem)

    def _learn(self, error: KubefedError | None, started: float) -> None:
        """Any answer at all is a sign of life; silence opens the circuit when it repeats. What failed on our side, such as
        the lease, says nothing of the server."""
        if error is not None and not isinstance(error, ApiError):
            return
        if isinstance(error, Retryable) and error.status == 0:
            self._learn_of_silence(started)
            return
        self._forget_silence()
        if _was_turned_away(error) or (isinstance(error, Retryable) and error.after_s):
            wait_s = max(getattr(error, "after_s", None) or 0.0, _LEAST_WAIT_S)
            self._asked_until = max(self._asked_until, self._clock.monotonic() + wait_s)

    def _learn_of_silence(self, started: float) -> None:
        """What was under way when the circuit opened tells the same silence once more: only what was sent afterwards, to
        find out, makes the next wait longer."""
        self._silent += 1
        if self._silent < self._limits.failures_to_open or started <= self._opened_at:
            return
        self._openings += 1
        self._opened_at = self._clock.monotonic()
        self._open_until = self._opened_at + self._limits.reopen.delay_s(self._openings, self._rng)

    def _forget_silence(self) -> None:
        self._silent = self._openings = 0
        self._opened_at = self._open_until = float("-inf")

    def _requeue(self, operation: Operation) -> None:
        if operation.target not in self._operations:
            self.submit(operation)


async def _outcome(operation: Operation) -> KubefedError | None:
    """Run an operation to its end: None when it went well. Raises only when the lane itself cancels it."""
    try:
        await operation.run()
    except KubefedError as problem:
        return problem
    except (Exception, asyncio.CancelledError) as problem:
        if being_cancelled():
            raise
        report_bug(f"operation {operation.verb}", problem)
        return Bug(operation.verb)
    return None


def _was_turned_away(error: KubefedError | None) -> bool:
    """The server did not look at the request: the operation is still due, as it is."""
    return isinstance(error, ApiError) and error.status == _TOO_MANY_REQUESTS
