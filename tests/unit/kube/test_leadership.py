"""One leader at a time: who takes the lease and when, and how a leader that lost it stops before anybody else begins."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from kubefed.core.clock import Clock
from kubefed.core.errors import LeadershipLost
from kubefed.core.names import ObjectKey
from kubefed.kube.lease import Leadership, LeaseTimes
from tests.fakes.apiserver import Answer, FakeApiServer, html, refuse, send, silence
from tests.fakes.clock import LoopClock
from tests.fakes.leases import COLLECTION, NAME, NAMESPACE, PATH, FakeLease
from tests.fakes.loop import virtually
from tests.fakes.waiting import eventually

TIMES = LeaseTimes(lease_duration_s=15.0, renew_deadline_s=10.0, retry_period_s=5.0)


class Elections:
    """A server with one Lease and the processes that want it."""

    def __init__(self, server: FakeApiServer) -> None:
        self.server = server
        self.lease = FakeLease(server)
        self.told: list[tuple[str, bool]] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def candidate(self, name: str, *, clock: Clock | None = None, times: LeaseTimes = TIMES) -> Leadership:
        leadership = Leadership(
            self.server.client(),
            ObjectKey(NAMESPACE, NAME),
            identity=name,
            times=times,
            clock=clock or LoopClock(),
            on_change=lambda leading: self.told.append((name, leading)),
        )
        self.tasks[name] = asyncio.create_task(leadership.run())
        return leadership

    async def stop(self, name: str) -> None:
        self.tasks[name].cancel()
        with suppress(asyncio.CancelledError):
            await self.tasks[name]

    def held_by(self, name: str, *, transitions: Any = 3, duration_s: Any = 15, version: str = "100") -> None:
        """Somebody else wrote the Lease."""
        spec = {"holderIdentity": name, "leaseTransitions": transitions, "leaseDurationSeconds": duration_s}
        metadata = {"name": NAME, "namespace": NAMESPACE, "resourceVersion": version, "labels": {"kept": "yes"}}
        self.lease.current = {"metadata": metadata, "spec": spec}

    def answer(self, answer: Answer) -> None:
        """Whatever is asked of the Lease from now on is answered so."""
        for verb, path in (("GET", PATH), ("PUT", PATH), ("POST", COLLECTION)):
            self.server.on(verb, path, answer)


def tell(story: Callable[[Elections], Awaitable[None]]) -> None:
    """Let a story happen in virtual time, and end whoever is left in it."""

    async def whole() -> None:
        async with FakeApiServer() as server:
            running = Elections(server)
            try:
                await story(running)
            finally:
                for name in running.tasks:
                    await running.stop(name)

    virtually(whole())


async def comes(what: Callable[[], object]) -> None:
    """Wait for it, for a minute at most."""
    await eventually(what, within_s=60.0, look_every_s=0.1)


def now() -> float:
    return asyncio.get_running_loop().time()


class SuspendedClock(LoopClock):
    """Counts what the loop's timers do not: the time that the machine slept."""

    slept_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.slept_s


# --- taking and keeping ----------------------------------------------------------------------------------------


def test_the_first_that_asks_leads_and_keeps_leading() -> None:
    async def story(running: Elections) -> None:
        first = running.candidate("a")
        await comes(lambda: first.leading)
        running.candidate("b")
        await asyncio.sleep(600.0)
        first.fence()
        assert running.told == [("a", True)]
        assert (running.lease.holder, set(running.lease.writers)) == ("a", {"a"})
        assert first.epoch == 1

    tell(story)


def test_of_many_that_ask_at_once_one_leads() -> None:
    async def story(running: Elections) -> None:
        candidates = [running.candidate(name) for name in "abcdef"]
        await asyncio.sleep(60.0)
        assert [candidate.leading for candidate in candidates].count(True) == 1
        assert [leading for _, leading in running.told] == [True]

    tell(story)


def test_a_lease_that_is_kept_says_since_when_and_until_when() -> None:
    async def story(running: Elections) -> None:
        running.candidate("a", times=LeaseTimes(10.5, 10.2, 5.0))
        await asyncio.sleep(60.0)
        assert running.lease.current is not None
        spec = running.lease.current["spec"]
        assert spec["acquireTime"] < spec["renewTime"]
        assert spec["leaseDurationSeconds"] == 11  # others may begin when it is over: it must not be over before our fence
        assert spec["leaseTransitions"] == 1

    tell(story)


def test_what_others_wrote_into_the_lease_stays_there() -> None:
    async def story(running: Elections) -> None:
        running.held_by("", duration_s=1)
        running.candidate("a")
        await comes(lambda: running.lease.holder == "a")
        assert running.lease.current is not None
        assert running.lease.current["metadata"]["labels"] == {"kept": "yes"}

    tell(story)


def test_a_lease_without_a_spec_is_nobodys() -> None:
    async def story(running: Elections) -> None:
        running.lease.current = {"metadata": {"name": NAME, "resourceVersion": "100"}}
        leadership = running.candidate("a")
        await comes(lambda: leadership.leading)
        assert leadership.epoch == 1

    tell(story)


# --- taking over -----------------------------------------------------------------------------------------------


def test_a_lease_that_nobody_renews_is_taken_over_after_its_duration_and_not_before() -> None:
    async def story(running: Elections) -> None:
        running.held_by("gone", transitions=3)
        leadership = running.candidate("a")
        await asyncio.sleep(14.9)
        assert running.lease.writers == []
        await asyncio.sleep(20.0 - 14.9)
        assert leadership.leading
        assert leadership.epoch == 4

    tell(story)


def test_a_holder_that_asks_for_more_time_gets_it() -> None:
    async def story(running: Elections) -> None:
        running.held_by("other", duration_s=120)
        running.candidate("a")
        await asyncio.sleep(119.0)
        assert running.lease.writers == []
        await asyncio.sleep(10.0)
        assert running.lease.writers[0] == "a"

    tell(story)


def test_every_renewal_that_is_seen_counts_from_the_moment_it_was_seen() -> None:
    async def story(running: Elections) -> None:
        running.candidate("a")
        for version in range(100, 160):
            running.held_by("other", version=str(version))
            await asyncio.sleep(10.0)
        assert running.lease.writers == []

    tell(story)


def test_a_slow_answer_does_not_make_a_fresh_lease_look_old() -> None:
    """The lease may have been renewed while our question was under way. Deadlines as they may be configured."""

    async def story(running: Elections) -> None:
        times = LeaseTimes(lease_duration_s=12.0, renew_deadline_s=11.5, retry_period_s=9.0)
        running.held_by("other", duration_s=12)
        running.lease.delays_s = [8.5, *[0.0] * 100]
        asked_at = now()
        running.candidate("a", times=times)
        await comes(lambda: running.lease.writers == ["a"])
        assert now() - asked_at >= 8.5 + 12.0

    tell(story)


def test_a_lease_that_was_given_back_is_taken_at_the_next_look() -> None:
    async def story(running: Elections) -> None:
        first = running.candidate("a")
        await comes(lambda: first.leading)
        second = running.candidate("b")
        await asyncio.sleep(30.0)
        await running.stop("a")
        assert running.lease.holder == ""
        stopped = now()
        await comes(lambda: second.leading)
        assert now() - stopped <= TIMES.retry_period_s
        assert second.epoch == 2
        assert running.told == [("a", True), ("a", False), ("b", True)]

    tell(story)


@pytest.mark.parametrize("rate", [0.5, 0.9, 1.1])
def test_a_clock_that_is_set_differently_or_runs_a_little_wrong_gives_nobody_two_leaders(rate: float) -> None:
    """A wall clock plays no part; a rate that is off by half the difference of the two times does no harm yet."""

    async def story(running: Elections) -> None:
        first = running.candidate("a", clock=LoopClock(ahead_s=600.0))
        await comes(lambda: first.leading)
        second = running.candidate("b", clock=LoopClock(ahead_s=-600.0, rate=rate))
        for _ in range(100):
            await asyncio.sleep(2.0)
            assert first.leading
            assert not second.leading
        running.server.on("PUT", PATH, silence, *[refuse(503, "ServiceUnavailable")] * 3, running.lease._put)
        for _ in range(100):
            assert not (first.leading and second.leading)
            await asyncio.sleep(0.5)
        assert second.leading

    tell(story)


# --- losing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        refuse(500, "InternalError"),
        refuse(403, "Forbidden"),
        refuse(401, "Unauthorized"),
        refuse(409, "Conflict"),
        refuse(429, "TooManyRequests", headers={"Retry-After": "300"}),
        html(200),
        html(404),
        send(b""),
        send(b"{}"),
        send({"metadata": {"resourceVersion": "1"}, "spec": 5}),
        send({"metadata": {"resourceVersion": "1"}, "spec": {"holderIdentity": 5}}),
        send({"metadata": {"resourceVersion": "1"}, "spec": {"holderIdentity": "a", "leaseTransitions": "many"}}),
        silence,
    ],
)
def test_a_leader_whose_renewals_fail_stops_in_time_whatever_the_server_says(answer: Answer) -> None:
    async def story(running: Elections) -> None:
        leader = running.candidate("a")
        await comes(lambda: leader.leading)
        renewed = now()
        running.answer(answer)
        await comes(lambda: not leader.leading)
        assert now() - renewed <= TIMES.renew_deadline_s + 0.2
        with pytest.raises(LeadershipLost):
            leader.fence()
        await comes(running.tasks["a"].done)
        assert running.tasks["a"].exception() is None
        assert running.told == [("a", True), ("a", False)]

    tell(story)


@pytest.mark.parametrize("answer", [html(200), send(b"{}"), html(404), refuse(403, "Forbidden"), silence])
def test_a_candidate_goes_on_asking_whatever_the_server_says(answer: Answer) -> None:
    async def story(running: Elections) -> None:
        running.answer(answer)
        candidate = running.candidate("a")
        await asyncio.sleep(60.0)
        assert not running.server.seen("POST")
        running.lease = FakeLease(running.server)
        await comes(lambda: candidate.leading)

    tell(story)


def test_a_renewal_that_failed_once_costs_nothing() -> None:
    async def story(running: Elections) -> None:
        leader = running.candidate("a")
        await comes(lambda: leader.leading)
        for _ in range(20):
            put = running.lease._put
            running.server.on("PUT", PATH, refuse(503, "ServiceUnavailable"), put)
            await asyncio.sleep(10.0)
            assert leader.leading

    tell(story)


def test_a_renewal_whose_answer_was_lost_is_found_to_be_ours() -> None:
    async def story(running: Elections) -> None:
        leader = running.candidate("a")
        await comes(lambda: leader.leading)
        for _ in range(20):
            running.lease.lost_answers = 1
            await asyncio.sleep(10.0)
            assert leader.leading
        assert leader.epoch == 1
        assert running.told == [("a", True)]

    tell(story)


def test_an_answer_that_came_late_extends_nothing() -> None:
    """The fence counts from before the renewal was sent: when the answer took four seconds, six are left."""

    async def story(running: Elections) -> None:
        leader = running.candidate("a")
        await comes(lambda: leader.leading)
        writes = len(running.lease.writers)
        running.lease.delays_s = [0.0, 4.0]
        await comes(lambda: len(running.lease.writers) > writes)
        renewed = now() - 4.0
        running.answer(silence)
        await comes(lambda: not leader.leading)
        assert now() - renewed <= TIMES.renew_deadline_s + 0.2

    tell(story)


def test_a_leader_that_finds_somebody_elses_name_stops_at_once() -> None:
    """Whoever took the lease does so by right or by force: two that write are worse than one that stops early."""

    async def story(running: Elections) -> None:
        leader = running.candidate("a")
        await comes(lambda: leader.leading)
        running.held_by("thief", version="900")
        gets = len(running.server.seen("GET"))
        await comes(lambda: len(running.server.seen("GET")) > gets)
        await asyncio.sleep(0.1)
        assert not leader.leading
        await comes(running.tasks["a"].done)
        assert running.lease.holder == "thief"

    tell(story)


def test_a_leader_takes_no_lease_back_that_it_has_lost() -> None:
    async def story(running: Elections) -> None:
        leader = running.candidate("a")
        await comes(lambda: leader.leading)
        running.held_by("thief", version="900", duration_s=1)
        await asyncio.sleep(60.0)
        assert running.tasks["a"].done()
        assert running.lease.holder == "thief"

    tell(story)


def test_a_leader_whose_lease_was_deleted_makes_a_new_one() -> None:
    async def story(running: Elections) -> None:
        leader = running.candidate("a")
        await comes(lambda: leader.leading)
        running.lease.current = None
        await asyncio.sleep(30.0)
        assert leader.leading
        assert running.lease.holder == "a"

    tell(story)


def test_a_leader_that_slept_is_no_leader_when_it_wakes() -> None:
    """Neither its timers nor anybody else has to say so: the clock does, at the next write."""

    async def story(running: Elections) -> None:
        clock = SuspendedClock()
        leader = running.candidate("a", clock=clock)
        await comes(lambda: leader.leading)
        await asyncio.sleep(60.0)
        clock.slept_s = 20.0
        with pytest.raises(LeadershipLost):
            leader.fence()
        await comes(running.tasks["a"].done)
        assert running.told[-1] == ("a", False)

    tell(story)


def test_a_candidate_that_slept_does_not_take_its_sleep_for_somebody_elses() -> None:
    async def story(running: Elections) -> None:
        clock = SuspendedClock()
        leader = running.candidate("a")
        await comes(lambda: leader.leading)
        running.candidate("b", clock=clock)
        for _ in range(10):
            await asyncio.sleep(20.0)
            clock.slept_s += 3600.0
        assert set(running.lease.writers) == {"a"}

    tell(story)


def test_two_leaders_never_overlap_however_the_server_behaves() -> None:
    """Outages, lost answers and slowness in turn, three candidates that start again whenever they lose."""

    async def story(running: Elections) -> None:
        leaders = {name: running.candidate(name) for name in "abc"}
        trouble = 0
        for second in range(500):
            if second % 37 == 0:
                trouble += 1
                running.lease.lost_answers = trouble % 3
                running.lease.delays_s = [float(number % 7) for number in range(trouble % 11)]
            for name, task in list(running.tasks.items()):
                if task.done():
                    leaders[name] = running.candidate(name)
            assert sum(leader.leading for leader in leaders.values()) <= 1
            await asyncio.sleep(1.0)
        assert len({name for name, leading in running.told if leading}) >= 1

    tell(story)


# --- giving back -----------------------------------------------------------------------------------------------


def test_a_candidate_that_never_led_gives_nothing_back() -> None:
    async def story(running: Elections) -> None:
        running.held_by("other")
        running.candidate("a")
        await asyncio.sleep(10.0)
        await running.stop("a")
        assert running.lease.writers == []
        assert running.lease.holder == "other"

    tell(story)


@pytest.mark.parametrize("answer", [silence, html(200), send(b"{}"), refuse(409, "Conflict"), refuse(404, "NotFound")])
def test_a_lease_that_cannot_be_given_back_is_let_go_all_the_same(answer: Answer) -> None:
    async def story(running: Elections) -> None:
        leader = running.candidate("a")
        await comes(lambda: leader.leading)
        running.answer(answer)
        stopped = now()
        await running.stop("a")
        assert now() - stopped <= 3.0
        assert running.told == [("a", True), ("a", False)]
        assert not leader.leading

    tell(story)


def test_nothing_is_written_while_the_lease_is_given_back() -> None:
    async def story(running: Elections) -> None:
        leader = running.candidate("a")
        await comes(lambda: leader.leading)
        running.lease.delays_s = [1.0, 0.0]
        stopping = asyncio.create_task(running.stop("a"))
        await asyncio.sleep(0.5)
        with pytest.raises(LeadershipLost):
            leader.fence()
        await stopping
        assert running.lease.holder == ""

    tell(story)


def test_somebody_elses_lease_is_not_given_back() -> None:
    async def story(running: Elections) -> None:
        leader = running.candidate("a")
        await comes(lambda: leader.leading)
        running.held_by("thief", version="900")
        await running.stop("a")
        assert running.lease.holder == "thief"

    tell(story)
