"""How long one object takes on an idle federation: created, updated, and put right after a drift."""

import asyncio
import statistics
from collections.abc import Iterator

import orjson

from bench.load import PAYLOAD, Person
from bench.observers import Observer, observing
from bench.rig import NAMESPACE, Rig
from bench.rows import ROWS, Measured
from bench.subjects import Subject
from kubefed.core.names import ObjectKey

_ROUNDS = 40
_PAUSE_S = 0.1  # the federation is idle again: statuses are written


async def measure(rig: Rig) -> list[Measured]:
    """Forty rounds of each; p50 and p90 in milliseconds."""
    creates, updates, repairs = [], [], []
    async with observing(rig) as (host, members, observers):
        person, eyes = Person(host, rig.subject), Eyes(rig.subject, observers)
        for number in range(_ROUNDS):
            name, changed = f"idle-{number}", f"changed-{number}"
            creates.append(await eyes.until_in(rig.members, name, PAYLOAD, await person.create(name)))
            await asyncio.sleep(_PAUSE_S)
            updates.append(await eyes.until_in(rig.members, name, changed, await person.edit(name, changed)))
            await asyncio.sleep(_PAUSE_S)
            drifting = rig.members[number % len(rig.members)]
            drift = orjson.dumps(rig.subject.change("drifted"))
            await members[drifting].patch(rig.subject.target, ObjectKey(NAMESPACE, name), drift)
            drifted = await eyes.when(drifting, name, "drifted")
            repairs.append(await eyes.until_in([drifting], name, changed, drifted))
            await asyncio.sleep(_PAUSE_S)
    return [
        *_percentiles("idle create", creates),
        *_percentiles("idle update", updates),
        *_percentiles("drift repair", repairs),
    ]


class Eyes:
    """Watches members for payloads of one subject."""

    def __init__(self, subject: Subject, observers: dict[str, Observer]) -> None:
        self._subject = subject
        self._observers = observers

    async def until_in(self, members: list[str], name: str, payload: str, started: float) -> float:
        """Milliseconds from `started` until every one of the members holds this payload."""
        arrivals = await asyncio.gather(*(self.when(member, name, payload) for member in members))
        return (max(arrivals) - started) * 1000

    async def when(self, member: str, name: str, payload: str) -> float:
        """The monotonic time at which one member held it."""
        observer = self._observers[member]
        return await observer.until(lambda: self._subject.payload_of(observer.objects.get(name, {})) == payload)


def _percentiles(what: str, times_ms: list[float]) -> Iterator[Measured]:
    yield Measured(ROWS[f"{what} p50"], statistics.median(times_ms))
    yield Measured(ROWS[f"{what} p90"], statistics.quantiles(times_ms, n=10)[-1])
