"""A fake host and fake members with a registry over them, in a loop with virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from kubefed.clusters.credentials import SECRETS
from kubefed.clusters.member import Member
from kubefed.clusters.record import KUBEFED_CLUSTERS
from kubefed.clusters.registry import Registry
from kubefed.clusters.settings import RegistrySettings
from kubefed.clusters.surroundings import Surroundings
from kubefed.core.errors import KubefedError
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.lane import Lane
from kubefed.kube.client import Client
from kubefed.kube.connection import Connection
from kubefed.kube.wire import Metadata
from tests.builders.clusters import SYSTEM, a_record, registry_settings, secret_manifest
from tests.builders.served import Served
from tests.fakes.apiserver import TOKEN, FakeApiServer, send
from tests.fakes.clock import LoopClock, seeded

NODES = "/api/v1/nodes"
KUBE_SYSTEM = "/api/v1/namespaces/kube-system"


async def in_time(holds: Callable[[], object], *, within_s: float) -> None:
    """Return when `holds()` is true, which is looked at about a hundred times: each look takes real milliseconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not holds():
        assert loop.time() < deadline, f"not true within {within_s} s"
        await asyncio.sleep(max(0.1, within_s / 100))


def uncounted(verb: str, error: KubefedError | None, seconds: float) -> None:
    """Nobody measures these lanes."""


def answers_well(server: FakeApiServer, *, uid: str = "", version: str = "v1.36.0") -> FakeApiServer:
    """Let a fake server be a healthy member of its own identity."""
    server.on("GET", "/healthz", send(b"ok"))
    server.on("GET", "/version", send({"gitVersion": version}))
    server.on("GET", KUBE_SYSTEM, send({"metadata": {"name": "kube-system", "uid": uid or f"uid-{server.port}"}}))
    node = {"metadata": {"name": "n", "labels": {"topology.kubernetes.io/region": "west"}}}
    server.on("GET", NODES, send({"metadata": {"resourceVersion": "1"}, "items": [node]}))
    return server


@dataclass
class Ear:
    """Hears what features hear of the members."""

    clusters: list[ClusterName] = field(default_factory=list)
    copies: list[tuple[ClusterName, ObjectKey, bool]] = field(default_factory=list)

    def copy_changed(self, cluster: ClusterName, key: ObjectKey, _old: Metadata | None, new: Metadata | None) -> None:
        self.copies.append((cluster, key, new is not None))

    def cluster_changed(self, cluster: ClusterName) -> None:
        self.clusters.append(cluster)


class Federation:
    """One registry and the fake servers around it. Every member is registered under its own token and Secret."""

    def __init__(self, host: FakeApiServer, settings: RegistrySettings) -> None:
        self.host = host
        self.records = Served(host, KUBEFED_CLUSTERS, SYSTEM)
        self.secrets = Served(host, SECRETS, SYSTEM)
        self.clock = LoopClock()
        self.registry = Registry(
            Surroundings(
                settings=settings,
                host=host.client(),
                host_lane=self._lane(),
                open_client=self._open_client,
                open_lane=lambda _: self._lane(),
                clock=self.clock,
                rng=seeded(),
            )
        )
        self.opened: list[Client] = []

    def join(self, name: str, server: FakeApiServer, *, token: str = TOKEN, **labels: str) -> None:
        """Register a member: its Secret, then its record."""
        self.secrets.put(secret_manifest({"token": token}, name))
        record = a_record(name).at(server.connection.server, server.authority.ca_pem)
        self.records.put((record.labelled(**labels) if labels else record).manifest())

    def member(self, name: str) -> Member:
        return self.registry.members[ClusterName(name)]

    def state(self, name: str) -> str:
        """The member's state as its own process sees it; `absent` when it is not registered."""
        member = self.registry.members.get(ClusterName(name))
        return str(member.state) if member is not None else "absent"

    def status(self, name: str) -> dict[str, Any]:
        """The status that is stored on the host."""
        status: dict[str, Any] = self.records.get(name, SYSTEM).get("status") or {}
        return status

    def conditions(self, name: str) -> dict[str, str]:
        """The stored conditions: type and status."""
        return {each["type"]: each["status"] for each in self.status(name).get("conditions", ())}

    def told(self, name: str) -> str:
        """What the stored details say to a person."""
        return str(self.status(name).get("details", {}).get("message", ""))

    async def becomes(self, name: str, state: str, *, within_s: float = 120) -> None:
        """Return when the member's state is this one, on the host as well."""
        await in_time(
            lambda: self.state(name) == self.status(name).get("details", {}).get("state") == state, within_s=within_s
        )

    def status_writes(self, name: str) -> int:
        """How often the record's status was written."""
        return self.records.writes.count(("status", ObjectKey(SYSTEM, name)))

    def _lane(self) -> Lane:
        return Lane(self.clock, seeded(), uncounted)

    def _open_client(self, _name: ClusterName, connection: Connection) -> Client:
        client = Client(connection, agent=lambda: "kubefed/tests", clock=self.clock)
        self.opened.append(client)
        return client


@asynccontextmanager
async def a_federation(**settings: Any) -> AsyncIterator[Federation]:
    """A federation whose registry runs; settings as in registry_settings. Everything is closed in the end."""
    async with FakeApiServer() as host:
        federation = Federation(host, registry_settings(**settings))
        running = asyncio.ensure_future(federation.registry.run())
        try:
            yield federation
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            for client in federation.opened:
                await client.close()
