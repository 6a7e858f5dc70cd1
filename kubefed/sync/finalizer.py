"""Puts our finalizer on a federated object before its first copy is made, and takes it off after the last one is gone."""

from collections.abc import Callable

import orjson

from kubefed.core.errors import KubefedError, NotFound
from kubefed.core.markers import SYNC_FINALIZER
from kubefed.core.names import ObjectKey
from kubefed.engine.lane import Operation
from kubefed.engine.priority import Priority
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.store import Store
from kubefed.kube.wire import Object
from kubefed.sync.plan import Finalizer
from kubefed.sync.surroundings import Surroundings


class FinalizerKeeper:
    """The finalizers of one federated type. Each write carries the resourceVersion that the decision was made on."""

    def __init__(
        self,
        kind: FederatedType,
        federated: Store[Object],
        around: Surroundings,
        ended: Callable[[ObjectKey, KubefedError | None], None],
    ) -> None:
        self._kind = kind
        self._federated = federated
        self._around = around
        self._ended = ended

    def submit(self, federated: Object, change: Finalizer, priority: Priority) -> None:
        """Have the change made, unless the same is on its way."""
        target = ("finalizer", self._kind.name, federated.key)
        verb = f"{change.name.lower()} finalizer"
        under_way = self._around.host_lane.under_way(target)
        if under_way is not None and under_way.verb == verb:
            return
        self._around.host_lane.submit(
            Operation(
                target,
                verb,
                lambda: self._write(federated, change),
                lambda error: self._ended(federated.key, error),
                priority,
                federated.namespace,
            )
        )

    async def _write(self, federated: Object, change: Finalizer) -> None:
        kept = [name for name in federated.metadata.finalizers if name != SYNC_FINALIZER]
        finalizers = [*kept, SYNC_FINALIZER] if change is Finalizer.ADD else kept
        patch = {"metadata": {"finalizers": finalizers, "resourceVersion": str(federated.resource_version)}}
        try:
            metadata = await self._around.host.patch(self._kind.federated, federated.key, orjson.dumps(patch))
        except NotFound as answer:
            if answer.reason == "NotFound":  # somebody else was faster
                return
            raise
        if change is Finalizer.ADD or metadata.finalizers:
            self._federated.apply(Object(metadata, federated.spec, federated.status))
