"""One member hangs: it accepts connections and never answers. What the others notice of it, and a restart meanwhile."""

import asyncio
import statistics
import time
from dataclasses import dataclass

from bench.latency import Eyes
from bench.load import PAYLOAD, Person
from bench.observers import observing
from bench.rig import Rig
from bench.rows import ROWS, Measured
from tests.support.controller import Controller

_ROUNDS = 100
_STUCK = 50  # objects that wait for the hung member all the while
_PAUSE_S = 0.05
_OFFLINE_WITHIN_S = 120.0


@dataclass(frozen=True, slots=True)
class _Times:
    """Of idle creates to the members that are well, in milliseconds."""

    p50: float
    p99: float


def measure(rig: Rig, controller: Controller) -> list[Measured]:
    """Creates to two members before and while the third hangs, and the first create after a restart."""
    *well, ill = rig.members
    controller.await_quiet()
    before = asyncio.run(_creates(rig, well, "before"))
    rig.sandbox.cluster(ill).pause()
    try:
        asyncio.run(_wait_for_it(rig))
        while_it_hangs = asyncio.run(_creates(rig, well, "meanwhile"))
        controller.stop()
        controller.launch()
        first_s = asyncio.run(_first_create(rig, well, controller))
    finally:
        rig.sandbox.cluster(ill).resume()
    return [
        Measured(ROWS["one hung: idle create p50 elsewhere"], while_it_hangs.p50, before.p50),
        Measured(ROWS["one hung: idle create p99 elsewhere"], while_it_hangs.p99, before.p99),
        Measured(ROWS["one hung: first create after a restart"], first_s),
    ]


async def _creates(rig: Rig, members: list[str], prefix: str) -> _Times:
    async with observing(rig, members) as (host, _, observers):
        person, eyes, times = Person(host, rig.subject), Eyes(rig.subject, observers), []
        for number in range(_ROUNDS):
            name = f"{prefix}-{number}"
            times.append(await eyes.until_in(members, name, PAYLOAD, await person.create(name, members)))
            await asyncio.sleep(_PAUSE_S)
    return _Times(statistics.median(times), statistics.quantiles(times, n=100)[-1])


async def _wait_for_it(rig: Rig) -> None:
    """Objects for all members, which stay unfinished."""
    client = rig.client("host")
    await Person(client, rig.subject).create_all([f"stuck-{number}" for number in range(_STUCK)])
    await client.close()


async def _first_create(rig: Rig, members: list[str], controller: Controller) -> float:
    """Seconds from the request until the members that are well hold it, asked for as soon as the new process leads."""
    deadline = time.monotonic() + _OFFLINE_WITHIN_S
    async with observing(rig, members) as (host, _, observers):
        while not await asyncio.to_thread(controller.leads):
            assert time.monotonic() < deadline, "the new process does not lead"
            await asyncio.sleep(0.01)
        started = await Person(host, rig.subject).create("first", members)
        return await Eyes(rig.subject, observers).until_in(members, "first", PAYLOAD, started) / 1000
