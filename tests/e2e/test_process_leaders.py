"""Two processes, one leader: by the audit logs, what they write never interleaves."""

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Logs, a_burst
from tests.support.controller import Controller
from tests.support.federation import MEMBER1, MEMBERS
from tests.support.shop import Shop, fine
from tests.support.waiting import eventually

OBJECTS = 60
POINT = 15


@pytest.fixture
def pair(new_controller: Callable[[], Controller]) -> tuple[Controller, Controller]:
    """A leader, and a process that stands by and is ready."""
    leader, standby = new_controller(), new_controller()
    leader.start()
    eventually(leader.is_leader, "the first one leads")
    standby.start()
    return leader, standby


def assert_in_turns(logs: Logs) -> None:
    """Under the first leadership everything was written before anything was written under the second.

    What a stop catches between the last look at the lease and the network may still be sent: it is refused.
    """
    written = [each for each in logs.requests() if each.changed and each.leadership]
    first, second = sorted({each.leadership for each in written})
    taken_over_at = next(each.received_at for each in written if each.leadership == second)
    assert [each for each in written if each.leadership == first and each.received_at > taken_over_at] == []


def test_a_standby_writes_nothing_and_takes_over_when_the_leader_is_killed(
    empty_shop: Shop, logs: Logs, pair: tuple[Controller, Controller]
) -> None:
    leader, standby = pair
    burst = a_burst(empty_shop, OBJECTS)
    burst.create()
    burst.await_copies_in(MEMBER1, POINT)
    assert not standby.is_leader()
    leader.kill()
    eventually(standby.is_leader, "the other one leads")
    burst.await_settled()
    assert_in_turns(logs)
    assert standby.stop() == 0


def test_a_leader_that_was_stopped_and_goes_on_writes_nothing_more_and_ends(
    empty_shop: Shop, logs: Logs, pair: tuple[Controller, Controller]
) -> None:
    leader, standby = pair
    burst = a_burst(empty_shop, OBJECTS)
    burst.create()
    burst.await_copies_in(MEMBER1, POINT)
    leader.freeze()
    eventually(standby.is_leader, "the other one leads")
    burst.await_settled()
    late = empty_shop.create(empty_shop.config_map("late"))
    leader.thaw()
    assert leader.await_exit() == 1
    assert "leader election lost" in leader.said()
    empty_shop.await_told(late, fine(*MEMBERS))
    assert_in_turns(logs)
    assert standby.stop() == 0


def test_a_leader_that_is_told_to_stop_hands_over_at_once(
    empty_shop: Shop, logs: Logs, pair: tuple[Controller, Controller]
) -> None:
    leader, standby = pair
    burst = a_burst(empty_shop, OBJECTS)
    burst.create()
    burst.await_copies_in(MEMBER1, POINT)
    assert leader.stop() == 0
    eventually(standby.is_leader, "the other one leads")
    burst.await_settled()
    assert_in_turns(logs)
    assert standby.stop() == 0
