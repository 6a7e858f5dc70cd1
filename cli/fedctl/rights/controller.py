"""The controller's account in the host and what it may always do. Pure.

Its rights on federated objects follow the enabled types (`federated_types`), those on Secrets the joined clusters
(`credentials`).
"""

from typing import Any

from fedctl.rights.rbac import READ, Rule, account, binding, bound_role, role, rule
from kubefed.api import core_v1beta1, scheduling_v1alpha1
from kubefed.api.core_v1beta1 import Scope
from kubefed.core.names import ObjectKey

ACCOUNT = "kubefed-controller"
ROLE = "kubefed-role"
BINDING = "kubefed-rolebinding"
SYSTEM_ROLE = "kubefed-system-role"


def account_key(namespace: str) -> ObjectKey:
    """The controller's service account."""
    return ObjectKey(namespace, ACCOUNT)


def reach(namespace: str, scope: Scope, name: str) -> ObjectKey:
    """The key of a binding that reaches as far as the federation does."""
    return ObjectKey(namespace if scope is Scope.NAMESPACED else "", name)


def rights(namespace: str, scope: Scope) -> list[dict[str, Any]]:
    """The account, what it may do everywhere, and what it may do in the system namespace.

    Under scope Namespaced, "everywhere" is the system namespace as well.
    """
    to = account_key(namespace)
    return [
        account(to),
        role(ObjectKey("", ROLE), _rules_everywhere()),
        binding(reach(namespace, scope, BINDING), "ClusterRole", ROLE, to),
        *bound_role(ObjectKey(namespace, SYSTEM_ROLE), _rules_in_system_namespace(), to),
    ]


def _rules_everywhere() -> list[Rule]:
    core, scheduling = core_v1beta1.GROUP, scheduling_v1alpha1.GROUP
    records = ("propagatedversions", "clusterpropagatedversions")
    return [
        rule("", ["namespaces"], READ),
        rule("", ["events"], ["create", "patch"]),
        rule(core, records, [*READ, "create", "update", "patch"]),
        rule(core, [f"{record}/status" for record in records], ["update", "patch"]),
        rule(core, ["federatedservicestatuses"], [*READ, "create", "update", "patch"]),
        rule(scheduling, ["replicaschedulingpreferences"], [*READ, "update", "patch"]),
    ]


def _rules_in_system_namespace() -> list[Rule]:
    core = core_v1beta1.GROUP
    return [
        rule(core, ["kubefedclusters"], READ),
        rule(core, ["kubefedclusters/status"], ["update", "patch"]),
        rule(core, ["federatedtypeconfigs"], [*READ, "update", "patch"]),
        rule(core, ["federatedtypeconfigs/status"], ["update", "patch"]),
        rule(core, ["kubefedconfigs"], [*READ, "create", "update"]),
        rule("coordination.k8s.io", ["leases"], ["get", "create", "update"]),
    ]
