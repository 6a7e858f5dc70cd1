"""The controller's account in the host and what it may always do. Pure.

Its rights on federated objects follow the enabled types (`federated_types`), those on Secrets the joined clusters
(`credentials`).
"""

from typing import Any

from fedctl.rights.rbac import READ, Rule, account, bound_role, rule
from kubefed.api import core_v1beta1, scheduling_v1alpha1
from kubefed.api.core_v1beta1 import Scope
from kubefed.core.markers import CONTROLLER_NAME
from kubefed.core.names import ObjectKey

ACCOUNT = "kubefed-controller"
ROLE = "kubefed-role"
BINDING = "kubefed-rolebinding"
SYSTEM_ROLE = "kubefed-system-role"


def account_key(namespace: str) -> ObjectKey:
    """The controller's service account."""
    return ObjectKey(namespace, ACCOUNT)


def reach(namespace: str, scope: Scope, name: str) -> ObjectKey:
    """The key of a role or binding that reaches as far as the federation does."""
    return ObjectKey(namespace if scope is Scope.NAMESPACED else "", name)


def rights(namespace: str, scope: Scope) -> list[dict[str, Any]]:
    """The account, what it may do everywhere, and what it may do in the system namespace.

    Under scope Namespaced, "everywhere" is the system namespace as well, and nothing is granted beyond it.
    """
    to = account_key(namespace)
    return [
        account(to),
        *bound_role(reach(namespace, scope, ROLE), rules_everywhere(scope), to, binding_name=BINDING),
        *bound_role(ObjectKey(namespace, SYSTEM_ROLE), rules_in_system_namespace(), to),
    ]


def rules_everywhere(scope: Scope) -> list[Rule]:
    """What the controller may do as far as the federation reaches."""
    core, scheduling = core_v1beta1.GROUP, scheduling_v1alpha1.GROUP
    whole_cluster = scope is Scope.CLUSTER
    records = ["propagatedversions", "clusterpropagatedversions"] if whole_cluster else ["propagatedversions"]
    return [
        *([rule("", ["namespaces"], READ)] if whole_cluster else []),
        rule("", ["events"], ["create", "patch"]),
        rule(core, records, [*READ, "create", "update", "patch"]),
        rule(core, [f"{record}/status" for record in records], ["update", "patch"]),
        rule(core, ["federatedservicestatuses"], [*READ, "create", "update", "patch"]),
        rule(scheduling, ["replicaschedulingpreferences"], [*READ, "update", "patch"]),
    ]


def rules_in_system_namespace() -> list[Rule]:
    """What the controller may do in the system namespace, whatever the scope."""
    core = core_v1beta1.GROUP
    return [
        # Patched is one annotation: which removals, caused by the cluster, wait for approval.
        rule(core, ["kubefedclusters"], [*READ, "patch"]),
        rule(core, ["kubefedclusters/status"], ["update", "patch"]),
        rule(core, ["federatedtypeconfigs"], [*READ, "update", "patch"]),
        rule(core, ["federatedtypeconfigs/status"], ["update", "patch"]),
        rule(core, ["kubefedconfigs"], [*READ, "create", "update"]),
        rule("coordination.k8s.io", ["leases"], ["get", "create", "update"]),
        # A KubeFed that still runs is noticed by its locks and its Deployment.
        rule("", ["configmaps", "endpoints"], ["get"], [CONTROLLER_NAME]),
        rule("apps", ["deployments"], ["get"], [CONTROLLER_NAME]),
    ]
