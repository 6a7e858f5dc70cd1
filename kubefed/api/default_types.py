"""The ten types that every KubeFed installation federates from the start, and everything an installation applies."""

from typing import Any

from kubefed.api.crds import core_crds
from kubefed.api.federated_crd import Target, federated_crd, federated_type_config
from kubefed.core.names import ResourceType


def _target(
    api_version: str, plural: str, kind: str, *short_names: str, namespaced: bool = True, has_replicas: bool = False
) -> Target:
    group, _, version = api_version.rpartition("/")
    return Target(ResourceType(group, version, plural, kind, namespaced), short_names, has_replicas=has_replicas)


DEFAULT_TARGETS = (
    _target("rbac.authorization.k8s.io/v1", "clusterroles", "ClusterRole", namespaced=False),
    _target("v1", "configmaps", "ConfigMap", "cm"),
    _target("apps/v1", "deployments", "Deployment", "deploy", has_replicas=True),
    _target("networking.k8s.io/v1", "ingresses", "Ingress", "ing"),
    _target("batch/v1", "jobs", "Job"),
    _target("v1", "namespaces", "Namespace", "ns", namespaced=False),
    _target("apps/v1", "replicasets", "ReplicaSet", "rs", has_replicas=True),
    _target("v1", "secrets", "Secret"),
    _target("v1", "serviceaccounts", "ServiceAccount", "sa"),
    _target("v1", "services", "Service", "svc"),
)
"""Sorted by name, as KubeFed's chart has them."""


def default_federated_crds() -> list[dict[str, Any]]:
    """The CRDs of the federated types of the ten default targets."""
    return [federated_crd(target) for target in DEFAULT_TARGETS]


def default_type_configs(namespace: str) -> list[dict[str, Any]]:
    """The FederatedTypeConfigs of the ten default targets, for the system namespace given."""
    return [federated_type_config(target.resource_type, namespace).manifest() for target in DEFAULT_TARGETS]


def all_crds() -> list[dict[str, Any]]:
    """Every CRD of an installation: kubefed's own kinds and the ten federated ones."""
    return [*core_crds(), *default_federated_crds()]
