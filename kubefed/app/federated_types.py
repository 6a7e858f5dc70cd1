"""Which federated type stands for which type of copies, kept for admission. What is not known is not judged."""

from kubefed.api.core_v1beta1 import FederatedTypeConfig, Scope
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.federated.type_configs import wish_of
from kubefed.kube.client import Client
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Object


class FederatedTypes:
    """The FederatedTypeConfigs of one namespace, as a lookup that other threads may ask."""

    def __init__(self, client: Client, namespace: str) -> None:
        self._targets: dict[tuple[str, str], ResourceType] = {}
        store = Store[Object](self._changed)
        selection = Selection(FederatedTypeConfig.resource_type, namespace)
        self._reflector = Reflector(client, selection, client.projector.object, store)

    async def run(self) -> None:
        """Watch until cancelled."""
        await self._reflector.run()

    def target_of(self, group: str, plural: str) -> ResourceType | None:
        """The type of the copies of a federated type; None when it is not known."""
        return self._targets.get((group, plural))

    def _changed(self, _: ObjectKey, old: Object | None, new: Object | None) -> None:
        targets = dict(self._targets)  # replaced as a whole: reviews are judged in other threads
        if old is not None:
            targets = {place: target for place, target in targets.items() if target.qualified_plural != old.name}
        if new is not None:
            targets |= _targets_of(new)
        self._targets = targets


def _targets_of(config: Object) -> dict[tuple[str, str], ResourceType]:
    try:
        kind = wish_of(config, namespaces_enabled=True, control_plane=Scope.CLUSTER).kind
    except Misconfigured:
        return {}
    return {(kind.federated.group, kind.federated.plural): kind.target}
