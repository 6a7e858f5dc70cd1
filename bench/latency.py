"""How long one object takes on an idle federation: created, updated, and put right after a drift."""

import asyncio
import statistics
from collections.abc import Iterator

import orjson

from bench import load
from bench.observers import CONFIG_MAPS, Observer, observing
from bench.rig import NAMESPACE, Rig
from bench.rows import ROWS, Measured
from kubefed.core.names import ObjectKey

_ROUNDS = 40
_PAUSE_S = 0.1  # the federation is idle again: statuses are written


async def measure(rig: Rig) -> list[Measured]:
    """Forty rounds of each; p50 and p90 in milliseconds."""
    creates, updates, repairs = [], [], []
    async with observing(rig) as (host, members, observers):
        seen = [observers[member] for member in rig.members]
        for number in range(_ROUNDS):
            name, changed = f"idle-{number}", f"changed-{number}"
            creates.append(await _until_everywhere(seen, name, load.PAYLOAD, await load.create(host, name)))
            await asyncio.sleep(_PAUSE_S)
            updates.append(await _until_everywhere(seen, name, changed, await load.edit(host, name, changed)))
            await asyncio.sleep(_PAUSE_S)
            drifting = rig.members[number % len(rig.members)]
            await members[drifting].patch(
                CONFIG_MAPS, ObjectKey(NAMESPACE, name), orjson.dumps({"data": {"payload": "drifted"}})
            )
            drifted = await _when(observers[drifting], name, "drifted")
            repairs.append(await _until_everywhere([observers[drifting]], name, changed, drifted))
            await asyncio.sleep(_PAUSE_S)
    return [
        *_percentiles("idle create", creates),
        *_percentiles("idle update", updates),
        *_percentiles("drift repair", repairs),
    ]


async def _until_everywhere(seen: list[Observer], name: str, payload: str, started: float) -> float:
    arrivals = await asyncio.gather(*(_when(observer, name, payload) for observer in seen))
    return (max(arrivals) - started) * 1000


async def _when(observer: Observer, name: str, payload: str) -> float:
    return await observer.until(lambda: _holds(observer, name, payload))


def _holds(observer: Observer, name: str, payload: str) -> bool:
    found = observer.objects.get(name)
    data = found.get("data") if found is not None else None
    return isinstance(data, dict) and data.get("payload") == payload


def _percentiles(what: str, times_ms: list[float]) -> Iterator[Measured]:
    yield Measured(ROWS[f"{what} p50"], statistics.median(times_ms))
    yield Measured(ROWS[f"{what} p90"], statistics.quantiles(times_ms, n=10)[-1])
