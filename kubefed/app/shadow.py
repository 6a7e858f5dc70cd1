"""`controller-manager --shadow`: decide everything, write nothing, and print the writes that would have been made.

It takes no lease, so it may run beside whatever controls the federation now. It ends when nothing is left to decide.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from kubefed.app.config import host_identity, load_configuration
from kubefed.app.imagined import Imagination, ImaginedWrite
from kubefed.app.options import Options
from kubefed.app.parts import Parts, lay_foundation
from kubefed.clusters.member import MemberState
from kubefed.core.clock import Clock
from kubefed.core.tasks import run_until
from kubefed.engine.loop import keep_running
from kubefed.kube.connection import Connection

_QUIET_S = 3.0
_LOOK_S = 0.25
_HOST = "host"
_OWN_NOTES = ("/kubefedclusters/", "/kubefedconfigs/", "/leases/", "/events/", "/serviceaccounts/")
_WORDS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(slots=True)
class ShadowRun:
    """One pass over everything. `run` returns the exit code."""

    options: Options
    connection: Connection
    clock: Clock

    async def run(self, stop: asyncio.Event) -> int:
        """Print one line a write, then the sums. 0 unless `stop` was set before everything had been looked at."""
        writes: list[ImaginedWrite] = []

        def told(write: ImaginedWrite) -> None:
            if any(part in write.path for part in _OWN_NOTES):
                return
            writes.append(write)
            _print(line_of(write))

        async with AsyncExitStack() as stack:
            base = lay_foundation(self.connection, self.options.namespace, self.clock, Imagination(told))
            stack.push_async_callback(base.host.close)
            configuration = await load_configuration(base.host, self.options.namespace, self.options.config_file)
            parts = Parts(base, configuration, await host_identity(base.host, configuration.model))
            stack.push_async_callback(parts.host.close)
            parts.leading.set()
            tasks = [asyncio.ensure_future(keep_running(name, work)) for name, work in parts.work()]
            try:
                await run_until(self._until_quiet(parts), stop)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await parts.host_lane.close()
        for line in sums_of(writes, unseen=_unseen(parts)):
            _print(line)
        return 1 if stop.is_set() else 0

    async def _until_quiet(self, parts: Parts) -> None:
        quiet_since = self.clock.monotonic()
        while self.clock.monotonic() - quiet_since < _QUIET_S:
            await asyncio.sleep(_LOOK_S)
            if parts.busy:
                quiet_since = self.clock.monotonic()


def line_of(write: ImaginedWrite) -> str:
    """`member1  update  /apis/apps/v1/namespaces/shop/deployments/web  spec.replicas`."""
    changes = f"  {', '.join(write.changes)}" if write.changes else ""
    return f"{write.server}  {_WORDS.get(write.verb, write.verb)}  {write.path}{changes}"


def sums_of(writes: Sequence[ImaginedWrite], *, unseen: Sequence[str]) -> list[str]:
    """What would be written where, and what could not be told."""
    members = Counter((write.server, _WORDS.get(write.verb, write.verb)) for write in writes if write.server != _HOST)
    lines = [f"In {server}: {count} x {verb}" for (server, verb), count in sorted(members.items())] or [
        "In the members nothing would be written."
    ]
    lines.append(f"In the host: {sum(write.server == _HOST for write in writes)} writes (records, statuses, finalizers).")
    lines.extend(f"Not known: {reason}" for reason in unseen)
    return lines


def _unseen(parts: Parts) -> list[str]:
    return [
        f"what would be written in {name}, which is {member.state}"
        for name, member in parts.registry.members.items()
        if member.state is not MemberState.READY
    ]


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
