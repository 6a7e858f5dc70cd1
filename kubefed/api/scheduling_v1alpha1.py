"""scheduling.kubefed.io/v1alpha1: how the replicas of a federated workload are divided over clusters."""

from typing import ClassVar

from kubefed.api.model import ApiModel, Int32, Int64, Resource, required
from kubefed.core.names import ResourceType

GROUP = "scheduling.kubefed.io"
VERSION = "v1alpha1"
ALL_CLUSTERS = "*"
"""In `spec.clusters`: every cluster that has no entry of its own."""


class ClusterPreferences(ApiModel):
    """How many replicas a cluster should get."""

    min_replicas: Int64 = 0
    """The fewest replicas."""
    max_replicas: Int64 | None = None
    """The most replicas; no limit unless given."""
    weight: Int64 = 0
    """The cluster's share of what is left once every minimum is served."""


class ReplicaSchedulingPreferenceSpec(ApiModel):
    """What is to be divided, and how."""

    target_kind: str = required("")
    """FederatedDeployment or FederatedReplicaSet: the kind of the object with the same name and namespace."""
    total_replicas: Int32 = required(0)
    """How many replicas there are in all clusters together."""
    rebalance: bool = False
    """Whether running replicas may be moved to come closer to the preferences."""
    intersect_with_cluster_selector: bool = False
    """Whether only clusters that the object's clusterSelector selects are considered."""
    clusters: dict[str, ClusterPreferences] | None = None
    """Preferences by cluster name; * stands for every cluster that is not named. Without any, all clusters share evenly."""


class ReplicaSchedulingPreferenceStatus(ApiModel):
    """Always empty."""


class ReplicaSchedulingPreference(Resource):
    """ReplicaSchedulingPreference divides replicas over clusters.

    It sets placement and overrides of the federated workload with the same name and namespace.
    """

    resource_type: ClassVar = ResourceType(
        GROUP, VERSION, "replicaschedulingpreferences", "ReplicaSchedulingPreference", namespaced=True
    )

    spec: ReplicaSchedulingPreferenceSpec = ReplicaSchedulingPreferenceSpec()
    status: ReplicaSchedulingPreferenceStatus | None = None
