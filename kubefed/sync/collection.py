"""Statuses that are collected from copies: which count, and the objects that hold them for types that keep them apart.

KubeFed kept those of Services in FederatedServiceStatuses; the type is whatever the FederatedTypeConfig names.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import orjson

from kubefed.core.errors import AlreadyExists, KubefedError
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.engine.lane import Operation
from kubefed.engine.loop import keep_running
from kubefed.engine.priority import Priority
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import TOO_LARGE, Metadata, Object
from kubefed.sync.facts import ClusterFacts, Facts
from kubefed.sync.surroundings import Surroundings

_Statuses = list[dict[str, Any]]


def collected(facts: Facts) -> Mapping[ClusterName, bytes]:
    """The copies' own statuses, as JSON, of the clusters that can tell."""
    return {
        cluster.name: cluster.copy.status
        for cluster in facts.clusters
        if _tells(cluster) and cluster.copy is not None and cluster.copy.status
    }


def statuses_apart(facts: Facts) -> _Statuses:
    """One entry for each cluster that can tell, sorted; an empty status where it has no copy, as under KubeFed."""
    found = collected(facts)
    return [
        {"clusterName": str(cluster.name), "status": _readable(found.get(cluster.name, b""))}
        for cluster in sorted(facts.clusters, key=lambda cluster: cluster.name)
        if _tells(cluster)
    ]


def _tells(cluster: ClusterFacts) -> bool:
    return cluster.ready and cluster.known


def _readable(status: bytes) -> Any:
    return orjson.loads(status) if status and status != TOO_LARGE else {}


class _StatusObject(msgspec.Struct, gc=False, frozen=True):
    """An object that holds collected statuses at its top level."""

    metadata: Metadata
    statuses: bytes

    @property
    def key(self) -> ObjectKey:
        return self.metadata.key

    @property
    def resource_version(self) -> int:
        return self.metadata.resource_version


class _Body(msgspec.Struct, rename="camel"):
    cluster_status: msgspec.Raw = msgspec.Raw(b"[]")


_BODY_DECODER = msgspec.json.Decoder(_Body)


class StatusesApart:
    """Keeps one status object beside each federated object of one type. It is owned by it and goes with it."""

    def __init__(
        self,
        kind: FederatedType,
        resource: ResourceType,
        around: Surroundings,
        ended: Callable[[ObjectKey, KubefedError | None], None],
    ) -> None:
        self._kind = kind
        self._resource = resource
        self._around = around
        self._ended = ended
        self._stored: Store[_StatusObject] = Store(lambda *_: None)
        self._reflector = Reflector(
            around.host,
            Selection(resource, around.settings.only_namespace),
            self._decode,
            self._stored,
            rng=around.rng,
        )

    async def run(self) -> None:
        """Read what is stored, until cancelled."""
        await keep_running(f"collected statuses of {self._kind.name}", self._reflector.run)

    def submit(self, federated: Object, statuses: _Statuses) -> None:
        """Have the object beside `federated` say this, if it does not."""
        key = federated.key
        stored = self._stored.get(key)
        if not self._stored.complete or (stored is not None and orjson.loads(stored.statuses) == statuses):
            return
        target = ("statuses", self._kind.name, key)
        under_way = self._around.host_lane.under_way(target)
        if under_way is not None and under_way.running:
            return

        async def write() -> None:
            await self._write(federated, statuses)

        self._around.host_lane.submit(
            Operation(target, "collect", write, lambda error: self._ended(key, error), Priority.RESYNC, key.namespace)
        )

    async def _write(self, federated: Object, statuses: _Statuses) -> None:
        stored = self._stored.get(federated.key)
        host, body = self._around.host, self._body(federated, statuses, stored)
        try:
            if stored is None:
                written = await host.create(self._resource, federated.namespace, body)
            else:
                written = await host.replace(self._resource, federated.key, body)
        except AlreadyExists:
            self._stored.apply(self._decode(await host.get(self._resource, federated.key)))
            raise
        self._stored.apply(_StatusObject(written, orjson.dumps(statuses)))

    def _body(self, federated: Object, statuses: _Statuses, stored: _StatusObject | None) -> bytes:
        metadata: dict[str, Any] = {
            "name": federated.name,
            "namespace": federated.namespace,
            "ownerReferences": [
                {
                    "apiVersion": self._kind.federated.api_version,
                    "kind": self._kind.federated.kind,
                    "name": federated.name,
                    "uid": federated.metadata.uid,
                }
            ],
        }
        if stored is not None:
            metadata["resourceVersion"] = str(stored.resource_version)
        return orjson.dumps(
            {
                "apiVersion": self._resource.api_version,
                "kind": self._resource.kind,
                "metadata": metadata,
                "clusterStatus": statuses,
            }
        )

    def _decode(self, body: bytes | msgspec.Raw) -> _StatusObject:
        metadata = self._around.host.projector.metadata(body)
        return _StatusObject(metadata, bytes(_BODY_DECODER.decode(body).cluster_status))
