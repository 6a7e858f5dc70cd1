"""How rights are written down: roles, bindings, accounts. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from fedctl.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, RBAC_GROUP, ROLE_BINDINGS, ROLES, SERVICE_ACCOUNTS
from kubefed.core.names import ObjectKey, ResourceType

Rule = dict[str, list[str]]

READ = ("get", "list", "watch")
WRITE = ("create", "update", "patch", "delete")


def rule(group: str, resources: Iterable[str], verbs: Iterable[str], names: Iterable[str] = ()) -> Rule:
    """Verbs on resources of one group; on the named objects only, when names are given."""
    written = {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}
    return {**written, "resourceNames": list(names)} if names else written


def url_rule(paths: Iterable[str]) -> Rule:
    """Reading of paths that are no resources."""
    return {"nonResourceURLs": list(paths), "verbs": ["get"]}


def account(key: ObjectKey) -> dict[str, Any]:
    """A ServiceAccount whose token no pod gets unasked."""
    return {**_head(SERVICE_ACCOUNTS, key), "automountServiceAccountToken": False}


def role(key: ObjectKey, rules: Sequence[Rule]) -> dict[str, Any]:
    """A Role, or a ClusterRole when the key has no namespace."""
    return {**_head(ROLES if key.namespace else CLUSTER_ROLES, key), "rules": list(rules)}


def binding(key: ObjectKey, role_kind: str, role_name: str, to: ObjectKey) -> dict[str, Any]:
    """A RoleBinding, or a ClusterRoleBinding when the key has no namespace, of a role to a service account."""
    return {
        **_head(ROLE_BINDINGS if key.namespace else CLUSTER_ROLE_BINDINGS, key),
        "roleRef": {"apiGroup": RBAC_GROUP, "kind": role_kind, "name": role_name},
        "subjects": [{"kind": "ServiceAccount", "namespace": to.namespace, "name": to.name}],
    }


def bound_role(key: ObjectKey, rules: Sequence[Rule], to: ObjectKey, *, binding_name: str = "") -> list[dict[str, Any]]:
    """A role and its binding, which has the same name unless another is given."""
    written = role(key, rules)
    return [written, binding(ObjectKey(key.namespace, binding_name or key.name), written["kind"], key.name, to)]


def _head(resource: ResourceType, key: ObjectKey) -> dict[str, Any]:
    metadata = {"name": key.name, "namespace": key.namespace} if key.namespace else {"name": key.name}
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
