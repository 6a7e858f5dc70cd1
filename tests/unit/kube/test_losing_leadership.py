"""A leader that lost the lease stops before anybody else begins, and one that did not goes on."""

import asyncio

import pytest

from kubefed.core.errors import LeadershipLost
from tests.fakes.apiserver import Answer, html, refuse, send, silence
from tests.fakes.clock import LoopClock
from tests.fakes.elections import TIMES, Elections, comes, now, tell
from tests.fakes.leases import PATH, FakeLease


class SuspendedClock(LoopClock):
    """Counts what the loop's timers do not: the time that the machine slept."""

    slept_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.slept_s


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
        assert now() - renewed <= TIMES.renew_deadline_s + 0.8
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
        assert now() - renewed <= TIMES.renew_deadline_s + 0.8

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


def test_of_two_on_a_machine_that_slept_the_leader_has_stopped_before_the_other_begins() -> None:
    async def story(running: Elections) -> None:
        clock = SuspendedClock()
        first = running.candidate("a", clock=clock)
        await comes(lambda: first.leading)
        second = running.candidate("b", clock=clock)
        await asyncio.sleep(20.0)
        clock.slept_s = 3600.0
        for _ in range(100):
            assert not (first.leading and second.leading)
            await asyncio.sleep(0.4)
        assert second.leading
        assert sorted(running.told) == [("a", False), ("a", True), ("b", True)]

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
