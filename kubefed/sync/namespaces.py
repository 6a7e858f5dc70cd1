"""What the host says about namespaces: which exist, which are federated, and where each of those is placed.

Shared by all federated types. Reads only its own stores; hears of changes and tells which namespace they concern.
"""

from collections.abc import Callable

from kubefed.clusters.survey import NAMESPACES
from kubefed.core.errors import Bug, Misconfigured, NotFound
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.federated.federated_type import FederatedType
from kubefed.federated.placement import read_placement
from kubefed.federated.rawjson import object_in
from kubefed.kube.client import Client
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Metadata, Object
from kubefed.sync.facts import NamespaceFacts, NamespaceState

_NEVER_PROPAGATED = frozenset({"kube-system", "kube-public", "default"})

Tell = Callable[[str], None]
"""Called with the name of a namespace about which something changed."""


class Namespaces:
    """The host's namespaces and the FederatedNamespaces in them. `federated` is filled by the type `namespaces`."""

    def __init__(self, host: Client, system_namespace: str, tell: Tell) -> None:
        self._host = host
        self._tell = tell
        self._system = system_namespace
        self._never = _NEVER_PROPAGATED | {system_namespace}
        self._store: Store[Metadata] = Store(self._host_changed)
        self._federated: Store[Object] | None = None
        self._resource: ResourceType | None = None
        self._was_complete = False
        self.reflector = Reflector(
            host,
            Selection(NAMESPACES, metadata_only=True),
            host.projector.metadata,
            self._store,
            on_state=lambda _: self._host_read(),
        )

    @property
    def federated(self) -> Store[Object] | None:
        """The FederatedNamespaces; None while the type `namespaces` is not enabled."""
        return self._federated

    @property
    def resource(self) -> ResourceType:
        """The type of the FederatedNamespaces. Raises Bug while there is none."""
        if self._resource is None:
            raise Bug("no federated type stands for namespaces")
        return self._resource

    def on_host(self, name: str) -> Metadata | None:
        """The host's namespace of that name, as far as it is known."""
        return self._store.get(ObjectKey("", name))

    def use(self, resource: ResourceType | None, federated: Store[Object] | None) -> None:
        """The type `namespaces` starts, or stops when both are None."""
        self._resource, self._federated = resource, federated

    def read_only(self, resource: ResourceType, namespace: str) -> Reflector[Object]:
        """The type `namespaces` is enabled but propagates nothing: its objects still limit where all others go."""
        store: Store[Object] = Store(lambda key, _old, _new: self.federated_changed(key))
        self.use(resource, store)
        told = False

        def state_changed(_: Reflector[Object]) -> None:
            nonlocal told
            if store.complete and not told:
                self.became_known()
            told = store.complete

        return Reflector(
            self._host, Selection(resource, namespace), self._host.projector.object, store, on_state=state_changed
        )

    def federated_changed(self, key: ObjectKey) -> None:
        """A FederatedNamespace changed, and so perhaps the placement of everything in its namespace."""
        self._tell(key.namespace)

    def became_known(self) -> None:
        """A whole list is in: what waited for that, in namespaces that did not change, must hear of it."""
        for name in {self._system, *(key.name for key in self._store.known_keys())}:
            self._tell(name)

    async def read_again(self, name: str) -> None:
        """Read one of the host's namespaces, consistently. Raises ApiError."""
        key = ObjectKey("", name)
        try:
            self._store.apply(await self._host.get_metadata(NAMESPACES, key))
        except NotFound as answer:
            known = self._store.get(key)
            if answer.reason != "NotFound" or known is None:
                raise
            self._store.remove(key, known.resource_version)

    def _host_read(self) -> None:
        if self._store.complete and not self._was_complete:
            self.became_known()
        self._was_complete = self._store.complete

    def _host_changed(self, key: ObjectKey, old: Metadata | None, new: Metadata | None) -> None:
        """Namespaces are touched often; only their coming, going and ending matters here."""
        if old is None or new is None or (old.uid, old.terminating) != (new.uid, new.terminating):
            self._tell(key.name)

    def facts_for(self, kind: FederatedType, key: ObjectKey) -> NamespaceFacts:
        """What an object of this type in this namespace must know."""
        if kind.of_namespaces:
            return self._of_namespace_itself(key)
        if not kind.federated.namespaced:
            return NamespaceFacts(NamespaceState.IRRELEVANT)
        return self.around(key.namespace)

    def _of_namespace_itself(self, key: ObjectKey) -> NamespaceFacts:
        """A FederatedNamespace stands for the namespace it lies in; under another name it stands for nothing.

        Where it is and the namespace is not, the two collections are not in step, or one could not be read.
        """
        excluded = key.name in self._never or key.name != key.namespace
        host = self._store.get(ObjectKey("", key.name)) if self._store.complete else None
        if host is None:
            return NamespaceFacts(NamespaceState.UNKNOWN, excluded=excluded)
        return NamespaceFacts(NamespaceState.IRRELEVANT, uid=host.uid, terminating=host.terminating, excluded=excluded)

    def around(self, namespace: str) -> NamespaceFacts:
        """What every object in this namespace must know, unless it is the FederatedNamespace itself."""
        if self._federated is None or not self._federated.complete:
            return NamespaceFacts(NamespaceState.UNKNOWN)
        federated, host = self._federated.get(ObjectKey(namespace, namespace)), self.on_host(namespace)
        terminating = host is not None and host.terminating
        if federated is None:
            return NamespaceFacts(NamespaceState.NOT_FEDERATED, terminating=terminating)
        placement, objection = None, ""
        try:
            placement = read_placement(object_in(federated.spec, "spec"))
        except Misconfigured as problem:
            objection = f"FederatedNamespace {namespace}: {problem}"
        return NamespaceFacts(NamespaceState.FEDERATED, placement, objection, terminating=terminating, federated=federated)
