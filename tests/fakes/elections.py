"""Processes that want one Lease of a fake server; and stories of them in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from kubefed.core.clock import Clock
from kubefed.core.names import ObjectKey
from kubefed.kube.lease import Leadership, LeaseTimes
from tests.fakes.apiserver import Answer, FakeApiServer
from tests.fakes.clock import LoopClock
from tests.fakes.leases import COLLECTION, NAME, NAMESPACE, PATH, FakeLease
from tests.fakes.loop import virtually
from tests.fakes.waiting import eventually

TIMES = LeaseTimes(lease_duration_s=15.0, renew_deadline_s=10.0, retry_period_s=5.0)


class Elections:
    """A server with one Lease and the processes that want it."""

    def __init__(self, server: FakeApiServer) -> None:
        self.server = server
        self.lease = FakeLease(server)
        self.told: list[tuple[str, bool]] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def candidate(self, name: str, *, clock: Clock | None = None, times: LeaseTimes = TIMES) -> Leadership:
        leadership = Leadership(
            self.server.client(),
            ObjectKey(NAMESPACE, NAME),
            identity=name,
            times=times,
            clock=clock or LoopClock(),
            on_change=lambda leading: self.told.append((name, leading)),
        )
        self.tasks[name] = asyncio.create_task(leadership.run())
        return leadership

    async def stop(self, name: str) -> None:
        self.tasks[name].cancel()
        with suppress(asyncio.CancelledError):
            await self.tasks[name]

    def held_by(self, name: str, *, transitions: Any = 3, duration_s: Any = 15, version: str = "100") -> None:
        """Somebody else wrote the Lease."""
        spec = {"holderIdentity": name, "leaseTransitions": transitions, "leaseDurationSeconds": duration_s}
        metadata = {"name": NAME, "namespace": NAMESPACE, "resourceVersion": version, "labels": {"kept": "yes"}}
        self.lease.current = {"metadata": metadata, "spec": spec}

    def answer(self, answer: Answer) -> None:
        """Whatever is asked of the Lease from now on is answered so."""
        for verb, path in (("GET", PATH), ("PUT", PATH), ("POST", COLLECTION)):
            self.server.on(verb, path, answer)


def tell(story: Callable[[Elections], Awaitable[None]]) -> None:
    """Let a story happen in virtual time, and end whoever is left in it."""

    async def whole() -> None:
        async with FakeApiServer() as server:
            running = Elections(server)
            try:
                await story(running)
            finally:
                for name in running.tasks:
                    await running.stop(name)

    virtually(whole())


async def comes(what: Callable[[], object]) -> None:
    """Wait for it, for a minute at most."""
    await eventually(what, within_s=60.0)


def now() -> float:
    return asyncio.get_running_loop().time()
