"""How a number of replicas is divided over clusters: KubeFed's planner. Pure.

It serves minima, then keeps what runs unless it may rebalance, then hands out the rest by weight in rounds. What a full
cluster was due goes to others; what nobody can take goes back to the full clusters, to be pending there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kubefed.core.names import ClusterName
from kubefed.scheduling.hashing import fnv1_32


@dataclass(frozen=True, slots=True)
class Wish:
    """How many replicas a cluster should get. `maximum` None: any number. Negative numbers count as 0."""

    weight: int = 0
    minimum: int = 0
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Replicas:
    """What a cluster has. `capacity` is the most replicas it is known to be able to run; None when nothing is known."""

    current: int = 0
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Division:
    """`planned` has every cluster that has a wish; `overflow` those that get more than they can run, and how many."""

    planned: Mapping[ClusterName, int]
    overflow: Mapping[ClusterName, int]

    @property
    def replicas(self) -> Mapping[ClusterName, int]:
        """What each cluster is to be given, by name."""
        return {name: count + self.overflow.get(name, 0) for name, count in sorted(self.planned.items())}


@dataclass(slots=True)
class _Seat:
    """One cluster while replicas are handed out. `reserved`: running replicas that its dues are set off against."""

    name: ClusterName
    weight: int
    minimum: int
    maximum: int | None
    current: int
    capacity: int | None
    planned: int = 0
    reserved: int = 0
    overflow: int = 0


def divide(
    total: int,
    wishes: Mapping[ClusterName, Wish],
    existing: Mapping[ClusterName, Replicas],
    *,
    rebalance: bool = False,
    key: str = "",
) -> Division:
    """Divide `total` replicas over the clusters in `wishes`.

    `key` is the object's `namespace/name`. Order: weight descending, then FNV-1 of cluster name and key ascending, so that
    reruns agree. The sum falls short of `total` where weights are 0 or maxima are reached, and exceeds it by the overflow
    when `rebalance` is set. Never raises.
    """
    seats = [_seat(name, wish, existing.get(name, Replicas())) for name, wish in wishes.items()]
    seats.sort(key=lambda seat: (-seat.weight, fnv1_32(seat.name + key), seat.name))
    remaining = _serve_minima(seats, max(0, total))
    if not rebalance:
        remaining = _keep_running(seats, remaining)
    remaining = _hand_out(seats, remaining)
    overflow = {seat.name: seat.overflow if rebalance else min(seat.overflow, remaining) for seat in seats}
    return Division(
        {seat.name: seat.planned for seat in seats}, {name: count for name, count in overflow.items() if count > 0}
    )


def _seat(name: ClusterName, wish: Wish, existing: Replicas) -> _Seat:
    return _Seat(
        name,
        max(0, wish.weight),
        max(0, wish.minimum),
        None if wish.maximum is None else max(0, wish.maximum),
        max(0, existing.current),
        None if existing.capacity is None else max(0, existing.capacity),
    )


def _serve_minima(seats: list[_Seat], remaining: int) -> int:
    """Maxima do not count here: a minimum above its maximum stays if nothing is left to be handed out."""
    for seat in seats:
        seat.planned = _lowest(seat.minimum, remaining, seat.capacity)
        remaining -= seat.planned
    return remaining


def _keep_running(seats: list[_Seat], remaining: int) -> int:
    """What runs stays where it is, as far as limits and the total let it, and is reserved against later dues."""
    for seat in seats:
        kept = _lowest(seat.current, seat.maximum, seat.capacity)
        seat.reserved = max(0, min(kept - seat.planned, remaining))
        seat.planned += seat.reserved
        remaining -= seat.reserved
    return remaining


def _hand_out(seats: list[_Seat], remaining: int) -> int:
    """Rounds by weight until nothing is left or nobody takes any more. Returns what is left."""
    in_play, moved = seats, True
    while moved and remaining > 0:
        weights = sum(seat.weight for seat in in_play)
        if not weights:
            break
        started, moved, staying = remaining, False, []
        for seat in in_play:
            due = min(-(-started * seat.weight // weights), remaining)
            set_off = min(due, seat.reserved)
            seat.reserved -= set_off
            before = seat.planned
            if _take(seat, due - set_off):
                staying.append(seat)
            remaining -= seat.planned - before
            moved = moved or set_off > 0 or seat.planned > before
        in_play = staying
    return remaining


def _take(seat: _Seat, extra: int) -> bool:
    """Give a cluster what it is due, up to its limits. False when it can take no more."""
    wanted = seat.planned + extra
    granted = _lowest(wanted, seat.maximum)
    if seat.capacity is not None and granted > seat.capacity:
        seat.overflow = granted - seat.capacity
        granted = seat.capacity
    seat.planned = granted
    return granted == wanted


def _lowest(number: int, *limits: int | None) -> int:
    return min([number, *(limit for limit in limits if limit is not None)])
