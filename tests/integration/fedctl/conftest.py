"""fedctl against real API servers, run within the test's process, so that a test costs no Python start."""

from collections.abc import Callable, Iterator

import pytest

from fedctl.apiserver import ApiServer
from fedctl.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, CRDS, NAMESPACES, ROLES, SECRETS, SERVICE_ACCOUNTS
from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedCluster, KubeFedConfig
from kubefed.core.names import ObjectKey
from tests.support.controller import Controller
from tests.support.federation import MEMBER2, SYSTEM, Federation
from tests.support.inprocess import Said
from tests.support.inprocess import fedctl as run_fedctl
from tests.support.waiting import eventually

Cli = Callable[..., Said]
State = set[tuple[str, ...]]

_WATCHED = (
    KubeFedCluster.resource_type,
    KubeFedConfig.resource_type,
    FederatedTypeConfig.resource_type,
    CRDS,
    NAMESPACES,
    SECRETS,
    SERVICE_ACCOUNTS,
    ROLES,
    CLUSTER_ROLES,
    CLUSTER_ROLE_BINDINGS,
)
"""What commands write, beside federated objects."""


@pytest.fixture
def cli(federation: Federation) -> Cli:
    """Run fedctl against the host; fails the test when it fails, unless the caller expects a code."""

    def run(*arguments: str, code: int = 0, stdin: bytes = b"") -> Said:
        said = run_fedctl(*arguments, kubeconfig=federation.sandbox.kubeconfig, stdin=stdin)
        assert said.code == code, said.all
        return said

    return run


_KUBERNETES_OWN = frozenset({"default", "kube-root-ca.crt"})
"""The account and the ConfigMap that each namespace gets a while after it was made."""


def state(federation: Federation, cluster: str) -> State:
    """All that commands may write in a cluster, each object with its generation and its data's.

    Left out is what Kubernetes' own controllers make and clear away in their own time.
    """
    server = federation.servers[cluster]
    ending = {each["metadata"]["name"] for each in server.objects(NAMESPACES) if each["metadata"].get("deletionTimestamp")}
    return {
        (resource.kind, str(key), each["metadata"]["uid"], str(each["metadata"].get("generation")), _content(each))
        for resource in _WATCHED
        if server.find(CRDS, ObjectKey("", resource.qualified_plural))
        or "." not in resource.group
        or _is_builtin(resource.group)
        for each in server.objects(resource)
        for key in [ObjectKey(each["metadata"].get("namespace", ""), each["metadata"]["name"])]
        if key.name not in _KUBERNETES_OWN and key.namespace not in ending | {"kube-system"} and key.name not in ending
    }


def _is_builtin(group: str) -> bool:
    return group.endswith(".k8s.io")


def _content(manifest: dict[str, object]) -> str:
    return str(manifest.get("data") or manifest.get("rules") or "")


def is_ready(federation: Federation, member: str) -> bool:
    """Whether the running controller finds the member well."""
    conditions = (federation.record(member).get("status") or {}).get("conditions") or ()
    return any((each["type"], each["status"]) == ("Ready", "True") for each in conditions)


@pytest.fixture
def leaving(federation: Federation, controller: Controller) -> Iterator[str]:  # noqa: ARG001 - it must be running
    """A member that the test may unjoin and kill: it is joined again afterwards, as it was."""
    eventually(lambda: is_ready(federation, MEMBER2), "the member is ready before the test")
    yield MEMBER2
    cluster = federation.sandbox.cluster(MEMBER2)
    if not cluster.is_ready():
        cluster.start()
    server = federation.servers[MEMBER2]
    if federation.host.find(KubeFedCluster.resource_type, ObjectKey(SYSTEM, MEMBER2)) is None:
        _join_again(federation, server)
    eventually(lambda: is_ready(federation, MEMBER2), "the member is ready after the test")


def _join_again(federation: Federation, server: ApiServer) -> None:
    def settled() -> bool:
        return not any(each["metadata"].get("deletionTimestamp") for each in server.objects(NAMESPACES))

    eventually(settled, "namespaces that are being deleted are gone", within_s=60)
    federation.join(MEMBER2, "--label", f"name={MEMBER2}")


def account_of(member: str) -> ObjectKey:
    """The controller's service account in a member."""
    return ObjectKey(SYSTEM, f"{member}-host")
