"""One federated type whose objects' replicas are divided: the objects on the host, and the copies in the members.

Watched only while some preference needs it. The copies are followed as the sync controller follows them, so that members
have one watch for both.
"""

from collections.abc import Callable
from typing import Protocol

from kubefed.core.markers import MANAGED, MANAGED_LABEL
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.priority import Priority
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Metadata, Object
from kubefed.scheduling.observer import Observer
from kubefed.scheduling.surroundings import Surroundings


class Due(Protocol):
    """Called with the kind and the key of an object whose division may have to change, after `after_s` seconds."""

    def __call__(self, kind: str, key: ObjectKey, priority: Priority, after_s: float = 0.0) -> None: ...


_SETTLE_S = 1.0
"""A roll-out changes a copy's status many times a second; it is looked at once a second."""


class Target:
    """Implements clusters.ports.Listener. `all_due` is called when every object of the type may be concerned."""

    def __init__(self, kind: FederatedType, around: Surroundings, due: Due, all_due: Callable[[str], None]) -> None:
        namespace = around.settings.only_namespace
        self.kind = kind
        self.federated: Store[Object] = Store(lambda key, _old, _new: due(self.name, key, Priority.EDIT))
        self.selection = Selection(kind.target, namespace, f"{MANAGED_LABEL}={MANAGED}", metadata_only=True)
        self.observer = Observer(kind.target, around.clock, around.rng, self._read)
        self._around = around
        self._due = due
        self._all_due = all_due
        self._was_known = False
        self._reflector = Reflector(
            around.host,
            Selection(kind.federated, namespace),
            around.host.projector.object,
            self.federated,
            on_state=lambda _: self._federated_read(),
            rng=around.rng,
        )

    @property
    def name(self) -> str:
        """The kind of the federated objects, as preferences name it."""
        return self.kind.federated.kind

    async def run(self) -> None:
        """Watch objects and copies until cancelled."""
        self._around.registry.follow(self.selection, self)
        try:
            await self._reflector.run()
        finally:
            self._around.registry.unfollow(self.selection, self)

    def copy_changed(self, cluster: ClusterName, key: ObjectKey, _old: Metadata | None, _new: Metadata | None) -> None:
        """A member's copy changed: see clusters.ports.Listener. What is still being read is looked at when it all is."""
        member = self._around.registry.members.get(cluster)
        if member is not None and member.knows(self.selection):
            self._due(self.name, key, Priority.EVENT, _SETTLE_S)

    def cluster_changed(self, cluster: ClusterName) -> None:
        """A member came or went, is ready or not, known or not: see clusters.ports.Listener."""
        self.observer.reconsider(cluster)
        self._all_due(self.name)

    def _read(self, key: ObjectKey) -> None:
        self._due(self.name, key, Priority.EVENT)

    def _federated_read(self) -> None:
        if self.federated.complete and not self._was_known:
            self._all_due(self.name)
        self._was_known = self.federated.complete
