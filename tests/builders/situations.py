"""Facts about one federated object: what a decision looks at, cluster by cluster.

`about(a_fed_deployment().placed_on("eu")).with_clusters(a_cluster("eu")).build()`
"""

from dataclasses import dataclass, field, replace
from typing import Self

from kubefed.api.types_v1beta1 import PropagationStatus
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.lane import UnderWay
from kubefed.federated.placement import Placement, read_placement
from kubefed.kube.wire import Metadata
from kubefed.sync.decide import decide
from kubefed.sync.facts import Attempt, ClusterFacts, Facts, NamespaceFacts, NamespaceState
from kubefed.sync.plan import Plan
from tests.builders.objects import OWNER, CopyBuilder, FederatedBuilder

NOW = 1000.0
"""The monotonic moment at which tests decide unless they say otherwise."""


@dataclass(frozen=True)
class ClusterBuilder:
    """A registered cluster: ready, read, and empty unless a test says otherwise."""

    facts: ClusterFacts

    def _with(self, **fields: object) -> Self:
        return replace(self, facts=replace(self.facts, **fields))  # type: ignore[arg-type]

    def labelled(self, **labels: str) -> Self:
        """With these labels on its KubeFedCluster."""
        return self._with(labels=labels)

    def unready(self) -> Self:
        """Not Ready: offline, degraded, malformed, or not probed yet."""
        return self._with(ready=False)

    def unheard_of(self, *, until: float) -> Self:
        """Not probed yet, since this process has just started or taken the cluster on."""
        return self._with(ready=False, judged_by=until)

    def unread(self, trouble: str = "") -> Self:
        """Its copies have not been read: yet, or because of trouble."""
        return self._with(known=False, trouble=trouble)

    def holding(self, copy: CopyBuilder | Metadata) -> Self:
        """With a copy of the object."""
        return self._with(copy=copy.build() if isinstance(copy, CopyBuilder) else copy)

    def recorded(self, version: str) -> Self:
        """With a version recorded for the copy, under the hashes of the moment."""
        return self._with(recorded=version, owes=True)

    def owing(self) -> Self:
        """With a version recorded under other hashes: it held a copy once."""
        return self._with(owes=True)

    def frozen(self, reason: str) -> Self:
        """With a freeze of this cluster alone."""
        return self._with(frozen=reason)

    def doing(self, verb: str, *, since: float = NOW, running: bool = True) -> Self:
        """With an operation on its way."""
        return self._with(under_way=UnderWay(verb, running=running, since=since))

    def having_tried(
        self, status: PropagationStatus | str, *, not_before: float | None, explanation: str = "tried"
    ) -> Self:
        """With an operation that did not succeed; an empty status stands for a repair that keeps being undone."""
        return self._with(attempt=Attempt(str(status), explanation, not_before))

    def build(self) -> ClusterFacts:
        """The facts."""
        return self.facts


def a_cluster(name: str = "eu") -> ClusterBuilder:
    """A cluster with nothing special about it."""
    return ClusterBuilder(ClusterFacts(ClusterName(name), {}, ready=True, known=True, copy=None))


def anywhere() -> Placement:
    """The placement that selects every cluster."""
    return read_placement({"placement": {"clusterSelector": {}}})


@dataclass(frozen=True)
class Situation:
    """Everything that is known about one federated object. By default all is known and its namespace is placed anywhere."""

    builder: FederatedBuilder
    there: bool = True
    clusters: tuple[ClusterBuilder, ...] = ()
    namespace: NamespaceFacts = field(default_factory=lambda: NamespaceFacts(NamespaceState.FEDERATED, anywhere()))
    federated_known: bool = True
    host_known: bool = True
    namespace_required: bool = True
    removals_frozen: str = ""
    all_frozen: str = ""

    def with_clusters(self, *clusters: ClusterBuilder) -> Self:
        """With these clusters registered."""
        return replace(self, clusters=clusters)

    def in_namespace(self, state: NamespaceState, placement: Placement | None = None) -> Self:
        """With the object's namespace in this state."""
        return replace(self, namespace=NamespaceFacts(state, placement))

    def standing_for_namespace(self, uid: str = "", *, terminating: bool = False, excluded: bool = False) -> Self:
        """The object is a FederatedNamespace, and this is the host's own namespace."""
        facts = NamespaceFacts(NamespaceState.IRRELEVANT, uid=uid, terminating=terminating, excluded=excluded)
        return replace(self, namespace=facts)

    def in_namespaced_scope(self) -> Self:
        """Under KubeFedConfig `spec.scope` Namespaced."""
        return replace(self, namespace_required=False)

    def before_host_is_known(self) -> Self:
        """Cluster records or recorded versions have not been read."""
        return replace(self, host_known=False)

    def gone(self, *, known: bool = True) -> Self:
        """The host holds no such object; `known` False: or it has not been read."""
        return replace(self, there=False, federated_known=known)

    def frozen(self, reason: str) -> Self:
        """Nothing may be removed."""
        return replace(self, removals_frozen=reason)

    def wholly_frozen(self, reason: str) -> Self:
        """No copy may be written."""
        return replace(self, all_frozen=reason)

    @property
    def key(self) -> ObjectKey:
        """The key of the object in question."""
        return self.builder.key

    def build(self) -> Facts:
        """The facts."""
        return Facts(
            key=self.key,
            federated=self.builder.build() if self.there else None,
            federated_known=self.federated_known,
            host_known=self.host_known,
            namespace=self.namespace,
            clusters=tuple(cluster.build() for cluster in self.clusters),
            namespace_required=self.namespace_required,
            frozen=self.all_frozen,
            removals_frozen=self.removals_frozen,
        )

    def decide(self, now: float = NOW) -> Plan:
        """What is decided about it."""
        return decide(self.build(), self.builder.intent() if self.there else None, owner=OWNER, now=now)


def about(builder: FederatedBuilder) -> Situation:
    """A situation of this object; a FederatedNamespace stands for a namespace that the host has."""
    situation = Situation(builder)
    return situation.standing_for_namespace(uid="uid-on-host") if builder.kind.of_namespaces else situation
