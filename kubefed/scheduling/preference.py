"""What a ReplicaSchedulingPreference asks for, read once. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kubefed.api.scheduling_v1alpha1 import ALL_CLUSTERS, ClusterPreferences, ReplicaSchedulingPreference
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.federated.rawjson import object_in
from kubefed.kube.wire import Object
from kubefed.scheduling.planner import Wish

PREFERENCES = ReplicaSchedulingPreference.resource_type
_EVENLY = Wish(weight=1)


@dataclass(frozen=True, slots=True)
class Preference:
    """`named` has the clusters with an entry of their own; `others` is for all that have none, None where they get nothing.

    The object whose replicas are divided has the same key and is of `target_kind`.
    """

    key: ObjectKey
    target_kind: str
    total: int
    rebalance: bool
    intersect: bool
    named: Mapping[ClusterName, Wish]
    others: Wish | None

    def wishes(self, clusters: Iterable[ClusterName]) -> Mapping[ClusterName, Wish]:
        """The wish for each of these clusters that there is one for."""
        found = {name: self.named.get(name, self.others) for name in clusters}
        return {name: wish for name, wish in found.items() if wish is not None}


def read_preference(stored: Object) -> Preference:
    """Read a preference. Raises Misconfigured naming the fields that have the wrong type."""
    model = ReplicaSchedulingPreference.read({"spec": object_in(stored.spec, "spec")})
    spec = model.spec
    wishes = {name: _wish(entry) for name, entry in (spec.clusters or {}).items()}
    others = wishes.pop(ALL_CLUSTERS, None) if spec.clusters else _EVENLY
    return Preference(
        key=stored.key,
        target_kind=spec.target_kind,
        total=spec.total_replicas,
        rebalance=spec.rebalance,
        intersect=spec.intersect_with_cluster_selector,
        named={ClusterName(name): wish for name, wish in wishes.items()},
        others=others,
    )


def _wish(entry: ClusterPreferences) -> Wish:
    return Wish(entry.weight, entry.min_replicas, entry.max_replicas)
