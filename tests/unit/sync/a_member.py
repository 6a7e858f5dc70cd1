"""One fake member with a lane, a store and a collection of copies, for operations on them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from kubefed.clusters.member import Collection, Member
from kubefed.core.errors import KubefedError
from kubefed.core.markers import MANAGED, MANAGED_LABEL, OWNER_ANNOTATION
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.engine.lane import Lane
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.reflector import Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Metadata
from kubefed.sync.executor import Workshop
from tests.builders.kinds import CONFIG_MAPS
from tests.builders.objects import OWNER
from tests.builders.served import Served
from tests.fakes.apiserver import FakeApiServer
from tests.fakes.clock import FakeClock, seeded

KEY = ObjectKey("shop", "settings")
"""Of the federated ConfigMap of the builders."""
MARKS: dict[str, Any] = {"labels": {MANAGED_LABEL: MANAGED}, "annotations": {OWNER_ANNOTATION: OWNER}}
"""The metadata by which a copy is ours."""


@dataclass
class OneMember:
    """A member and what its server holds."""

    server: FakeApiServer
    copies: Served
    member: Member
    shop: Workshop

    @property
    def store(self) -> Store[Metadata]:
        """What is known of its copies."""
        return self.member.collections[self.shop.selection].store

    @property
    def target(self) -> ResourceType:
        return self.shop.kind.target

    def holds(self, key: ObjectKey = KEY, *, known: bool = True, **fields: Any) -> Metadata:
        """Let the server hold an object; `known`: and the store as well. `metadata` among `fields` says whose it is."""
        metadata = {
            "name": key.name,
            **({"namespace": key.namespace} if key.namespace else {}),
            **fields.pop("metadata", {}),
        }
        kind = {"apiVersion": self.target.api_version, "kind": self.target.kind}
        self.copies.put({**kind, "metadata": metadata, **fields})
        copy = self.read(key)
        if known:
            self.store.apply(copy)
        return copy

    def read(self, key: ObjectKey = KEY) -> Metadata:
        """The object's metadata as the server has it now."""
        return self.member.client.projector.metadata(orjson.dumps(self.copies.objects[key]))

    def stored(self, key: ObjectKey = KEY) -> dict[str, Any]:
        """The object as the server has it now."""
        return self.copies.objects[key]

    def verbs(self) -> list[str]:
        """What was asked of the server, in order."""
        return [request.verb for request in self.server.requests]


def uncounted(verb: str, error: KubefedError | None, seconds: float) -> None:
    """Nobody measures this lane."""


@asynccontextmanager
async def a_member(kind: FederatedType = CONFIG_MAPS, *, adopt: bool = True) -> AsyncIterator[OneMember]:
    """A member named eu, whose store is complete and empty."""
    async with FakeApiServer() as server:
        selection = Selection(kind.target, label_selector=f"{MANAGED_LABEL}={MANAGED}", metadata_only=True)
        member = Member(ClusterName("eu"), Lane(FakeClock(), seeded(), uncounted))
        member.use(server.client())
        collection = member.collections[selection] = Collection(lambda *_: None)
        collection.store.complete = True
        copies = Served(server, kind.target)
        copies.accept_creations("shop" if kind.target.namespaced else "")
        yield OneMember(server, copies, member, Workshop(kind, selection, OWNER, adopt))
        await member.lane.close()
