"""Running controllers: outcomes and what they do to the queue, bugs that cost one key, tasks that are kept alive."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import pairwise

import pytest

from kubefed.core.names import ObjectKey
from kubefed.engine.loop import Again, Done, Failed, Outcome, keep_running, run
from kubefed.engine.priority import Priority
from kubefed.engine.queue import RETRY, Queue
from tests.fakes.clock import LoopClock, seeded
from tests.fakes.loop import virtually

A, B = ObjectKey("shop", "a"), ObjectKey("shop", "b")
EDIT = Priority.EDIT


class Script:
    """A controller that does as it is told: outcomes by key, the last one again and again. It remembers who came when."""

    def __init__(self, **outcomes: list[Outcome | Exception]) -> None:
        self.visits: list[tuple[str, float]] = []
        self.outcomes = outcomes
        self.counted: list[str] = []

    def reconcile(self, key: ObjectKey, priority: Priority) -> Outcome:
        assert priority in Priority
        self.visits.append((key.name, asyncio.get_running_loop().time()))
        outcomes = self.outcomes[key.name]
        outcome = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def count(self, controller: str, outcome: str, seconds: float, waited_s: float) -> None:
        assert seconds >= 0.0
        assert waited_s >= 0.0
        self.counted.append(f"{controller} {outcome}")

    def times(self, name: str) -> list[float]:
        return [at for visited, at in self.visits if visited == name]


@asynccontextmanager
async def served(script: Script) -> AsyncIterator[Queue]:
    queue = Queue(LoopClock(), seeded())
    task = asyncio.create_task(run("sync", script, queue, script.count))
    try:
        yield queue
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        queue.close()


def test_a_key_that_went_well_is_left_alone() -> None:
    async def story() -> None:
        script = Script(a=[Done()])
        async with served(script) as queue:
            queue.add(A, EDIT)
            await asyncio.sleep(3600.0)
        assert script.times("a") == [0.0]
        assert script.counted == ["sync done"]

    virtually(story())


def test_a_key_that_asks_for_another_look_gets_it_when_it_said() -> None:
    async def story() -> None:
        script = Script(a=[Again(30.0), Again(60.0), Done()])
        async with served(script) as queue:
            queue.add(A, EDIT)
            await asyncio.sleep(3600.0)
        assert script.times("a") == pytest.approx([0.0, 30.0, 90.0])

    virtually(story())


def test_an_exception_costs_its_key_a_backoff_and_nobody_else_anything() -> None:
    async def story() -> None:
        script = Script(a=[ZeroDivisionError(), RecursionError(), Done()], b=[Done()])
        async with served(script) as queue:
            queue.add(A, EDIT)
            queue.add(B, EDIT)
            await asyncio.sleep(600.0)
        first, second, third = script.times("a")
        assert RETRY.first_s / 2 <= second - first <= RETRY.first_s <= third - second <= 2 * RETRY.first_s
        assert script.times("b") == [0.0]
        assert sorted(script.counted) == ["sync done", "sync done", "sync failed", "sync failed"]

    virtually(story())


def test_a_key_that_always_fails_is_looked_at_no_more_than_once_a_minute_in_the_end() -> None:
    async def story() -> None:
        script = Script(a=[Failed()])
        async with served(script) as queue:
            queue.add(A, EDIT)
            await asyncio.sleep(24 * 3600.0)
        times = script.times("a")
        assert all(later - earlier >= 30.0 for earlier, later in pairwise(times[10:]))
        assert len(times) > 24 * 60

    virtually(story())


@pytest.mark.parametrize("good", [Done(), Again(1.0)])
def test_after_going_well_the_next_failure_waits_shortly_again(good: Outcome) -> None:
    async def story() -> None:
        script = Script(a=[*[Failed()] * 6, good, Failed(), Done()])
        async with served(script) as queue:
            queue.add(A, EDIT)
            await asyncio.sleep(300.0)
            queue.add(A, EDIT)
            await asyncio.sleep(300.0)
        *_, before, last = script.times("a")
        assert last - before <= max(RETRY.first_s, 300.0 * isinstance(good, Again))

    virtually(story())


def test_a_change_that_comes_while_a_key_waits_out_its_backoff_is_looked_at_at_once() -> None:
    async def story() -> None:
        script = Script(a=[*[Failed()] * 8, Done()])
        async with served(script) as queue:
            queue.add(A, EDIT)
            await asyncio.sleep(20.0)
            queue.add(A, EDIT)
            await asyncio.sleep(0.001)
        assert script.times("a")[-1] == pytest.approx(20.0)

    virtually(story())


def test_other_tasks_get_their_turn_however_many_keys_wait() -> None:
    async def story() -> None:
        script = Script(a=[Done()])
        async with served(script) as queue:
            for number in range(100):
                queue.add(ObjectKey(str(number), "a"), EDIT)
            for _ in range(5):
                await asyncio.sleep(0)
            assert 0 < len(script.visits) <= 5

    virtually(story())


# --- supervision -----------------------------------------------------------------------------------------------


async def kept(work: Callable[[], Awaitable[None]], for_s: float) -> None:
    """Keep work running for so long, and see that it lets itself be stopped."""
    task = asyncio.create_task(keep_running("test", work))
    await asyncio.sleep(for_s)
    task.cancel()
    await asyncio.wait({task}, timeout=5.0)
    assert task.cancelled()


def test_work_that_fails_is_started_again_with_growing_pauses() -> None:
    async def story() -> None:
        times: list[float] = []

        async def work() -> None:
            times.append(asyncio.get_running_loop().time())
            raise LookupError

        await kept(work, 600.0)
        pauses = [later - earlier for earlier, later in pairwise(times)]
        assert 0.25 <= pauses[0] <= 0.5
        assert all(15.0 <= pause <= 30.0 for pause in pauses[7:])

    virtually(story())


def test_work_that_went_on_for_long_before_it_failed_is_started_again_soon() -> None:
    async def story() -> None:
        times: list[float] = []

        async def work() -> None:
            times.append(asyncio.get_running_loop().time())
            await asyncio.sleep(3600.0)
            raise LookupError

        await kept(work, 24 * 3600.0)
        assert all(later - earlier <= 3600.5 for earlier, later in pairwise(times))

    virtually(story())


def test_a_cancellation_that_nobody_asked_for_does_not_end_supervision() -> None:
    """A library that cancels what somebody waits for must not take a reflector down for good."""

    async def story() -> None:
        starts = 0

        async def work() -> None:
            nonlocal starts
            starts += 1
            if starts < 4:
                raise asyncio.CancelledError
            await asyncio.Event().wait()

        await kept(work, 60.0)
        assert starts == 4

    virtually(story())


def test_work_that_ends_at_once_again_and_again_starves_nobody() -> None:
    async def story() -> None:
        starts = 0

        async def work() -> None:
            nonlocal starts
            starts += 1
            if starts > 1000:
                await asyncio.Event().wait()

        await kept(work, 1.0)
        assert starts == 1001

    virtually(story())


def test_work_that_fails_while_it_is_stopped_does_not_go_on() -> None:
    async def story() -> None:
        starts = 0

        async def work() -> None:
            nonlocal starts
            starts += 1
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise LookupError from None

        await kept(work, 1.0)
        assert starts == 1

    virtually(story())
