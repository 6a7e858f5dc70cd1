"""How replicas are divided: KubeFed's results to the replica, and what holds for every division."""

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubefed.core.names import ClusterName
from kubefed.scheduling.hashing import fnv1_32
from kubefed.scheduling.planner import Division, Replicas, Wish, divide

A, B, C, D, E = map(ClusterName, "ABCDE")
ONE = Wish(weight=1)

Wishes = Mapping[ClusterName, Wish]
Existing = Mapping[ClusterName, Replicas]


def counts(division: Division) -> dict[str, int]:
    return {str(name): count for name, count in division.planned.items()}


def running(**current: int) -> dict[ClusterName, Replicas]:
    return {ClusterName(name): Replicas(count) for name, count in current.items()}


VECTORS: list[tuple[str, int, Wishes, Existing, dict[str, int]]] = [
    ("fifty over three", 50, dict.fromkeys((A, B, C), ONE), {}, {"A": 16, "B": 17, "C": 17}),
    ("one over two", 1, dict.fromkeys((A, B), ONE), {}, {"A": 0, "B": 1}),
    ("one over four", 1, dict.fromkeys((A, B, C, D), ONE), {}, {"A": 0, "B": 0, "C": 0, "D": 1}),
    ("more runs than is wanted", 50, dict.fromkeys((A, B), ONE), running(A=10, B=70), {"A": 0, "B": 50}),
    ("what runs stays", 15, dict.fromkeys((A, B), ONE), running(A=0, B=8), {"A": 7, "B": 8}),
    ("minima alone", 50, dict.fromkeys((A, B, C), Wish(minimum=20)), {}, {"A": 10, "B": 20, "C": 20}),
    ("weights", 60, {A: ONE, B: Wish(weight=2)}, {}, {"A": 20, "B": 40}),
    ("the example of the guide", 9, {A: ONE, B: Wish(2, 2, 8)}, {}, {"A": 2, "B": 7}),
    (
        "maxima",
        91,
        {A: Wish(10000, maximum=10), B: ONE, C: Wish(1, maximum=21), D: Wish(1, maximum=10), E: ONE},
        {},
        {"A": 10, "B": 25, "C": 21, "D": 10, "E": 25},
    ),
    (
        "minima, maxima and weights",
        10,
        {ClusterName("cluster1"): Wish(2, 2, 6), ClusterName("cluster2"): Wish(3, 4, 8)},
        {},
        {"cluster1": 3, "cluster2": 7},
    ),
]


@pytest.mark.parametrize(("total", "wishes", "existing", "expected"), [v[1:] for v in VECTORS], ids=[v[0] for v in VECTORS])
def test_replicas_are_divided_as_kubefed_did(
    total: int, wishes: Wishes, existing: Existing, expected: dict[str, int]
) -> None:
    division = divide(total, wishes, existing)
    assert counts(division) == expected
    assert not division.overflow


def test_a_full_cluster_gives_to_the_others_and_keeps_its_overflow_when_rebalancing() -> None:
    division = divide(50, dict.fromkeys((A, B, C), ONE), {C: Replicas(0, 10)}, rebalance=True)
    assert counts(division) == {"A": 20, "B": 20, "C": 10}
    assert division.overflow == {C: 7}
    assert division.replicas == {A: 20, B: 20, C: 17}


def test_a_full_cluster_with_a_minimum_keeps_what_it_was_due() -> None:
    division = divide(60, dict.fromkeys((A, B), Wish(1, minimum=20)), {B: Replicas(0, 10)}, rebalance=True)
    assert counts(division) == {"A": 50, "B": 10}
    assert division.overflow == {B: 15}


def test_without_rebalance_only_what_found_no_place_overflows() -> None:
    wishes = {A: Wish(1, maximum=30), B: ONE}
    division = divide(50, wishes, {B: Replicas(10, 10)})
    assert counts(division) == {"A": 30, "B": 10}
    assert division.overflow == {B: 10}


def test_a_minimum_above_the_maximum_stays_when_nothing_is_left() -> None:
    assert counts(divide(5, {A: Wish(1, minimum=5, maximum=3), B: ONE}, {})) == {"A": 5, "B": 0}


def test_a_minimum_above_the_maximum_is_cut_when_replicas_are_left() -> None:
    assert counts(divide(20, {A: Wish(1, minimum=5, maximum=3), B: ONE}, {})) == {"A": 3, "B": 17}


def test_without_weights_what_exceeds_the_minima_is_not_handed_out() -> None:
    assert counts(divide(9, {A: Wish(minimum=2), B: Wish(minimum=3)}, {})) == {"A": 2, "B": 3}


@pytest.mark.parametrize("total", [0, -7])
def test_nothing_is_divided_into_nothing(total: int) -> None:
    assert counts(divide(total, {A: Wish(1, minimum=3), B: ONE}, running(A=4))) == {"A": 0, "B": 0}


def test_negative_preferences_count_as_none() -> None:
    assert counts(divide(6, {A: Wish(1, minimum=-3), B: Wish(-1), C: Wish(1, maximum=-1)}, {})) == {"A": 6, "B": 0, "C": 0}


def test_numbers_as_large_as_the_api_lets_them_be_are_divided_exactly() -> None:
    total = 2**31 - 1
    division = divide(total, {A: Wish(2**63 - 1), B: Wish(2**63 - 1)}, {})
    assert sum(division.planned.values()) == total
    assert abs(division.planned[A] - division.planned[B]) == 1


def test_shares_are_rounded_up_until_nothing_is_left() -> None:
    names = [ClusterName(f"cluster{number}") for number in range(1000)]
    division = divide(10_500, dict.fromkeys(names, ONE), {})
    assert sum(division.planned.values()) == 10_500
    assert sorted(division.planned.values()) == [0] * 45 + [6] + [11] * 954


@pytest.mark.parametrize(("text", "value"), [("", 0x811C9DC5), ("a", 0x050C5D7E), ("foobar", 0x31F0B262)])
def test_the_hash_is_fnv1(text: str, value: int) -> None:
    assert fnv1_32(text) == value


# --- what holds for every division -----------------------------------------------------------------------------

unhurried = settings(deadline=None)
small = st.integers(0, 40)
names = st.sampled_from([ClusterName(name) for name in ("ams", "ber", "cph", "dub", "edi", "fra")])


@st.composite
def _wish(draw: st.DrawFn) -> Wish:
    minimum = draw(small)
    maximum = draw(st.none() | small.map(lambda above: minimum + above))
    return Wish(draw(st.integers(0, 12)), minimum, maximum)


wishes_of_any_kind = st.dictionaries(names, _wish(), min_size=1)
anything_existing = st.dictionaries(names, st.builds(Replicas, small, st.none() | small))
totals = st.integers(0, 200)


@unhurried
@given(totals, wishes_of_any_kind, anything_existing, st.booleans())
def test_every_share_keeps_within_its_bounds_and_the_sum_within_the_total(
    total: int, wishes: Wishes, existing: Existing, rebalance: bool
) -> None:
    division = divide(total, wishes, existing, rebalance=rebalance, key="shop/web")
    assert set(division.planned) == set(wishes)
    assert sum(division.planned.values()) <= total
    for name, count in division.planned.items():
        maximum, capacity = wishes[name].maximum, existing.get(name, Replicas()).capacity
        assert count >= 0
        assert maximum is None or count <= maximum
        assert capacity is None or count <= capacity


@unhurried
@given(totals, wishes_of_any_kind, anything_existing, st.booleans())
def test_everything_is_handed_out_where_a_cluster_takes_any_number(
    total: int, wishes: Wishes, existing: Existing, rebalance: bool
) -> None:
    roomy = ClusterName("zrh")
    division = divide(total, {**wishes, roomy: ONE}, existing, rebalance=rebalance)
    assert sum(division.planned.values()) == total


@unhurried
@given(totals, wishes_of_any_kind, anything_existing)
def test_without_rebalance_the_overflow_of_a_cluster_is_what_found_no_place(
    total: int, wishes: Wishes, existing: Existing
) -> None:
    division = divide(total, wishes, existing)
    left = total - sum(division.planned.values())
    assert all(0 < count <= left for count in division.overflow.values())
    assert all(existing[name].capacity is not None for name in division.overflow)


@unhurried
@given(totals, wishes_of_any_kind, anything_existing)
def test_without_rebalance_nothing_that_runs_moves_while_there_is_room_for_it(
    total: int, wishes: Wishes, existing: Existing
) -> None:
    allowed = {}
    for name, wish in wishes.items():
        found = existing.get(name, Replicas())
        limits = [limit for limit in (wish.maximum, found.capacity) if limit is not None]
        allowed[name] = min([max(found.current, wish.minimum), *limits])
    total = max(total, sum(allowed.values()))
    division = divide(total, wishes, existing)
    for name in wishes:
        assert division.planned[name] >= min(existing.get(name, Replicas()).current, allowed[name])


@unhurried
@given(totals, wishes_of_any_kind, anything_existing, st.booleans())
def test_a_division_that_came_true_is_found_again(total: int, wishes: Wishes, existing: Existing, rebalance: bool) -> None:
    first = divide(total, wishes, existing, rebalance=rebalance, key="shop/web")
    came_true = {name: Replicas(first.planned[name], existing.get(name, Replicas()).capacity) for name in wishes}
    assert divide(total, wishes, came_true, rebalance=rebalance, key="shop/web").planned == first.planned


@unhurried
@given(totals, wishes_of_any_kind, anything_existing, st.booleans(), st.randoms())
def test_the_order_in_which_clusters_are_named_does_not_matter(
    total: int, wishes: Wishes, existing: Existing, rebalance: bool, random: Random
) -> None:
    shuffled = list(wishes.items())
    random.shuffle(shuffled)
    assert divide(total, dict(shuffled), existing, rebalance=rebalance) == divide(
        total, wishes, existing, rebalance=rebalance
    )
