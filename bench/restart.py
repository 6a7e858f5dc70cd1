"""A controller that is started again while nothing has changed: how long until it is quiet, and what it wrote meanwhile.

And once more with an edit as soon as it leads, which must not wait for all that is looked at again.
"""

import asyncio
import time

from bench.latency import Eyes
from bench.load import Person
from bench.observers import observing
from bench.rig import Rig
from bench.rows import ROWS, Measured
from tests.support.audit import AuditLog
from tests.support.controller import Controller

_WATCHED_S = 6.0  # longer than the target, so that a late write is seen


def measure(rig: Rig, controller: Controller, name: str) -> list[Measured]:
    """Stop and start with everything in sync, twice; the second time somebody edits the object `name`."""
    logs = [AuditLog(cluster.audit_log) for cluster in (rig.sandbox.host, *rig.sandbox.members)]
    controller.stop()
    for log in logs:
        log.mark()
    started = time.monotonic()
    controller.start()
    while controller.waiting():
        time.sleep(0.02)
    quiet_s = time.monotonic() - started
    time.sleep(max(0.0, _WATCHED_S - quiet_s))
    written = sum(log.writes()["objects"] for log in logs)
    controller.stop()
    controller.launch()
    edit_s = asyncio.run(_edit_when_it_leads(rig, controller, name))
    return [
        Measured(ROWS["restart: quiet"], quiet_s),
        Measured(ROWS["restart: writes"], written),
        Measured(ROWS["restart: an edit amid it"], edit_s),
    ]


async def _edit_when_it_leads(rig: Rig, controller: Controller, name: str) -> float:
    async with observing(rig) as (host, _, observers):
        while not await asyncio.to_thread(controller.leads):  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.01)
        edited = await Person(host, rig.subject).edit(name, "amid a restart")
        return await Eyes(rig.subject, observers).until_in(rig.members, name, "amid a restart", edited) / 1000
