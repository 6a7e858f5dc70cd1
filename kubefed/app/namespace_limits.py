"""Tells the scheduling feature what the sync feature knows of namespaces. Features do not know each other."""

from collections.abc import Callable

from kubefed.api.core_v1beta1 import Scope
from kubefed.scheduling.facts import NamespaceLimit
from kubefed.sync.facts import NamespaceFacts, NamespaceState
from kubefed.sync.namespaces import Namespaces


def limits_of(namespaces: Namespaces, scope: Scope) -> Callable[[str], NamespaceLimit]:
    """Where the objects of a namespace may go. Under scope Namespaced a namespace need not be federated."""

    def limit(namespace: str) -> NamespaceLimit:
        return _limit(namespace, namespaces.around(namespace), required=scope is Scope.CLUSTER)

    return limit


def unread(_: str) -> NamespaceLimit:
    """The limit of any namespace where nothing is propagated: whoever asks is told why nobody knows it."""
    return NamespaceLimit(
        known=True,
        objection="spec.intersectWithClusterSelector needs to know where the namespace may go, which is not read while the "
        "feature gate PushReconciler is Disabled: enable it, or leave intersectWithClusterSelector out",
    )


def _limit(namespace: str, facts: NamespaceFacts, *, required: bool) -> NamespaceLimit:
    if facts.state is NamespaceState.UNKNOWN:
        return NamespaceLimit(known=False)
    objection = facts.objection
    if facts.state is NamespaceState.NOT_FEDERATED and required:
        objection = f"namespace {namespace} is not federated: create a FederatedNamespace of that name in it"
    return NamespaceLimit(known=True, placement=facts.placement, objection=objection)
