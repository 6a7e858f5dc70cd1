"""The work queue: every key that was added is looked at, once at a time, when it is due, and never forgotten."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kubefed.core.names import ObjectKey
from kubefed.engine.priority import Priority
from kubefed.engine.queue import RETRY, Queue
from tests.fakes.clock import FakeClock, LoopClock, seeded
from tests.fakes.loop import VirtualTimeLoop, virtually
from tests.fakes.waiting import settled

T = TypeVar("T")

A, B = ObjectKey("shop", "a"), ObjectKey("shop", "b")
EDIT, EVENT, RESYNC = Priority.EDIT, Priority.EVENT, Priority.RESYNC


def a_queue() -> Queue:
    return Queue(LoopClock(), seeded())


def test_a_key_that_is_added_twice_is_looked_at_once() -> None:
    async def story() -> None:
        queue = a_queue()
        queue.add(A, RESYNC)
        queue.add(A, EDIT)
        assert len(queue) == 1
        assert await queue.get() == (A, EDIT)
        assert not queue

    virtually(story())


def test_a_key_that_is_added_while_it_is_looked_at_is_looked_at_again_and_not_at_the_same_time() -> None:
    async def story() -> None:
        queue = a_queue()
        queue.add(A, RESYNC)
        await queue.get()
        queue.add(A, RESYNC)
        queue.add(A, EDIT)
        queue.add(A, EVENT)
        assert not queue
        assert not queue.idle
        queue.done(A)
        assert await queue.get() == (A, EDIT)
        queue.done(A)
        assert queue.idle

    virtually(story())


def test_whoever_waits_for_a_key_gets_it_when_it_comes() -> None:
    async def story() -> None:
        queue = a_queue()
        waiting = [asyncio.create_task(queue.get()) for _ in range(2)]
        await settled()
        queue.add(A, EDIT)
        queue.add(B, EDIT)
        assert sorted(await asyncio.gather(*waiting)) == [(A, EDIT), (B, EDIT)]

    virtually(story())


def test_a_waiter_that_gives_up_takes_no_key_along() -> None:
    async def story() -> None:
        queue = a_queue()
        waiting = asyncio.create_task(queue.get())
        await settled()
        queue.add(A, EDIT)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await queue.get() == (A, EDIT)

    virtually(story())


def test_an_appointment_is_kept_to_the_second() -> None:
    async def story() -> None:
        queue, loop = a_queue(), asyncio.get_running_loop()
        queue.add_after(B, 90.0)
        queue.add_after(A, 30.0)
        assert (await queue.get())[0] == A
        assert loop.time() == pytest.approx(30.0)
        assert (await queue.get())[0] == B
        assert loop.time() == pytest.approx(90.0)

    virtually(story())


@pytest.mark.parametrize("delays_s", [(30.0, 90.0), (90.0, 30.0), (30.0, 30.0)])
def test_of_two_appointments_the_earlier_stands_and_the_other_is_forgotten(delays_s: tuple[float, float]) -> None:
    async def story() -> None:
        queue, loop = a_queue(), asyncio.get_running_loop()
        for delay_s in delays_s:
            queue.add_after(A, delay_s)
        await queue.get()
        assert loop.time() == pytest.approx(30.0)
        queue.done(A)
        await asyncio.sleep(1000.0)
        assert queue.idle

    virtually(story())


def test_whoever_looks_at_a_key_drops_its_appointments() -> None:
    async def story() -> None:
        queue = a_queue()
        queue.add_after(A, 30.0)
        queue.add(A, EDIT)
        await queue.get()
        queue.done(A)
        await asyncio.sleep(1000.0)
        assert queue.idle

    virtually(story())


def test_an_appointment_that_comes_due_while_its_key_is_looked_at_is_not_lost() -> None:
    async def story() -> None:
        queue = a_queue()
        queue.add(A, EDIT)
        await queue.get()
        queue.add_after(A, 30.0)
        await asyncio.sleep(60.0)
        assert not queue
        queue.done(A)
        assert (await queue.get())[0] == A

    virtually(story())


def test_time_that_passed_in_a_suspend_counts() -> None:
    """The loop's timers stand still while the machine sleeps; the clock does not."""

    async def story() -> None:
        clock = FakeClock()
        queue, loop = Queue(clock, seeded()), asyncio.get_running_loop()
        queue.add_after(A, 30.0)
        clock.advance(3600.0)
        queue.add_after(B, 60.0)
        assert (await queue.get())[0] == A
        assert loop.time() < 1.0

    virtually(story())


def test_each_failure_in_a_row_doubles_the_wait_up_to_a_minute() -> None:
    async def story() -> None:
        queue, loop = a_queue(), asyncio.get_running_loop()
        for failure in range(1, 12):
            started = loop.time()
            promised_s = queue.retry(A)
            await queue.get()
            queue.done(A)
            ceiling_s = min(RETRY.longest_s, RETRY.first_s * 2 ** (failure - 1))
            assert ceiling_s / 2 <= promised_s <= ceiling_s
            assert loop.time() - started == pytest.approx(promised_s)
        queue.forget(A)
        assert queue.retry(A) <= RETRY.first_s

    virtually(story())


def test_one_keys_failures_are_not_anothers() -> None:
    async def story() -> None:
        queue = a_queue()
        for _ in range(10):
            queue.retry(A)
        assert queue.retry(B) <= RETRY.first_s

    virtually(story())


def test_the_oldest_age_is_that_of_the_key_that_has_waited_longest() -> None:
    async def story() -> None:
        queue = a_queue()
        assert queue.oldest_age_s() == 0.0
        queue.add(A, RESYNC)
        await asyncio.sleep(5.0)
        queue.add(B, RESYNC)
        await asyncio.sleep(5.0)
        queue.add(A, EDIT)
        assert queue.oldest_age_s() == pytest.approx(10.0)
        await queue.get()
        assert queue.oldest_age_s() == pytest.approx(5.0)

    virtually(story())


def test_after_closing_nothing_comes_by_itself() -> None:
    async def story() -> None:
        queue = a_queue()
        queue.add_after(A, 5.0)
        queue.close()
        await asyncio.sleep(60.0)
        assert queue.idle

    virtually(story())


KEYS = st.sampled_from([ObjectKey(namespace, name) for namespace in "xy" for name in "ab"])


class Work(RuleBasedStateMachine):
    """One controller, some keys, and a model of what must be looked at and when. Time is counted in halves and seconds, so
    that nothing is due at the moment somebody looks."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualTimeLoop()
        self.queue = self.run(self.made())
        self.waiting: set[ObjectKey] = set()
        self.working: set[ObjectKey] = set()
        self.again: set[ObjectKey] = set()
        self.due: dict[ObjectKey, float] = {}

    def run(self, story: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(story)

    async def made(self) -> Queue:
        return a_queue()

    async def promised(self, key: ObjectKey, delay_s: float) -> None:
        self.queue.add_after(key, delay_s)

    def ask(self, key: ObjectKey) -> None:
        (self.again if key in self.working else self.waiting).add(key)

    @rule(key=KEYS, priority=st.sampled_from(Priority))
    def add(self, key: ObjectKey, priority: Priority) -> None:
        self.queue.add(key, priority)
        self.ask(key)

    @rule(key=KEYS, delay_s=st.integers(1, 20))
    def add_after(self, key: ObjectKey, delay_s: int) -> None:
        self.run(self.promised(key, delay_s))
        due = self.loop.time() + delay_s
        self.due[key] = min(due, self.due.get(key, due))

    @rule(seconds=st.integers(0, 12))
    def let_time_pass(self, seconds: int) -> None:
        self.run(asyncio.sleep(seconds + 0.25))
        for key, due in list(self.due.items()):
            if due <= self.loop.time():
                del self.due[key]
                self.ask(key)

    @precondition(lambda self: self.waiting)
    @rule()
    def get(self) -> None:
        key, _ = self.run(self.queue.get())
        assert key not in self.working
        self.waiting.remove(key)
        self.due.pop(key, None)
        self.working.add(key)

    @precondition(lambda self: self.working)
    @rule(chosen=st.randoms(use_true_random=False))
    def done(self, chosen: Any) -> None:
        key = chosen.choice(sorted(self.working))
        self.queue.done(key)
        self.working.remove(key)
        if key in self.again:
            self.again.remove(key)
            self.waiting.add(key)

    @invariant()
    def as_many_wait_as_should(self) -> None:
        assert len(self.queue) == len(self.waiting)
        assert self.queue.idle == (not self.waiting and not self.working)

    def teardown(self) -> None:
        """In the end everything that was asked for is looked at."""
        while self.working:
            self.done(seeded())
        self.let_time_pass(30)
        while self.waiting:
            self.get()
        assert not self.queue
        self.queue.close()
        self.loop.close()


TestWork = Work.TestCase
TestWork.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
