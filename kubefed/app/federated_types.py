"""Which types are federated, kept for admission. What is not known is not judged."""

from collections.abc import Collection

from kubefed.api.core_v1beta1 import FederatedTypeConfig, Scope
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.federated.federated_type import FederatedType
from kubefed.federated.type_configs import wish_of
from kubefed.kube.client import Client
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Object


class FederatedTypes:
    """The FederatedTypeConfigs of one namespace, as a lookup that other threads may ask."""

    def __init__(self, client: Client, namespace: str) -> None:
        self._types: dict[tuple[str, str], FederatedType] = {}
        self._store = Store[Object](self._changed)
        selection = Selection(FederatedTypeConfig.resource_type, namespace)
        self._reflector = Reflector(client, selection, client.projector.object, self._store)

    async def run(self) -> None:
        """Watch until cancelled."""
        await self._reflector.run()

    def target_of(self, group: str, plural: str) -> ResourceType | None:
        """The type of the copies of a federated type; None when it is not known."""
        kind = self._types.get((group, plural))
        return kind.target if kind is not None else None

    def divisible_kinds(self) -> Collection[str] | None:
        """The kinds of federated objects that a preference may name, sorted; None while not all types have been read."""
        if not self._store.complete:
            return None
        return sorted({kind.federated.kind for kind in self._types.values() if kind.target.namespaced})

    def _changed(self, _: ObjectKey, old: Object | None, new: Object | None) -> None:
        types = dict(self._types)  # replaced as a whole: reviews are judged in other threads
        if old is not None:
            types = {place: kind for place, kind in types.items() if kind.name != old.name}
        if new is not None:
            types |= _types_of(new)
        self._types = types


def _types_of(config: Object) -> dict[tuple[str, str], FederatedType]:
    try:
        kind = wish_of(config, namespaces_enabled=True, control_plane=Scope.CLUSTER).kind
    except Misconfigured:
        return {}
    return {(kind.federated.group, kind.federated.plural): kind}
