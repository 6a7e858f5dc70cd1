"""Kubernetes' own kinds that the command line writes. Spelling only."""

from collections.abc import Mapping
from typing import Any

from kubefed.core.names import ResourceType

NAMESPACES = ResourceType("", "v1", "namespaces", "Namespace", namespaced=False)
SECRETS = ResourceType("", "v1", "secrets", "Secret", namespaced=True)
SERVICE_ACCOUNTS = ResourceType("", "v1", "serviceaccounts", "ServiceAccount", namespaced=True)
EVENTS = ResourceType("", "v1", "events", "Event", namespaced=True)
RBAC_GROUP = "rbac.authorization.k8s.io"
ROLES = ResourceType(RBAC_GROUP, "v1", "roles", "Role", namespaced=True)
ROLE_BINDINGS = ResourceType(RBAC_GROUP, "v1", "rolebindings", "RoleBinding", namespaced=True)
CLUSTER_ROLES = ResourceType(RBAC_GROUP, "v1", "clusterroles", "ClusterRole", namespaced=False)
CLUSTER_ROLE_BINDINGS = ResourceType(RBAC_GROUP, "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False)
CRDS = ResourceType("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced=False)
DEPLOYMENTS = ResourceType("apps", "v1", "deployments", "Deployment", namespaced=True)

_ALL = (
    NAMESPACES,
    SECRETS,
    SERVICE_ACCOUNTS,
    ROLES,
    ROLE_BINDINGS,
    CLUSTER_ROLES,
    CLUSTER_ROLE_BINDINGS,
    CRDS,
    DEPLOYMENTS,
)
_BY_MANIFEST = {(resource.api_version, resource.kind): resource for resource in _ALL}


def type_of(manifest: Mapping[str, Any]) -> ResourceType:
    """The resource type of a manifest that this command line made itself."""
    return _BY_MANIFEST[manifest["apiVersion"], manifest["kind"]]
