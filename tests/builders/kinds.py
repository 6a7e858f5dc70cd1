"""The federated types that tests are about, as their FederatedTypeConfigs would have them."""

from kubefed.core.names import ResourceType
from kubefed.federated.federated_type import FederatedType

TYPES_GROUP, TYPES_VERSION = "types.kubefed.io", "v1beta1"


def a_type(target: ResourceType) -> FederatedType:
    """The federated type for a target, named and scoped as KubeFed's `enable` does it."""
    kind = f"Federated{target.kind}"
    namespaced = target.namespaced or target.qualified_plural == "namespaces"
    federated = ResourceType(TYPES_GROUP, TYPES_VERSION, f"federated{target.plural}", kind, namespaced)
    return FederatedType(target.qualified_plural, federated, target)


CONFIG_MAPS = a_type(ResourceType("", "v1", "configmaps", "ConfigMap", namespaced=True))
"""A kind without generations: versions are `rv:`."""
DEPLOYMENTS = a_type(ResourceType("apps", "v1", "deployments", "Deployment", namespaced=True))
"""A kind with generations: versions are `gen:`."""
SERVICES = a_type(ResourceType("", "v1", "services", "Service", namespaced=True))
SERVICE_ACCOUNTS = a_type(ResourceType("", "v1", "serviceaccounts", "ServiceAccount", namespaced=True))
SECRETS = a_type(ResourceType("", "v1", "secrets", "Secret", namespaced=True))
NAMESPACES = a_type(ResourceType("", "v1", "namespaces", "Namespace", namespaced=False))
CLUSTER_ROLES = a_type(ResourceType("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False))
