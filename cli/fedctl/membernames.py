"""What a federation calls its objects in a member: KubeFed's names, which joining makes and unjoining removes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedctl.dnsnames import is_subdomain
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName, ObjectKey

ACCOUNT_ANNOTATION = "kubefed.io/member-account"
"""On a KubeFedCluster: the service account in the member, so that no command has to guess what the host was called."""
CLUSTER_LABEL = "kubefed.io/cluster"
"""On a credentials Secret: the cluster it is for, so that it is found when the record is gone."""


@dataclass(frozen=True, slots=True)
class MemberNames:
    """The names in one member. `host` is what the host is called there."""

    cluster: ClusterName
    host: str
    namespace: str

    @property
    def account(self) -> ObjectKey:
        """The service account, and, where there is one, the Secret with its never-expiring token."""
        return ObjectKey(self.namespace, f"{self.cluster}-{self.host}")

    @property
    def role(self) -> str:
        """The role and binding that grant what copies need."""
        return f"kubefed-controller-manager:{self.account.name}"

    @property
    def health_role(self) -> str:
        """Under scope Namespaced: the cluster role and binding that let the cluster's health be seen."""
        return f"kubefed-controller-manager:{self.namespace}:healthcheck-{self.account.name}"

    @property
    def token_role(self) -> str:
        """The role and binding that let the account renew its own token."""
        return f"{self.role}:token"


def names_of(
    cluster: ClusterName, namespace: str, record: Mapping[str, Any] | None, host_name: str, host_context: str
) -> MemberNames:
    """The names that were used when the cluster was joined, unless the person says otherwise.

    Raises Misconfigured when the host's context cannot be part of a name and no other was given.
    """
    recorded = _recorded_host(cluster, namespace, record)
    host = host_name or recorded or host_context
    names = MemberNames(cluster, host, namespace)
    if "/" in host or ":" in host or not is_subdomain(names.account.name):
        raise Misconfigured(
            f"the host cannot be called {host!r} in the member, because its account there is named <cluster>-<host>: "
            "give it a short name with --host-cluster-name, and the same one with every join and unjoin"
        )
    return names


def _recorded_host(cluster: ClusterName, namespace: str, record: Mapping[str, Any] | None) -> str:
    annotations = ((record or {}).get("metadata") or {}).get("annotations") or {}
    prefix, account = f"{namespace}/{cluster}-", str(annotations.get(ACCOUNT_ANNOTATION, ""))
    return account[len(prefix) :] if account.startswith(prefix) else ""
