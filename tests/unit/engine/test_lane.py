"""The lane to one server: one operation a target, patience with a busy server, nothing wasted on one that is gone."""

import asyncio
from dataclasses import replace

import pytest

from kubefed.core.errors import (
    ApiError,
    Bug,
    KubefedError,
    LeadershipLost,
    OutcomeUnknown,
    Rejected,
    Retryable,
    Stale,
    Unreachable,
)
from kubefed.engine.backoff import Backoff
from kubefed.engine.lane import Lane, LaneLimits, Operation, UnderWay
from kubefed.engine.priority import Priority
from tests.fakes.clock import LoopClock, seeded
from tests.fakes.loop import virtually
from tests.fakes.waiting import settled

REOPEN = Backoff(first_s=1.0, longest_s=30.0)
LIMITS = LaneLimits(concurrency=4, failures_to_open=3, reopen=REOPEN)


def turned_away(after_s: float | None) -> Retryable:
    error = Retryable("PUT /a", status=429, reason="TooManyRequests")
    error.after_s = after_s
    return error


def unavailable(after_s: float | None) -> Retryable:
    error = Retryable("PUT /a", status=503, reason="ServiceUnavailable")
    error.after_s = after_s
    return error


class Server:
    """What operations meet: it answers after `takes_s` with `answer`, and knows who asked when."""

    def __init__(self, limits: LaneLimits = LIMITS) -> None:
        self.asked: list[tuple[str, float]] = []
        self.ended: list[tuple[str, KubefedError | None]] = []
        self.observed: list[tuple[str, KubefedError | None, float]] = []
        self.answer: BaseException | None = None
        self.takes_s = 0.0
        self.at_once = 0
        self.most_at_once = 0
        self.lane = Lane(LoopClock(), seeded(), self._observe, limits)

    def submit(
        self,
        target: str,
        verb: str = "",
        *,
        group: str = "",
        priority: Priority = Priority.EVENT,
    ) -> None:
        name = verb or target

        def ended(error: KubefedError | None) -> None:
            self.ended.append((name, error))

        self.lane.submit(Operation(target, name, lambda: self._serve(name), ended, priority, group))

    async def _serve(self, name: str) -> None:
        self.asked.append((name, round(asyncio.get_running_loop().time(), 3)))
        answer = self.answer
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.takes_s)
        finally:
            self.at_once -= 1
        if answer is not None:
            raise answer

    def _observe(self, verb: str, error: KubefedError | None, seconds: float) -> None:
        self.observed.append((verb, error, round(seconds, 3)))

    def under_way(self, target: str) -> UnderWay | None:
        found = self.lane.under_way(target)
        return replace(found, since=round(found.since, 3)) if found else None

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.asked]

    @property
    def times(self) -> list[float]:
        return [at for _, at in self.asked]


def test_an_operation_runs_and_its_end_is_told_once() -> None:
    async def story() -> None:
        server = Server()
        server.takes_s = 2.0
        server.submit("a", "update")
        await asyncio.sleep(10.0)
        assert server.ended == [("update", None)]
        assert server.observed == [("update", None, 2.0)]
        assert len(server.lane) == 0
        assert server.lane.under_way("a") is None

    virtually(story())


def test_a_refusal_is_told_and_the_lane_goes_on() -> None:
    async def story() -> None:
        server = Server()
        server.answer = refused = Rejected("PUT /a", status=422)
        server.submit("a")
        await settled()
        server.answer = None
        server.submit("b")
        await settled()
        assert server.ended == [("a", refused), ("b", None)]

    virtually(story())


@pytest.mark.parametrize("bug", [ZeroDivisionError("secret"), asyncio.CancelledError()])
def test_a_bug_in_an_operation_is_told_as_one_and_the_lane_goes_on(bug: BaseException) -> None:
    """Even a cancellation that a library let slip: whoever waits for the end must hear of it."""

    async def story() -> None:
        server = Server(LaneLimits(concurrency=1))
        server.answer = bug
        server.submit("a", "update")
        server.submit("b")
        await settled()
        (_, error), *_ = server.ended
        assert isinstance(error, Bug)
        assert str(error) == "update"
        assert len(server.ended) == 2

    virtually(story())


def test_a_listener_that_fails_holds_nobody_up() -> None:
    async def story() -> None:
        server = Server(LaneLimits(concurrency=1))

        def ended(_: KubefedError | None) -> None:
            raise LookupError

        async def act() -> None:
            return

        server.lane.submit(Operation("a", "update", act, ended))
        server.submit("b")
        await settled()
        assert server.names == ["b"]

    virtually(story())


def test_a_listener_that_fails_keeps_no_other_from_hearing_that_the_server_is_gone() -> None:
    async def story() -> None:
        server = Server(LaneLimits(concurrency=0))

        def ended(_: KubefedError | None) -> None:
            raise LookupError

        async def act() -> None:
            return

        server.lane.submit(Operation("a", "update", act, ended))
        server.submit("b")
        server.lane.clear()
        assert [name for name, _ in server.ended] == ["b"]

    virtually(story())


# --- one operation a target ------------------------------------------------------------------------------------


def test_no_more_run_at_once_than_the_server_is_asked_for() -> None:
    async def story() -> None:
        server = Server()
        server.takes_s = 1.0
        for number in range(20):
            server.submit(f"t{number}")
        await asyncio.sleep(60.0)
        assert (len(server.ended), server.most_at_once) == (20, 4)
        assert max(server.times) == pytest.approx(4.0)

    virtually(story())


def test_a_newer_operation_replaces_one_that_waits_and_follows_one_that_runs() -> None:
    async def story() -> None:
        server = Server()
        server.takes_s = 5.0
        server.submit("a", "first")
        await asyncio.sleep(1.0)
        server.submit("a", "second")
        server.submit("a", "third")
        assert server.under_way("a") == UnderWay("first", running=True, since=0.0)
        assert len(server.lane) == 2
        await asyncio.sleep(5.0)
        assert server.under_way("a") == UnderWay("third", running=True, since=5.0)
        await asyncio.sleep(60.0)
        assert server.asked == [("first", 0.0), ("third", 5.0)]
        assert server.ended == [("first", None), ("third", None)]
        assert server.most_at_once == 1

    virtually(story())


def test_an_operation_that_waits_for_its_target_is_not_overtaken_by_silence_about_others() -> None:
    """Those that follow one that is running take no slot from those that could run."""

    async def story() -> None:
        server = Server(LaneLimits(concurrency=2))
        server.takes_s = 5.0
        server.submit("a", "first")
        await asyncio.sleep(1.0)
        server.submit("a", "second")
        server.submit("b")
        await asyncio.sleep(1.0)
        assert server.asked[1] == ("b", 1.0)

    virtually(story())


def test_what_waits_is_known_with_the_time_since_when() -> None:
    async def story() -> None:
        server = Server(LaneLimits(concurrency=1))
        server.takes_s = 30.0
        server.submit("a")
        await asyncio.sleep(2.0)
        server.submit("b", "create")
        await asyncio.sleep(2.0)
        server.submit("b", "delete")
        assert server.under_way("b") == UnderWay("delete", running=False, since=2.0)

    virtually(story())


def test_edits_go_before_resyncs_and_tenants_take_turns() -> None:
    async def story() -> None:
        server = Server(LaneLimits(concurrency=1))
        server.takes_s = 1.0
        server.submit("busy")
        for number in range(3):
            server.submit(f"resync{number}", priority=Priority.RESYNC, group="a")
        server.submit("resync-of-b", priority=Priority.RESYNC, group="b")
        server.submit("edit", priority=Priority.EDIT, group="b")
        await asyncio.sleep(60.0)
        assert server.names == ["busy", "edit", "resync0", "resync-of-b", "resync1", "resync2"]

    virtually(story())


# --- a server that is busy -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after_s", "wait_s"), [(5.0, 5.0), (0.0, 1.0), (None, 1.0)])
def test_an_operation_that_was_turned_away_runs_again_when_the_server_said_and_never_at_once(
    after_s: float | None, wait_s: float
) -> None:
    async def story() -> None:
        server = Server()
        server.answer = turned_away(after_s)
        server.submit("a")
        await asyncio.sleep(0.5)
        server.answer = None
        await asyncio.sleep(60.0)
        assert server.times == pytest.approx([0.0, wait_s])
        assert server.ended == [("a", None)]

    virtually(story())


def test_a_server_that_turns_everything_away_is_asked_once_a_wait_by_each_worker() -> None:
    async def story() -> None:
        server = Server()
        server.answer = turned_away(10.0)
        for number in range(100):
            server.submit(f"t{number}")
        await asyncio.sleep(99.0)
        assert len(server.asked) <= 10 * LIMITS.concurrency
        assert server.ended == []
        server.answer = None
        await asyncio.sleep(60.0)
        assert len(server.ended) == 100

    virtually(story())


@pytest.mark.parametrize("busy", [turned_away(30.0), unavailable(30.0)])
def test_no_sign_of_life_shortens_a_wait_that_the_server_asked_for(busy: Retryable) -> None:
    """Probes succeed all the while: a server that is too busy for writes answers /healthz."""

    async def story() -> None:
        server = Server()
        server.answer = busy
        server.submit("a")
        await asyncio.sleep(1.0)
        server.answer = None
        for _ in range(10):
            server.lane.resume()
            server.submit("b")
            await asyncio.sleep(2.0)
        assert server.names == ["a"]
        await asyncio.sleep(60.0)
        assert server.times[1] == pytest.approx(30.0)

    virtually(story())


def test_a_newer_operation_takes_the_place_of_one_that_was_turned_away() -> None:
    async def story() -> None:
        server = Server()
        server.takes_s = 1.0
        server.answer = turned_away(5.0)
        server.submit("a", "first")
        await asyncio.sleep(0.5)
        server.answer = None
        server.submit("a", "second")
        await asyncio.sleep(60.0)
        assert server.names == ["first", "second"]
        assert server.ended == [("second", None)]

    virtually(story())


# --- a server that does not answer -----------------------------------------------------------------------------


@pytest.mark.parametrize("silence", [Unreachable("PUT /a"), OutcomeUnknown("PUT /a")])
def test_after_some_silence_nothing_is_sent_for_a_while_and_then_one_at_a_time(silence: ApiError) -> None:
    async def story() -> None:
        server = Server()
        server.answer = silence
        server.takes_s = 0.1
        for number in range(200):
            server.submit(f"t{number}")
        await asyncio.sleep(0.4)
        burst = len(server.asked)
        assert LIMITS.failures_to_open <= burst <= LIMITS.failures_to_open + LIMITS.concurrency
        await asyncio.sleep(600.0)
        trials = server.times[burst:]
        waits = [later - earlier for earlier, later in zip([0.1, *trials], trials, strict=False)]
        for number, wait_s in enumerate(waits[:4]):
            assert 0.5 * 2**number <= wait_s <= 2**number + 0.3
        assert all(15.0 <= wait_s <= 30.2 for wait_s in waits[6:])

    virtually(story())


def test_one_outage_is_one_outage_however_many_operations_it_hit() -> None:
    """Sixteen writes that were cut off together say no more than five: the first look afterwards is a second later."""

    async def story() -> None:
        server = Server(LaneLimits(concurrency=16, failures_to_open=5, reopen=REOPEN))
        server.answer = Unreachable("PUT /a")
        server.takes_s = 3.0
        for number in range(40):
            server.submit(f"t{number}")
        await asyncio.sleep(3.1)
        server.answer = None
        await asyncio.sleep(60.0)
        stragglers = 4
        assert server.times[16 + stragglers] <= 3.0 + 3.0
        assert len(server.ended) == 40

    virtually(story())


def test_after_an_answer_everything_flows_again() -> None:
    async def story() -> None:
        server = Server()
        server.answer = Unreachable("PUT /a")
        for number in range(30):
            server.submit(f"t{number}")
        await settled()
        server.answer = None
        server.takes_s = 1.0
        server.most_at_once = 0
        await asyncio.sleep(60.0)
        assert server.most_at_once == LIMITS.concurrency
        assert len(server.lane) == 0

    virtually(story())


@pytest.mark.parametrize("error", [Stale("PUT /a", status=409), unavailable(None)])
def test_an_answer_of_any_kind_is_a_sign_of_life(error: ApiError) -> None:
    async def story() -> None:
        server = Server()
        for _ in range(20):
            for answer in (Unreachable("PUT /a"), Unreachable("PUT /a"), error):
                server.answer = answer
                server.submit("a")
                await settled()
        assert len(server.asked) == 60
        assert max(server.times) == 0.0

    virtually(story())


def test_what_fails_on_our_side_says_nothing_of_the_server() -> None:
    async def story() -> None:
        server = Server()
        for number in range(3):
            for answer in (LeadershipLost(), Unreachable("PUT /a"), ZeroDivisionError()):
                server.answer = answer
                server.submit(f"t{number}")
                await settled()
        assert len(server.asked) == 8

    virtually(story())


def test_when_the_server_is_known_to_be_back_nothing_waits_any_longer() -> None:
    async def story() -> None:
        server = Server()
        server.answer = Unreachable("PUT /a")
        for number in range(20):
            server.submit(f"t{number}")
        await asyncio.sleep(120.0)
        waiting = len(server.lane)
        server.answer, server.takes_s, server.most_at_once = None, 1.0, 0
        server.lane.resume()
        assert waiting > LIMITS.concurrency
        await asyncio.sleep(0.5)
        assert server.most_at_once == LIMITS.concurrency

    virtually(story())


def test_a_wait_that_was_called_off_does_not_make_a_shorter_one_longer() -> None:
    """An open circuit, a sign of life, then `Retry-After: 2`: the operation goes two seconds later, not when the circuit
    would have closed."""

    async def story() -> None:
        server = Server(LaneLimits(concurrency=1, failures_to_open=1, reopen=Backoff(60.0, 60.0)))
        server.answer = Unreachable("PUT /a")
        server.submit("a")
        server.submit("b")
        await settled()
        server.answer = turned_away(2.0)
        server.lane.resume()
        await settled()
        server.answer = None
        await asyncio.sleep(20.0)
        assert server.asked[1:] == [("b", 0.0), ("b", 2.0)]

    virtually(story())


def test_when_the_server_is_gone_what_waits_ends_and_what_runs_may_end_by_itself() -> None:
    async def story() -> None:
        server = Server(LaneLimits(concurrency=1))
        server.takes_s = 5.0
        server.submit("a")
        server.submit("b")
        await asyncio.sleep(1.0)
        server.lane.clear()
        (name, error), *none = server.ended
        assert (name, none) == ("b", [])
        assert isinstance(error, Unreachable)
        assert server.lane.under_way("b") is None
        await asyncio.sleep(10.0)
        assert server.ended[1:] == [("a", None)]

    virtually(story())


def test_whoever_hears_that_the_server_is_gone_may_ask_for_the_same_again() -> None:
    async def story() -> None:
        server = Server(LaneLimits(concurrency=0))
        told: list[str] = []

        async def act() -> None:
            return

        def again(_: KubefedError | None) -> None:
            told.append("gone")
            server.submit("a")

        server.lane.submit(Operation("a", "update", act, again))
        server.lane.clear()
        assert told == ["gone"]
        assert len(server.lane) == 1

    virtually(story())


# --- the end ---------------------------------------------------------------------------------------------------


def test_draining_lets_what_runs_end_and_starts_nothing() -> None:
    async def story() -> None:
        server = Server(LaneLimits(concurrency=1))
        server.takes_s = 5.0
        server.submit("a")
        server.submit("b")
        await asyncio.sleep(1.0)
        draining = asyncio.create_task(server.lane.drain())
        await settled()
        server.lane.resume()  # probes go on until the very end
        server.submit("c")
        await draining
        await asyncio.sleep(60.0)
        assert server.names == ["a"]
        assert server.ended == [("a", None)]
        assert asyncio.get_running_loop().time() == pytest.approx(65.0)

    virtually(story())


def test_draining_does_not_wait_for_what_was_turned_away() -> None:
    async def story() -> None:
        server = Server()
        server.takes_s = 1.0
        server.answer = turned_away(300.0)
        server.submit("a")
        await settled()
        await server.lane.drain()
        assert asyncio.get_running_loop().time() == pytest.approx(1.0)

    virtually(story())


def test_closing_cancels_what_runs_and_leaves_nothing_behind() -> None:
    async def story() -> None:
        server = Server()
        server.takes_s = 3600.0
        for number in range(10):
            server.submit(f"t{number}")
        await asyncio.sleep(1.0)
        await server.lane.close()
        server.submit("late")
        assert len(asyncio.all_tasks()) == 1
        assert (server.at_once, server.ended, len(server.asked)) == (0, [], LIMITS.concurrency)

    virtually(story())


def test_a_lane_with_a_share_runs_no_more_than_that_at_once_and_follows_it_as_it_changes() -> None:
    async def story() -> None:
        share, running, most = [2], [0], [0]

        async def work() -> None:
            running[0] += 1
            most[0] = max(most[0], running[0])
            await asyncio.sleep(1)
            running[0] -= 1

        lane = Lane(LoopClock(), seeded(), lambda *_: None, LaneLimits(concurrency=4), share=lambda: share[0])
        for number in range(4):
            lane.submit(Operation(f"target-{number}", "PUT", work, lambda _: None))
        await asyncio.sleep(10)
        assert most == [2]
        share[0] = 9
        for number in range(8):
            lane.submit(Operation(f"target-{number}", "PUT", work, lambda _: None))
        await asyncio.sleep(10)
        assert most == [4]

    virtually(story())
