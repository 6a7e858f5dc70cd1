"""Packs one cluster's endpoints into EndpointSlices of at most a hundred. Pure.

Stable: an endpoint stays in the slice where it is, so that a change costs as many writes as slices it touches, however
large the service is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kubefed.services.records import Endpoint, SlicePort

MOST_ENDPOINTS = 100


@dataclass(frozen=True, slots=True, order=True)
class Shape:
    """What all endpoints of one slice have in common."""

    family: str
    ports: tuple[SlicePort, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """The content of one EndpointSlice."""

    name: str
    shape: Shape
    endpoints: tuple[Endpoint, ...]


def pack(wanted: Mapping[Shape, Iterable[Endpoint]], before: Iterable[Chunk], prefix: str) -> tuple[Chunk, ...]:
    """The slices that hold every wanted endpoint once, sorted by name; names are `prefix` and a number.

    Addresses are unique within a shape. Slices of `before` that have nothing left to hold are not among them.
    """
    known = sorted(before, key=lambda chunk: chunk.name)
    names = _Names(prefix, {chunk.name for chunk in known})
    packed = [
        chunk
        for shape in sorted(wanted)
        for chunk in _packed(shape, wanted[shape], [each for each in known if each.shape == shape], names)
    ]
    return tuple(sorted(packed, key=lambda chunk: chunk.name))


def _packed(shape: Shape, wanted: Iterable[Endpoint], before: Iterable[Chunk], names: "_Names") -> Iterable[Chunk]:
    left = {endpoint.address: endpoint for endpoint in sorted(wanted)}
    bins: list[_Bin] = []
    for chunk in before:
        stay = [left.pop(each.address) for each in chunk.endpoints if each.address in left]
        bins.append(_Bin(chunk.name, stay[:MOST_ENDPOINTS], changed=tuple(stay) != chunk.endpoints))
        left |= {each.address: each for each in stay[MOST_ENDPOINTS:]}
    for endpoint in sorted(left.values()):
        roomy = [each for each in bins if len(each.endpoints) < MOST_ENDPOINTS]
        if not roomy:
            bins.append(_Bin(names.free(), [endpoint], changed=True))
            continue
        best = max(roomy, key=lambda each: (each.changed, len(each.endpoints), each.name))
        best.endpoints.append(endpoint)
        best.changed = True
    return [Chunk(each.name, shape, tuple(each.endpoints)) for each in bins if each.endpoints]


@dataclass(slots=True)
class _Bin:
    name: str
    endpoints: list[Endpoint]
    changed: bool


class _Names:
    """Names that nobody has: the smallest free numbers."""

    def __init__(self, prefix: str, taken: set[str]) -> None:
        self._prefix = prefix
        self._taken = taken
        self._number = 0

    def free(self) -> str:
        while True:
            name = f"{self._prefix}{self._number}"
            self._number += 1
            if name not in self._taken:
                self._taken.add(name)
                return name
