"""All recorded versions of the host, of every federated type, as two watched collections."""

import asyncio
import random
from collections.abc import Callable

from kubefed.core.names import ObjectKey, ResourceType
from kubefed.engine.loop import keep_running
from kubefed.kube.client import Client
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Object
from kubefed.sync.versions import CLUSTER_PROPAGATED_VERSIONS, PROPAGATED_VERSIONS


class RecordedVersions:
    """PropagatedVersions and ClusterPropagatedVersions.

    `became_known` is called when either has been read whole; `lost` when a record went: its federated object may still be
    there, if it was deleted and made again faster than the API server's garbage collector took the record away. Where
    one namespace only is federated, there are records in that namespace and none of the cluster's own objects.
    """

    def __init__(
        self,
        host: Client,
        rng: random.Random,
        became_known: Callable[[], None],
        lost: Callable[[ObjectKey], None],
        only_namespace: str = "",
    ) -> None:
        self._stores: dict[ResourceType, Store[Object]] = {}
        self._reflectors: list[Reflector[Object]] = []
        self._known = 0
        self._became_known = became_known
        for resource in (PROPAGATED_VERSIONS, CLUSTER_PROPAGATED_VERSIONS):
            store: Store[Object] = Store(lambda key, _old, new: lost(key) if new is None else None)
            self._stores[resource] = store
            if only_namespace and not resource.namespaced:
                continue
            selection = Selection(resource, only_namespace)
            self._reflectors.append(Reflector(host, selection, host.projector.object, store, on_state=self._heard, rng=rng))

    def store(self, resource: ResourceType) -> Store[Object]:
        """The records of one of the two kinds."""
        return self._stores[resource]

    async def run(self) -> None:
        """Watch both kinds until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for reflector in self._reflectors:
                tasks.create_task(keep_running(f"{reflector.selection.resource}", reflector.run))

    def _heard(self, _: Reflector[Object]) -> None:
        known = sum(store.complete for store in self._stores.values())
        if known > self._known:
            self._became_known()
        self._known = known
