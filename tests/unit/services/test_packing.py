"""Endpoints in slices: all of them, once, at most a hundred together, and where they were."""

from hypothesis import given
from hypothesis import strategies as st

from kubefed.services.packing import MOST_ENDPOINTS, Chunk, Shape, pack
from kubefed.services.records import Endpoint, SlicePort

HTTP = Shape("IPv4", (SlicePort("http", "TCP", 8080),))
OTHER = Shape("IPv4", (SlicePort("http", "TCP", 9090),))


def endpoints(*numbers: int, ready: bool = True) -> list[Endpoint]:
    return [Endpoint(f"198.18.{100 + number // 100}.{100 + number % 100}", ready=ready) for number in numbers]


def sizes(chunks: tuple[Chunk, ...]) -> list[int]:
    return [len(chunk.endpoints) for chunk in chunks]


def changed(before: tuple[Chunk, ...], after: tuple[Chunk, ...]) -> set[str]:
    """The slices that have to be written or deleted."""
    return {chunk.name for chunk in set(before) ^ set(after)}


def test_full_slices_are_filled_one_after_the_other() -> None:
    packed = pack({HTTP: endpoints(*range(250))}, (), "x-")
    assert [chunk.name for chunk in packed] == ["x-0", "x-1", "x-2"]
    assert sizes(packed) == [100, 100, 50]


def test_different_ports_are_in_different_slices() -> None:
    packed = pack({HTTP: endpoints(1), OTHER: endpoints(2)}, (), "x-")
    assert [(chunk.name, chunk.shape) for chunk in packed] == [("x-0", HTTP), ("x-1", OTHER)]


def test_a_new_endpoint_goes_where_one_went_away() -> None:
    before = pack({HTTP: endpoints(*range(250))}, (), "x-")
    after = pack({HTTP: endpoints(*range(5), *range(6, 251))}, before, "x-")
    assert changed(before, after) == {"x-0"}


def test_a_new_endpoint_alone_costs_one_slice() -> None:
    before = pack({HTTP: endpoints(*range(250))}, (), "x-")
    assert changed(before, pack({HTTP: endpoints(*range(251))}, before, "x-")) == {"x-2"}
    full = pack({HTTP: endpoints(*range(200))}, (), "x-")
    assert changed(full, pack({HTTP: endpoints(*range(201))}, full, "x-")) == {"x-2"}


def test_a_change_of_readiness_costs_the_slice_where_the_endpoint_is() -> None:
    before = pack({HTTP: endpoints(*range(250))}, (), "x-")
    after = pack({HTTP: [*endpoints(*range(249)), *endpoints(249, ready=False)]}, before, "x-")
    assert changed(before, after) == {"x-2"}


def test_names_of_slices_that_are_gone_are_used_again_and_those_of_others_never() -> None:
    before = (Chunk("x-1", HTTP, tuple(endpoints(1))),)
    packed = pack({OTHER: endpoints(2), HTTP: endpoints(1)}, before, "x-")
    assert {chunk.name: chunk.shape for chunk in packed} == {"x-0": OTHER, "x-1": HTTP}


def test_what_somebody_packed_too_full_is_unpacked() -> None:
    before = (Chunk("x-0", HTTP, tuple(endpoints(*range(120)))),)
    assert sizes(pack({HTTP: endpoints(*range(120))}, before, "x-")) == [100, 20]


NUMBERS = st.sets(st.integers(0, 400), max_size=300)


@given(NUMBERS, NUMBERS)
def test_everything_is_held_once_and_no_slice_is_too_full_or_empty(first: set[int], second: set[int]) -> None:
    packed = pack({HTTP: endpoints(*second)}, pack({HTTP: endpoints(*first)}, (), "x-"), "x-")
    held = [endpoint for chunk in packed for endpoint in chunk.endpoints]
    assert sorted(held) == sorted(endpoints(*second))
    assert all(0 < len(chunk.endpoints) <= MOST_ENDPOINTS for chunk in packed)
    assert len({chunk.name for chunk in packed}) == len(packed)


@given(NUMBERS, NUMBERS)
def test_packing_again_changes_nothing(first: set[int], second: set[int]) -> None:
    once = pack({HTTP: endpoints(*second)}, pack({HTTP: endpoints(*first)}, (), "x-"), "x-")
    assert pack({HTTP: endpoints(*second)}, once, "x-") == once


@given(NUMBERS, st.sets(st.integers(0, 400), max_size=5), st.sets(st.integers(401, 500), max_size=5))
def test_a_change_costs_no_more_slices_than_endpoints(first: set[int], gone: set[int], new: set[int]) -> None:
    before = pack({HTTP: endpoints(*first)}, (), "x-")
    after = pack({HTTP: endpoints(*((first - gone) | new))}, before, "x-")
    assert len(changed(before, after)) <= len(first & gone) + len(new)
