"""Where chaos happens: a host and three members on real API servers, with a fault proxy before each of them.

The controller knows only the proxies. Tests, and the judges, talk to the servers themselves.
"""

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fedctl.federation import CLUSTERS
from fedctl.kinds import SECRETS
from kubefed.clusters.credentials import BOUND_TO_ANNOTATION, fingerprint
from kubefed.core.names import ObjectKey
from kubefed.kube.connection import Connection, Credentials
from tests.chaos.proxy.server import FaultProxy, Upstream
from tests.fakes.pki import Authority
from tests.support.audit import AuditLog
from tests.support.federation import HOST, MEMBER1, MEMBER2, SYSTEM, Federation, a_federation, write_kubeconfig
from tests.support.manifests import Manifest, encoded
from tests.support.records import token_of

MEMBER3 = "member3"
ALL = (MEMBER1, MEMBER2, MEMBER3)
SEED_VARIABLE = "KUBEFED_CHAOS_SEED"


def seed() -> int:
    """Of this run: what chance does is the same for the same number."""
    return int(os.environ.get(SEED_VARIABLE, "1"))


@dataclass(frozen=True, slots=True)
class Arena:
    """The federation, and the proxies by the names of their clusters. `kubeconfig` is the controller's."""

    federation: Federation
    proxies: Mapping[str, FaultProxy]
    kubeconfig: Path

    @property
    def host(self) -> FaultProxy:
        """The proxy before the host."""
        return self.proxies[HOST]

    def logs(self) -> dict[str, AuditLog]:
        """Every cluster's audit log, from now on."""
        found = {name: AuditLog(self.federation.sandbox.cluster(name).audit_log) for name in (HOST, *ALL)}
        for log in found.values():
            log.mark()
        return found

    def repoint(self, member: str) -> None:
        """Have a joined member's record lead to its proxy, and its credentials be bound to that."""
        federation, proxy = self.federation, self.proxies[member]
        connection = Connection(proxy.endpoint, proxy.ca_pem, Credentials())
        spec: Manifest = {"apiEndpoint": proxy.endpoint, "caBundle": encoded(proxy.ca_pem)}
        secret = federation.credentials(member)["metadata"]["name"]
        bound = {"metadata": {"annotations": {BOUND_TO_ANNOTATION: fingerprint(connection)}}}
        federation.host.merge(SECRETS, ObjectKey(SYSTEM, secret), bound)
        federation.host.merge(CLUSTERS, ObjectKey(SYSTEM, member), {"spec": spec})

    def set_token(self, member: str, token: str) -> None:
        """Have the controller use this token for a member."""
        secret = self.federation.credentials(member)["metadata"]["name"]
        data = {"data": {"token": base64.b64encode(token.encode()).decode()}}
        self.federation.host.merge(SECRETS, ObjectKey(SYSTEM, secret), data)

    def token(self, member: str) -> str:
        """The token of the moment."""
        return token_of(self.federation, member)


@contextmanager
def an_arena(name: str, directory: Path) -> Iterator[Arena]:
    """A fresh one; nothing is left of it afterwards, also after kill -9."""
    authority = Authority("the authority of the proxies")
    with a_federation(name, directory, members=ALL) as federation, ExitStack() as opened:
        proxies = {}
        for cluster in (HOST, *ALL):
            real = federation.sandbox.cluster(cluster)
            proxy = FaultProxy(cluster, Upstream(real.layout().port, real.ca_pem), authority, seed=seed())
            proxies[cluster] = opened.enter_context(proxy)
        arena = Arena(federation, proxies, directory / "through-proxy.kubeconfig")
        token = _token_in(federation.controller_kubeconfig)
        write_kubeconfig(arena.kubeconfig, arena.host.endpoint, arena.host.ca_pem.encode(), token)
        for member in ALL:
            arena.repoint(member)
        yield arena


def _token_in(kubeconfig: Path) -> str:
    import yaml

    [user] = yaml.safe_load(kubeconfig.read_text())["users"]
    return str(user["user"]["token"])
