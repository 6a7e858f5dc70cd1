"""Many objects at once: until all are in all members, until all is reported, and until all are gone again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.load import Person
from bench.observers import Observer, observing
from bench.rig import Rig

OBJECTS = 1000
_LIMIT_S = 300.0


@dataclass(frozen=True, slots=True)
class Created:
    """Seconds from the first request until all copies were there, and until all statuses were written."""

    present_s: float
    settled_s: float


@dataclass(frozen=True, slots=True)
class Deleted:
    """Seconds from the first request until the members were clean, and until the federated objects were gone."""

    clean_s: float
    gone_s: float


async def create_many(rig: Rig, prefix: str, count: int) -> Created:
    """Create `count` federated objects and wait until all is settled. The namespace is empty before.

    `prefix` begins their names: records of an earlier flow must not be there already.
    """
    async with asyncio.timeout(_LIMIT_S), observing(rig) as (host, _, observers):
        started = await Person(host, rig.subject).create_all([f"{prefix}-{number}" for number in range(count)])
        present = await _all(rig, observers, lambda observer: len(observer.objects) >= count)
        settled = await observers["host"].until(lambda: all_reported(observers["host"]))
        return Created(present - started, settled - started)


async def delete_all(rig: Rig) -> Deleted:
    """Delete every federated object of the namespace and wait until all is gone."""
    async with asyncio.timeout(_LIMIT_S), observing(rig) as (host, _, observers):
        started = await Person(host, rig.subject).delete_all(_uids(observers["host"]))
        clean = await _all(rig, observers, lambda observer: not observer.objects)
        gone = await observers["host"].until(lambda: not observers["host"].objects)
        return Deleted(clean - started, gone - started)


async def _all(rig: Rig, observers: dict[str, Observer], holds: Callable[[Observer], bool]) -> float:
    """When it held for every member."""
    return max(await asyncio.gather(*(_when(observers[member], holds) for member in rig.members)))


async def _when(observer: Observer, holds: Callable[[Observer], bool]) -> float:
    return await observer.until(lambda: holds(observer))


def all_reported(observer: Observer) -> bool:
    """Whether every object says that all is well. Asked from the end: the newest is nearly always the last to say so."""
    return all(_is_reported(found) for found in reversed(observer.objects.values()))


def _is_reported(found: dict[str, object]) -> bool:
    status = found.get("status")
    conditions: Sequence[dict[str, str]] = status.get("conditions", ()) if isinstance(status, dict) else ()
    return bool(conditions) and conditions[0]["status"] == "True"


def _uids(observer: Observer) -> dict[str, str]:
    return {name: _uid(found) for name, found in observer.objects.items()}


def _uid(found: dict[str, object]) -> str:
    metadata = found["metadata"]
    return str(metadata["uid"]) if isinstance(metadata, dict) else ""
