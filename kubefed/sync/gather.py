"""Collects what a decision about one federated object may look at. Reads local stores only, and waits for nothing."""

from collections.abc import Hashable, Mapping

from kubefed.clusters.member import Member
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.reflector import Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Object
from kubefed.sync.attempts import Attempts
from kubefed.sync.book import VersionBook
from kubefed.sync.facts import ClusterFacts, Facts
from kubefed.sync.intent import Intent
from kubefed.sync.surroundings import Surroundings

_NONE: Mapping[ClusterName, str] = {}


class Gatherer:
    """Facts about the objects of one federated type."""

    def __init__(
        self,
        kind: FederatedType,
        selection: Selection,
        federated: Store[Object],
        book: VersionBook,
        attempts: Attempts,
        around: Surroundings,
    ) -> None:
        self._kind = kind
        self._selection = selection
        self._federated = federated
        self._book = book
        self._attempts = attempts
        self._around = around
        self.frozen = ""
        """Why no copy of this type may be written at the moment; empty when they may."""

    def target(self, key: ObjectKey) -> Hashable:
        """What names one object's copies in the lanes."""
        return (self._kind.name, key)

    def gather(
        self, key: ObjectKey, federated: Object | None, intent: Intent | None, *, but_for: ClusterName | None = None
    ) -> Facts:
        """The facts of the moment. What is under way in the cluster `but_for` is left out."""
        around = self._around
        recorded, owing = self._recorded(key, intent)
        freeze = around.freeze()
        return Facts(
            key=key,
            federated=federated,
            federated_known=self._federated.complete,
            host_known=around.registry.known and self._book.known,
            namespace=around.namespaces.facts_for(self._kind, key),
            clusters=tuple(
                self._cluster(key, member, recorded, owing, but_for) for member in around.registry.members.values()
            ),
            namespace_required=around.settings.namespace_required,
            frozen=freeze.writes or self.frozen,
            removals_frozen=freeze.removals,
        )

    def _recorded(
        self, key: ObjectKey, intent: Intent | None
    ) -> tuple[Mapping[ClusterName, str], Mapping[ClusterName, str]]:
        """The versions that count for what is wanted now, and all that are recorded, whatever for."""
        current = self._book.current(key)
        if current is None:
            return _NONE, _NONE
        versions = intent.versions_or_none() if intent is not None else None
        return (current.valid_for(versions) if versions is not None else _NONE), current.clusters

    def _cluster(
        self,
        key: ObjectKey,
        member: Member,
        recorded: Mapping[ClusterName, str],
        owing: Mapping[ClusterName, str],
        but_for: ClusterName | None,
    ) -> ClusterFacts:
        name = member.name
        collection = member.collections.get(self._selection)
        copy_key = key if self._kind.target.namespaced else ObjectKey("", key.name)
        return ClusterFacts(
            name=name,
            labels=member.labels,
            region=member.region,
            zones=member.zones,
            ready=member.ready,
            known=collection is not None and collection.known,
            copy=collection.store.get(copy_key) if collection is not None else None,
            recorded=recorded.get(name, ""),
            owes=name in owing,
            under_way=member.lane.under_way(self.target(key)) if name != but_for else None,
            attempt=self._attempts.of(key, name),
            trouble=collection.trouble if collection is not None else "",
            frozen=member.frozen,
            judged_by=member.first_judged_by(),
        )
