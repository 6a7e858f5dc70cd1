"""A controller that is killed at any moment: the next one loses nothing and does nothing twice."""

import random
from collections import Counter
from collections.abc import Callable

from tests.e2e.conftest import Logs, a_burst
from tests.support.controller import Controller
from tests.support.federation import MEMBER1, MEMBERS
from tests.support.shop import Shop, fine

OBJECTS = 60


def test_killed_at_random_points_of_a_burst_it_converges_and_each_life_writes_each_copy_at_most_once(
    empty_shop: Shop, logs: Logs, new_controller: Callable[[], Controller]
) -> None:
    burst = a_burst(empty_shop, OBJECTS)
    points = sorted(random.sample(range(3, OBJECTS - 5), 2))
    burst.create()
    for point in points:
        controller = new_controller()
        controller.start()
        burst.await_copies_in(MEMBER1, point)
        controller.kill()
    last = new_controller()
    last.start()
    burst.await_settled()
    assert last.stop() == 0
    for member in MEMBERS:
        written = [each for each in logs.object_writes(member) if each.changed and each.resource == "configmaps"]
        assert {each.verb for each in written} <= {"create", "update"}, f"killed at {points}"
        lives = Counter((each.name, each.leadership) for each in written)
        assert set(lives.values()) == {1}, f"killed at {points}: {lives.most_common(3)}"
    for wish in burst.wishes:
        assert empty_shop.recorded(wish).keys() == set(MEMBERS)


def test_killed_while_it_deletes_it_leaves_no_copy_behind(
    empty_shop: Shop, logs: Logs, new_controller: Callable[[], Controller]
) -> None:
    kept, burst = empty_shop.create(empty_shop.config_map("kept")), a_burst(empty_shop, OBJECTS)
    burst.create()
    first = new_controller()
    first.start()
    burst.await_settled()
    logs.mark()
    [point] = random.sample(range(3, OBJECTS), 1)
    burst.delete(slice(point))
    first.kill()
    burst.delete(slice(point, None))
    second = new_controller()
    second.start()
    burst.await_gone()
    empty_shop.await_told(kept, fine(*MEMBERS))
    assert second.stop() == 0
    for member in MEMBERS:
        deleted = Counter(each.name for each in logs.object_writes(member) if each.verb == "delete" and each.changed)
        assert deleted == Counter(wish.key.name for wish in burst.wishes), f"killed after {point} deletions"
