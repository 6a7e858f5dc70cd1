"""The whole of sync over fake servers in virtual time: a host, its members, and the types that are enabled."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from kubefed.api.core_v1beta1 import FederatedTypeConfig, Scope
from kubefed.clusters.survey import NAMESPACES
from kubefed.core.errors import KubefedError
from kubefed.core.markers import MANAGED, MANAGED_LABEL
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.engine.lane import Lane
from kubefed.federated.federated_type import FederatedType
from kubefed.federated.freezes import Freeze
from kubefed.observe.events import Subject
from kubefed.sync.manager import TypeManager
from kubefed.sync.namespaces import Namespaces
from kubefed.sync.recorded import RecordedVersions
from kubefed.sync.surroundings import Surroundings, SyncSettings
from kubefed.sync.versions import CLUSTER_PROPAGATED_VERSIONS, PROPAGATED_VERSIONS
from tests.builders import kinds
from tests.builders.clusters import SYSTEM
from tests.builders.objects import OWNER, FederatedBuilder, a_fed_namespace
from tests.builders.served import Served
from tests.fakes.apiserver import FakeApiServer
from tests.fakes.clock import seeded
from tests.unit.clusters.a_federation import Federation, a_federation, answers_well, in_time

TYPE_CONFIGS = FederatedTypeConfig.resource_type


def a_type_config(kind: FederatedType, **spec: Any) -> dict[str, Any]:
    """The FederatedTypeConfig of a type, with propagation enabled."""

    def resource(of: ResourceType) -> dict[str, Any]:
        scope = "Namespaced" if of.namespaced else "Cluster"
        named = {"version": of.version, "kind": of.kind, "pluralName": of.plural, "scope": scope}
        return {**named, "group": of.group} if of.group else named

    types = {"targetType": resource(kind.target), "federatedType": resource(kind.federated)}
    return {
        "apiVersion": TYPE_CONFIGS.api_version,
        "kind": TYPE_CONFIGS.kind,
        "metadata": {"name": kind.name, "namespace": SYSTEM},
        "spec": {**types, "propagation": "Enabled", **spec},
    }


class ControlPlane:
    """A host with the namespace `shop`, federated everywhere, and members that hold nothing yet."""

    def __init__(self, federation: Federation) -> None:
        self.federation = federation
        self.host = federation.host
        self.leading = asyncio.Event()
        self.events: list[tuple[str, str, str]] = []
        """What was emitted: the object's name, the reason, the message."""
        self.frozen = self.all_frozen = ""
        self.configs = Served(self.host, TYPE_CONFIGS, SYSTEM)
        self.namespaces = Served(self.host, NAMESPACES)
        self.versions = Served(self.host, PROPAGATED_VERSIONS)
        self.cluster_versions = Served(self.host, CLUSTER_PROPAGATED_VERSIONS)
        self.federated: dict[str, Served] = {}
        self.copies: dict[tuple[str, str], Served] = {}
        self.servers: dict[str, FakeApiServer] = {}
        self.manager = self._manager()
        self.put_namespace("shop")
        self.versions.accept_creations("shop")

    def put_namespace(self, name: str) -> None:
        """Let the host have a namespace."""
        self.namespaces.put({"metadata": {"name": name}})

    def enable(self, *types: FederatedType, **spec: Any) -> None:
        """Enable federated types; what they are copied to is served by every member from now on."""
        for kind in types:
            self.serve(kind)
            self.configs.put(a_type_config(kind, **spec))

    def serve(self, kind: FederatedType) -> None:
        """Let the host and every member serve a type."""
        if kind.name in self.federated:
            return
        self.federated[kind.name] = Served(self.host, kind.federated)
        for name, server in self.servers.items():
            copies = self.copies[name, kind.name] = Served(server, kind.target, label=f"{MANAGED_LABEL}={MANAGED}")
            copies.accept_creations("shop" if kind.target.namespaced else "")

    def put(self, builder: FederatedBuilder, *, finalized: bool = False) -> None:
        """A person writes a federated object, without our finalizer unless it is `finalized`."""
        self.federated[builder.kind.name].put((builder if finalized else builder.without_finalizer()).manifest())

    def edit(self, builder: FederatedBuilder) -> None:
        """A person changes the spec or the annotations of an object that is there."""
        stored, new = self.object(builder), builder.manifest()
        changed = stored["spec"] != new["spec"]
        metadata = {**stored["metadata"], "annotations": new["metadata"].get("annotations", {})}
        metadata["generation"] = metadata["generation"] + changed
        self.federated[builder.kind.name].put({**stored, "metadata": metadata, "spec": new["spec"]})

    def delete(self, builder: FederatedBuilder) -> None:
        """A person deletes an object, which stays while it has finalizers."""
        stored = self.object(builder)
        metadata = {**stored["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}
        self.federated[builder.kind.name].put({**stored, "metadata": metadata})

    def object(self, builder: FederatedBuilder) -> dict[str, Any]:
        """A federated object as it is stored."""
        return self.federated[builder.kind.name].objects[builder.key]

    def is_there(self, builder: FederatedBuilder) -> bool:
        """Whether the host still holds a federated object."""
        return builder.key in self.federated[builder.kind.name].objects

    def told(self, builder: FederatedBuilder) -> dict[str, str]:
        """What the object's status says of each cluster, where "" is good; empty before there is a status."""
        entries = (self.object(builder).get("status") or {}).get("clusters") or ()
        return {entry["name"]: entry.get("status", "") for entry in entries}

    def copy(self, cluster: str, builder: FederatedBuilder) -> dict[str, Any] | None:
        """The copy that a member holds."""
        target = builder.kind.target
        key = builder.key if target.namespaced else ObjectKey("", builder.key.name)
        return self.copies[cluster, builder.kind.name].objects.get(key)

    def writes(self, cluster: str, builder: FederatedBuilder) -> list[str]:
        """What was written to the type's copies in a member."""
        return [verb for verb, _ in self.copies[cluster, builder.kind.name].writes]

    def drift(self, cluster: str, builder: FederatedBuilder) -> None:
        """Somebody in a member changes a copy."""
        copy = self.copy(cluster, builder)
        assert copy is not None
        self.copies[cluster, builder.kind.name].put({**copy, "data": {"colour": "drifted"}})

    def emit(self, subject: Subject, severity: str, reason: str, message: str, component: str) -> None:
        """Take an event: see observe.events.EventSink."""
        assert severity in ("Normal", "Warning")
        assert component.endswith("-controller")
        self.events.append((subject.key.name, reason, message))

    async def settle(self, builder: FederatedBuilder, **expected: str) -> None:
        """Return when the object's status says exactly this of its clusters."""
        await in_time(lambda: self.is_there(builder) and self.told(builder) == expected, within_s=100)

    async def quiet(self, seconds: float = 5.0) -> None:
        """Let everything happen that was about to."""
        await asyncio.sleep(seconds)

    def _manager(self) -> TypeManager:
        federation, host = self.federation, self.federation.host.client()
        namespaces = Namespaces(host, SYSTEM, self._namespace_changed)
        versions = RecordedVersions(host, seeded(), self._everything_changed, self._record_lost)
        self.known = (namespaces, versions)
        around = Surroundings(
            settings=SyncSettings(SYSTEM, OWNER),
            host=host,
            host_lane=Lane(federation.clock, seeded(), uncounted),
            registry=federation.registry,
            namespaces=namespaces,
            versions=versions,
            events=self,
            freeze=lambda: Freeze(self.all_frozen, self.frozen),
            clock=federation.clock,
            rng=seeded(),
        )
        return TypeManager(around, Scope.CLUSTER, self.leading, lambda *_: None)

    def _namespace_changed(self, name: str) -> None:
        self.manager.namespace_changed(name)

    def _everything_changed(self) -> None:
        self.manager.resync_objects()

    def _record_lost(self, key: ObjectKey) -> None:
        self.manager.record_lost(key)

    def work(self) -> list[Callable[[], Any]]:
        """What runs."""
        namespaces, versions = self.known
        return [namespaces.reflector.run, versions.run, self.manager.run]


def uncounted(verb: str, error: KubefedError | None, seconds: float) -> None:
    """Nobody measures this lane."""


@asynccontextmanager
async def a_control_plane(*members: str, federate_shop: bool = True, leading: bool = True) -> AsyncIterator[ControlPlane]:
    """A control plane that runs over ready members, with the types `namespaces` and `configmaps` enabled.

    `federate_shop`: the namespace `shop` is placed in every member, with all that this writes done.
    """
    async with AsyncExitStack() as stack:
        federation = await stack.enter_async_context(a_federation())
        plane = ControlPlane(federation)
        for name in members:
            plane.servers[name] = answers_well(await stack.enter_async_context(FakeApiServer()))
        plane.enable(kinds.NAMESPACES, kinds.CONFIG_MAPS)
        if leading:
            plane.leading.set()
        running = [asyncio.ensure_future(work()) for work in plane.work()]
        try:
            for name, server in plane.servers.items():
                federation.join(name, server)
            for name in members:
                await federation.becomes(name, "Ready")
            if federate_shop:
                plane.put(a_fed_namespace().placed_by_labels())
                await in_time(lambda: all(plane.copy(name, a_fed_namespace()) for name in members), within_s=20)
            yield plane
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
