"""One leader at a time: who takes the lease, when, and who gives it back."""

import asyncio

import pytest

from kubefed.core.errors import LeadershipLost
from kubefed.kube.lease import LeaseTimes
from tests.fakes.apiserver import Answer, html, refuse, send, silence
from tests.fakes.clock import LoopClock
from tests.fakes.elections import TIMES, Elections, comes, now, tell
from tests.fakes.leases import NAME, PATH

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
        assert now() - stopped <= TIMES.retry_period_s + 0.5
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
