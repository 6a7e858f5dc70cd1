"""A services controller over a registry and fake members, in a loop with virtual time. Services are headless: the fakes
allocate no addresses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from kubefed.core.names import ObjectKey
from kubefed.services.controller import ServicesController
from kubefed.services.surroundings import ServicesSettings, Surroundings
from kubefed.services.words import EXPORTS, IMPORTS, NAMESPACES, OF_IMPORT, OF_SERVICE, SERVICES, SLICES
from tests.builders.clusters import SYSTEM
from tests.builders.served import Served
from tests.builders.services import OWNER
from tests.fakes.apiserver import FakeApiServer
from tests.fakes.clock import seeded
from tests.unit.clusters.a_federation import Federation, a_federation, answers_well

WEB = ObjectKey("shop", "web")
_CREATED_AT = "2025-12-31T23:00:00Z"


class FakeMember:
    """A fake server that holds what services are made of, and a namespace `shop`."""

    def __init__(self, server: FakeApiServer) -> None:
        self.server = answers_well(server)
        self.exports, self.imports, self.services, self.slices, self.namespaces = (
            Served(server, resource) for resource in (EXPORTS, IMPORTS, SERVICES, SLICES, NAMESPACES)
        )
        for served in (self.imports, self.services, self.slices):
            served.accept_creations("shop")
        self.namespaces.put({"metadata": {"name": "shop"}})

    def export(self, name: str = "web") -> None:
        """A ServiceExport."""
        metadata = {"namespace": "shop", "name": name, "creationTimestamp": _CREATED_AT}
        self.exports.put({"metadata": metadata, "spec": {}})

    def serve(self, name: str = "web") -> None:
        """A headless Service of one port."""
        spec = {"clusterIP": "None", "clusterIPs": ["None"], "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}
        self.services.put({"metadata": {"namespace": "shop", "name": name}, "spec": spec})

    def run(self, *addresses: str, name: str = "web") -> None:
        """One EndpointSlice of ready endpoints, in place of the one before."""
        metadata = {"namespace": "shop", "name": f"{name}-1", "labels": {OF_SERVICE: name}}
        self.slices.put(
            {
                "metadata": metadata,
                "addressType": "IPv4",
                "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
                "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address in addresses],
            }
        )

    def publish(self, *addresses: str) -> None:
        """All three."""
        self.serve()
        self.run(*addresses)
        self.export()

    def carried(self) -> set[str]:
        """The addresses that were brought here, from everywhere."""
        return {
            each["addresses"][0]
            for manifest in self.slices.objects.values()
            if OF_IMPORT in (manifest["metadata"].get("labels") or {})
            for each in manifest["endpoints"]
        }

    def condition(self, kind: str, name: str = "web") -> tuple[str, str] | None:
        """Status and reason of one condition of an export."""
        conditions = self._conditions(name)
        return next(((each["status"], each["reason"]) for each in conditions if each["type"] == kind), None)

    def message(self, kind: str, name: str = "web") -> str:
        """The message of one condition of an export."""
        return next((str(each["message"]) for each in self._conditions(name) if each["type"] == kind), "")

    def _conditions(self, name: str) -> list[dict[str, Any]]:
        return list((self.exports.get(name, "shop").get("status") or {}).get("conditions") or ())

    def writes(self) -> int:
        """How much has been written here."""
        return sum(len(each.writes) for each in (self.exports, self.imports, self.services, self.slices))


@dataclass
class FakeClusterset:
    """Members `eu` and `us`, and the controller."""

    federation: Federation
    controller: ServicesController
    leading: asyncio.Event
    eu: FakeMember
    us: FakeMember

    def imported(self) -> bool:
        """Whether both have the import."""
        return all(WEB in member.imports.objects for member in (self.eu, self.us))


def uncounted(controller: str, outcome: str, seconds: float, waited_s: float) -> None:
    """Nobody counts these."""


@asynccontextmanager
async def a_clusterset(*, leads: bool = True, **settings: Any) -> AsyncIterator[FakeClusterset]:
    """Two members that are registered, and a controller that runs."""
    async with AsyncExitStack() as stack:
        federation = await stack.enter_async_context(a_federation())
        eu = FakeMember(await stack.enter_async_context(FakeApiServer()))
        us = FakeMember(await stack.enter_async_context(FakeApiServer()))
        known = ServicesSettings(namespace=SYSTEM, owner=OWNER, **settings)
        leading = asyncio.Event()
        if leads:
            leading.set()
        around = Surroundings(known, federation.registry, federation.clock, seeded())
        controller = ServicesController(around, leading, uncounted)
        running = asyncio.ensure_future(controller.run())
        federation.join("eu", eu.server)
        federation.join("us", us.server)
        try:
            yield FakeClusterset(federation, controller, leading, eu, us)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
