"""ReplicaSchedulingPreferences, and what is known when one is decided about."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import orjson

from kubefed.core.names import ClusterName, ObjectKey
from kubefed.federated.placement import Placement
from kubefed.kube.wire import Metadata, Object
from kubefed.scheduling.decide import Decision, decide
from kubefed.scheduling.facts import ClusterFacts, Facts, NamespaceLimit, Standing
from kubefed.scheduling.planner import Replicas
from kubefed.scheduling.preference import PREFERENCES, read_preference
from tests.builders import kinds
from tests.builders.objects import FederatedBuilder


@dataclass(frozen=True, slots=True)
class PreferenceBuilder:
    """A ReplicaSchedulingPreference in the making."""

    key: ObjectKey
    spec: dict[str, Any]

    def with_spec(self, **fields: Any) -> Self:
        """With other fields in its spec."""
        return replace(self, spec={**self.spec, **fields})

    def weighing(self, **weights: int) -> Self:
        """With nothing but weights for these clusters."""
        return self.with_spec(clusters={name: {"weight": weight} for name, weight in weights.items()})

    def manifest(self) -> dict[str, Any]:
        """What a person applies."""
        return {
            "apiVersion": PREFERENCES.api_version,
            "kind": PREFERENCES.kind,
            "metadata": {"name": self.key.name, "namespace": self.key.namespace},
            "spec": self.spec,
        }

    def build(self) -> Object:
        """As a store holds it."""
        metadata = Metadata(self.key.namespace, self.key.name, "uid", 1, 1, b"{}", b"{}", (), "")
        return Object(metadata, orjson.dumps(self.spec), b"")


def a_preference(total: int = 10, *, kind: str = "FederatedDeployment") -> PreferenceBuilder:
    """One that divides `shop/web` evenly."""
    return PreferenceBuilder(ObjectKey("shop", "web"), {"targetKind": kind, "totalReplicas": total})


def a_ready(name: str, current: int | None = 0, *, capacity: int | None = None, **labels: str) -> ClusterFacts:
    """A cluster that is ready and runs so many replicas; None: that is not known yet."""
    replicas = Replicas(current, capacity) if current is not None else None
    return ClusterFacts(ClusterName(name), labels, Standing.READY, replicas=replicas)


@dataclass(frozen=True, slots=True)
class Scene:
    """A preference, its object, and the clusters."""

    preference: PreferenceBuilder
    federated: FederatedBuilder | None
    clusters: tuple[ClusterFacts, ...]
    namespace: NamespaceLimit = field(default_factory=lambda: NamespaceLimit(known=True))
    enabled: bool = True

    def limited_to(self, placement: Placement | None) -> Self:
        """The namespace is federated, and placed so."""
        return replace(self, namespace=NamespaceLimit(known=True, placement=placement))

    def facts(self) -> Facts:
        """What is known."""
        return Facts(
            preference=read_preference(self.preference.build()),
            kind=kinds.DEPLOYMENTS if self.enabled else None,
            federated=self.federated.build() if self.federated is not None else None,
            federated_known=True,
            types_known=True,
            clusters_known=True,
            namespace=self.namespace,
            clusters=self.clusters,
        )

    def decide(self) -> Decision:
        """What is to be done."""
        return decide(self.facts())
