"""A controller process from start to end, against a fake host: when it leads, when it ends, and with which exit code."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedCluster, KubeFedConfig
from kubefed.app.options import Options
from kubefed.app.process import Process
from kubefed.clusters.survey import NAMESPACES
from kubefed.core.clock import SystemClock
from kubefed.core.markers import CONTROLLER_NAME
from kubefed.core.names import ObjectKey
from kubefed.kube.lease import LEASES
from kubefed.sync.versions import CLUSTER_PROPAGATED_VERSIONS, PROPAGATED_VERSIONS
from tests.builders.clusters import SYSTEM
from tests.builders.served import Served
from tests.fakes.apiserver import FakeApiServer, refuse, send
from tests.fakes.waiting import eventually

LEASE = ObjectKey(SYSTEM, CONTROLLER_NAME)
QUICKLY = {"leaderElect": {"leaseDuration": "2s", "renewDeadline": "800ms", "retryPeriod": "200ms"}}


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Run:
    """A process that runs, the host it runs on, and what it is told."""

    def __init__(self, host: FakeApiServer) -> None:
        self.host = host
        self.stop = asyncio.Event()
        self.leases = Served(host, LEASES, SYSTEM)
        self._port = a_free_port()
        address, metrics, liveness = (f"127.0.0.1:{port}" for port in (self._port, a_free_port(), a_free_port()))
        options = Options(SYSTEM, healthz_address=address, metrics_address=metrics, liveness_address=liveness)
        self.ending = asyncio.ensure_future(Process(options, host.connection, SystemClock()).run(self.stop))

    @property
    def holder(self) -> str:
        """Who holds the lease."""
        lease: dict[str, Any] = self.leases.objects.get(LEASE, {"spec": {}})
        return str(lease["spec"].get("holderIdentity") or "")

    async def ready(self) -> tuple[int, str]:
        """What /readyz says; 0 while nobody listens."""
        try:
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self._port}/readyz") as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientConnectorError:
            return 0, ""

    async def is_ready(self, *answer: int | str) -> None:
        """Return when /readyz says this."""
        async with asyncio.timeout(20):
            while await self.ready() != answer:  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(0.05)

    async def ends(self) -> int:
        """The exit code, when there is one."""
        return await asyncio.wait_for(asyncio.shield(self.ending), 20)


@asynccontextmanager
async def a_run(*, configured: bool = True) -> AsyncIterator[Run]:
    """A process on a host with quick elections and without members; `configured` False: on a host that only refuses."""
    async with FakeApiServer() as host:
        host.on("GET", "/api", send({"versions": []}))
        host.on("GET", "/apis", send({"groups": []}))
        if configured:
            for resource in (KubeFedCluster.resource_type, FederatedTypeConfig.resource_type):
                Served(host, resource, SYSTEM)
            for resource in (NAMESPACES, PROPAGATED_VERSIONS, CLUSTER_PROPAGATED_VERSIONS):
                Served(host, resource)
            configs = Served(host, KubeFedConfig.resource_type, SYSTEM)
            named = {"name": "kubefed", "namespace": SYSTEM}
            configs.put({"metadata": named, "spec": {"scope": "Cluster", "trust": "Strict", **QUICKLY}})
        run = Run(host)
        try:
            yield run
        finally:
            run.stop.set()
            await asyncio.gather(run.ending, return_exceptions=True)


async def test_a_process_that_is_told_to_stop_gives_its_lease_back_and_exits_with_0() -> None:
    async with a_run() as run:
        await eventually(lambda: run.holder)
        run.stop.set()
        assert await run.ends() == 0
        assert run.holder == ""


async def test_a_leader_that_cannot_renew_its_lease_exits_with_1() -> None:
    async with a_run() as run:
        await eventually(lambda: run.holder)
        run.host.on("PUT", LEASES.object_path(LEASE), refuse(500, "InternalError"))
        assert await run.ends() == 1


async def test_a_leader_whose_lease_was_taken_exits_with_1_and_leaves_it_to_the_other() -> None:
    async with a_run() as run:
        await eventually(lambda: run.holder)
        lease = run.leases.get(CONTROLLER_NAME, SYSTEM)
        run.leases.put({**lease, "spec": {**lease["spec"], "holderIdentity": "another"}})
        assert await run.ends() == 1
        assert run.holder == "another"


async def test_a_process_waits_for_its_host_says_so_and_can_be_stopped_meanwhile() -> None:
    async with a_run(configured=False) as run:
        run.host.on("GET", KubeFedConfig.resource_type.object_path(ObjectKey(SYSTEM, "kubefed")), refuse(500, "x"))
        await eventually(lambda: run.host.requests)
        assert await run.ready() == (503, "the host cluster has not been read yet")
        run.stop.set()
        assert await run.ends() == 0


async def test_a_process_becomes_ready_when_everything_has_been_read() -> None:
    async with a_run() as run:
        await run.is_ready(200, "OK")
