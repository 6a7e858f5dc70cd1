"""Runs a controller: takes keys, lets it decide, does with the queue what the outcome says. And keeps tasks alive."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from kubefed.core.names import ObjectKey
from kubefed.core.tasks import being_cancelled
from kubefed.engine.backoff import Backoff
from kubefed.engine.bugs import report_bug
from kubefed.engine.priority import Priority
from kubefed.engine.queue import Queue

_RESTART = Backoff(first_s=0.5, longest_s=30.0)
_STABLE_S = 60.0
"""Work that went on for this long before it failed had begun well: the next pause is a short one."""


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more to do until something changes. Resets the key's backoff."""


@dataclass(frozen=True, slots=True)
class Again:
    """Look once more in `after_s` seconds; not a failure."""

    after_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """Did not work out: look again after the key's own, growing backoff."""


Outcome = Done | Again | Failed


class Reconciler(Protocol):
    """One controller. `reconcile` decides from what is known locally, hands operations to lanes, and never waits."""

    def reconcile(self, key: ObjectKey, priority: Priority) -> Outcome: ...


class CountOutcome(Protocol):
    """Who counts reconciles: hears the controller, the outcome's name, the seconds it took and those that it waited."""

    def __call__(self, controller: str, outcome: str, seconds: float, waited_s: float) -> None: ...


async def run(name: str, reconciler: Reconciler, queue: Queue, count: CountOutcome) -> None:
    """Serve `queue` until cancelled. An unexpected exception costs its key a backoff and nothing else."""
    loop = asyncio.get_running_loop()
    while True:
        key, priority = await queue.get()
        waited_s, started = queue.waited_s, loop.time()
        outcome: Outcome
        try:
            outcome = reconciler.reconcile(key, priority)
        except Exception as problem:  # noqa: BLE001 - the one place where a bug of ours is caught
            report_bug(name, problem, key=str(key))
            outcome = Failed()
        match outcome:
            case Done():
                queue.forget(key)
            case Again(after_s):
                queue.forget(key)
                queue.add_after(key, after_s)
            case Failed():
                queue.retry(key)
        queue.done(key)
        count(name, type(outcome).__name__.lower(), loop.time() - started, waited_s)
        await asyncio.sleep(0)


async def keep_running(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` again and again until cancelled, with growing pauses after a failure: no bug ends the process."""
    failures, rng = 0, random.Random()  # noqa: S311 - jitter
    loop = asyncio.get_running_loop()
    while True:
        started, pause_s = loop.time(), 0.0
        try:
            await work()
            failures = 0
        except (Exception, asyncio.CancelledError) as problem:  # noqa: BLE001 - supervision
            if being_cancelled():
                raise asyncio.CancelledError from None
            failures = 1 if loop.time() - started >= _STABLE_S else failures + 1
            report_bug(name, problem)
            pause_s = _RESTART.delay_s(failures, rng)
        await asyncio.sleep(pause_s)
