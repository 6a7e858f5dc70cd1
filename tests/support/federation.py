"""A federation on real API servers: the sandbox, kubefed installed in it, and its members joined.

The controller is not part of it: tests start and end theirs. Its kubeconfig holds a token of the account that
`fedctl install` made, so that whatever a test sees working works with the rights granted there and no others.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.federation import CLUSTERS, CONFIGS
from fedctl.federation import Federation as Host
from fedctl.kinds import CRDS, SECRETS, SERVICE_ACCOUNTS
from fedctl.rights.controller import account_key
from fedctl.rights.refreshing import refresh_credential_rights
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.running import Sandbox
from fedctl.served import wait_for_crds
from kubefed.app.config import TRUST_ANNOTATION
from kubefed.core.markers import CONFIG_NAME, DEFAULT_NAMESPACE
from kubefed.core.names import ObjectKey
from kubefed.federated.federated_type import FederatedType
from tests.support.commands import fedctl
from tests.support.kinds import WIDGETS, a_crd
from tests.support.kubefeds_crds import kubefeds_crds
from tests.support.manifests import Manifest

HOST, MEMBER1, MEMBER2 = "host", "member1", "member2"
MEMBERS = (MEMBER1, MEMBER2)
SYSTEM = DEFAULT_NAMESPACE
_TOKEN_LIFE_S = 7200
CRDS_VARIABLE, TRUST_VARIABLE = "KUBEFED_TEST_CRDS", "KUBEFED_TEST_TRUST"
"""How `make compat` has the same tests run on other CRDs and under another trust."""
KUBEFEDS = "kubefed"

QUICKLY: Manifest = {
    "leaderElect": {"leaseDuration": "6s", "renewDeadline": "4s", "retryPeriod": "1s"},
    "clusterHealthCheck": {"period": "1s", "timeout": "2s", "failureThreshold": 2, "successThreshold": 1},
    "controllerDuration": {"unavailableDelay": "1s"},
}
"""KubeFedConfig's times, shortened: tests wait for a member to be missed, and for a dead leader's lease to end."""


@dataclass(frozen=True, slots=True)
class Federation:
    """The clusters by the names of their contexts, as their administrator sees them."""

    sandbox: Sandbox
    servers: dict[str, ApiServer]
    controller_kubeconfig: Path

    @property
    def host(self) -> ApiServer:
        """The cluster that federates the others."""
        return self.servers[HOST]

    @property
    def members(self) -> tuple[str, ...]:
        """Every cluster that was joined, by name."""
        return tuple(name for name in self.servers if name != HOST)

    def fedctl(self, *arguments: str) -> str:
        """Run fedctl against the host; what it prints."""
        return fedctl(self.sandbox.kubeconfig, *arguments)

    def enable(self, kind: FederatedType, *, crd_in: tuple[str, ...] = (HOST, *MEMBERS)) -> None:
        """Have a made-up type served by these clusters, and federate it; members get rights to it."""
        for name in crd_in:
            self.serve(kind, name)
        self.fedctl("enable", kind.name)

    def serve(self, kind: FederatedType, cluster: str) -> None:
        """Have a made-up type served by one cluster."""
        crd = a_crd(kind.target)
        self.servers[cluster].apply(CRDS, crd)
        wait_for_crds(self.servers[cluster], [crd])

    def join(self, member: str, *options: str) -> None:
        """Join a member, or join it again: after a type was enabled."""
        self.fedctl("join", "cluster", member, *options)

    def record(self, cluster: str) -> Manifest:
        """A KubeFedCluster."""
        return self.host.get(CLUSTERS, ObjectKey(SYSTEM, cluster))

    def credentials(self, cluster: str) -> Manifest:
        """The Secret that a KubeFedCluster names."""
        name = self.record(cluster)["spec"]["secretRef"]["name"]
        return self.host.get(SECRETS, ObjectKey(SYSTEM, name))

    def refresh_credential_rights(self) -> None:
        """What `fedctl join` does last: let the controller read the Secrets that the records name."""
        refresh_credential_rights(Host(self.host, SYSTEM))


@contextmanager
def a_federation(
    name: str, directory: Path, *, scheduler: bool = False, members: tuple[str, ...] = MEMBERS
) -> Iterator[Federation]:
    """Host and members with controllers of their own; nothing is left of it afterwards, also after kill -9.

    `scheduler`: pods are bound to simulated nodes and become ready there.
    """
    plan = Plan.of(len(members), controllers=True, scheduler=scheduler)
    with Sandbox.up(plan, name=name, owner=True) as sandbox, ExitStack() as opened:
        servers = {
            name: opened.enter_context(ApiServer.opened(open_context(str(sandbox.kubeconfig), name)))
            for name in (HOST, *members)
        }
        federation = Federation(sandbox, servers, directory / "controller.kubeconfig")
        _install(federation)
        federation.enable(WIDGETS, crd_in=(HOST, *members))
        for member in members:
            federation.join(member, "--label", f"name={member}")
        write_kubeconfig(
            federation.controller_kubeconfig, sandbox.host.endpoint, sandbox.host.ca_pem, _token_of(servers[HOST])
        )
        yield federation


def on_kubefeds_crds() -> bool:
    """Whether this run is about KubeFed's own CRDs."""
    return os.environ.get(CRDS_VARIABLE) == KUBEFEDS


def in_compatible_trust() -> bool:
    """Whether this run is about a federation that KubeFed's users brought with them."""
    return os.environ.get(TRUST_VARIABLE) == "Compatible"


def _install(federation: Federation) -> None:
    """As a newcomer installs it; or beside the CRDs and with the trust that a run of the compatibility report asks for."""
    options = ["--allowed-endpoint-range", "127.0.0.0/8"]
    if on_kubefeds_crds():
        kubefeds_crds(federation.sandbox.kubeconfig, federation.host)
        options.append("--keep-crds")
    federation.fedctl("install", *options)
    change: Manifest = {"spec": QUICKLY}
    if trust := os.environ.get(TRUST_VARIABLE):
        change = {"spec": {**QUICKLY, "trust": trust}, "metadata": {"annotations": {TRUST_ANNOTATION: trust}}}
    federation.host.merge(CONFIGS, ObjectKey(SYSTEM, CONFIG_NAME), change)


def _token_of(host: ApiServer) -> str:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": _TOKEN_LIFE_S}}
    answer = host.post(SERVICE_ACCOUNTS.object_path(account_key(SYSTEM), "token"), body)
    return str(answer["status"]["token"])


def write_kubeconfig(path: Path, server: str, ca_pem: bytes, token: str) -> None:
    """A kubeconfig of one context, `host`, with a token."""
    ca_file = path.with_suffix(".ca.crt")
    ca_file.write_bytes(ca_pem)
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": HOST,
        "clusters": [{"name": HOST, "cluster": {"server": server, "certificate-authority": str(ca_file)}}],
        "users": [{"name": HOST, "user": {"token": token}}],
        "contexts": [{"name": HOST, "context": {"cluster": HOST, "user": HOST}}],
    }
    path.write_text(yaml.safe_dump(document))
