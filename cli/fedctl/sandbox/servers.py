"""The exact command line of every server of a sandbox. Pure: a layout in, arguments out."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

ETCD = "etcd"
API_SERVER = "kube-apiserver"
CONTROLLER_MANAGER = "kube-controller-manager"
SCHEDULER = "kube-scheduler"
PROGRAMS = (ETCD, API_SERVER, CONTROLLER_MANAGER, SCHEDULER)


@dataclass(frozen=True, slots=True)
class StoreLayout:
    """Where one etcd keeps its data and listens."""

    directory: Path
    client_port: int
    peer_port: int

    @property
    def url(self) -> str:
        """Where API servers reach it."""
        return f"http://127.0.0.1:{self.client_port}"


@dataclass(frozen=True, slots=True)
class ClusterLayout:
    """Where one cluster keeps its files and listens."""

    name: str
    directory: Path
    port: int
    store_url: str
    services: IPv4Network
    has_controllers: bool

    @property
    def endpoint(self) -> str:
        """Where clients reach the API server."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def pki(self) -> Path:
        """Certificates and keys, as `pki.make` names them."""
        return self.directory / "pki"

    @property
    def audit_log(self) -> Path:
        """Every request that the API server answered, one JSON document per line."""
        return self.directory / "audit.log"

    def kubeconfig(self, user: str) -> Path:
        """The kubeconfig of one of the clients of `pki.CLIENTS`."""
        return self.directory / f"{user}.kubeconfig"

    def log(self, program: str) -> Path:
        """What a server of this cluster printed."""
        return self.directory / f"{program}.log"


def etcd(store: StoreLayout) -> list[str]:
    """One etcd on loopback, without fsync: its data is worth nothing after the sandbox."""
    peer = f"http://127.0.0.1:{store.peer_port}"
    return [
        "--name=sandbox",
        f"--data-dir={store.directory / 'data'}",
        f"--listen-client-urls={store.url}",
        f"--advertise-client-urls={store.url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=sandbox={peer}",
        "--unsafe-no-fsync",
        "--log-level=warn",
        "--log-format=console",
        "--quota-backend-bytes=8589934592",
    ]


def api_server(cluster: ClusterLayout) -> list[str]:
    """A kube-apiserver that behaves as in a real cluster, as far as one without nodes and networks can."""
    pki = cluster.pki
    return [
        f"--etcd-servers={cluster.store_url}",
        f"--etcd-prefix=/{cluster.name}",
        "--bind-address=127.0.0.1",
        # Without it the server looks for an address of a default route, which a network namespace does not have.
        "--advertise-address=127.0.0.1",
        f"--secure-port={cluster.port}",
        f"--cert-dir={pki}",
        f"--tls-cert-file={pki / 'serving.crt'}",
        f"--tls-private-key-file={pki / 'serving.key'}",
        f"--client-ca-file={pki / 'ca.crt'}",
        f"--service-cluster-ip-range={cluster.services}",
        "--endpoint-reconciler-type=none",
        "--enable-aggregator-routing=true",
        "--authorization-mode=RBAC",
        "--allow-privileged=true",
        *_service_account_flags(cluster),
        *_audit_flags(cluster),
        # Limits that a burst of a test does not meet; priority and fairness stay on, as in a real cluster.
        "--max-requests-inflight=2000",
        "--max-mutating-requests-inflight=1000",
        "--profiling=false",
    ]


def _service_account_flags(cluster: ClusterLayout) -> list[str]:
    flags = [
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={cluster.pki / 'service-accounts.pub'}",
        f"--service-account-signing-key-file={cluster.pki / 'service-accounts.key'}",
    ]
    # Nobody makes the ServiceAccount `default` without controllers, and then this plug-in would refuse every pod.
    return flags if cluster.has_controllers else [*flags, "--disable-admission-plugins=ServiceAccount"]


def _audit_flags(cluster: ClusterLayout) -> list[str]:
    return [
        f"--audit-policy-file={cluster.directory / 'audit-policy.json'}",
        f"--audit-log-path={cluster.audit_log}",
        # Blocking: who got an answer finds its line in the log. One rotation bounds what a forgotten sandbox takes.
        "--audit-log-mode=blocking",
        "--audit-log-maxsize=1024",
        "--audit-log-maxbackup=1",
    ]


def controller_manager(cluster: ClusterLayout) -> list[str]:
    """Every controller that runs without a cloud, not held to the 20 requests a second of the defaults."""
    pki = cluster.pki
    return [
        f"--kubeconfig={cluster.kubeconfig(CONTROLLER_MANAGER)}",
        "--secure-port=0",
        "--leader-elect=false",
        "--controllers=*",
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={pki / 'service-accounts.key'}",
        f"--root-ca-file={pki / 'ca.crt'}",
        f"--cluster-signing-cert-file={pki / 'ca.crt'}",
        f"--cluster-signing-key-file={pki / 'ca.key'}",
        "--kube-api-qps=1000",
        "--kube-api-burst=2000",
        "--profiling=false",
    ]


def scheduler(cluster: ClusterLayout) -> list[str]:
    """The default scheduler; its settings are in the file of `policies.scheduler_config`."""
    return [f"--config={cluster.directory / 'scheduler.json'}", "--secure-port=0"]
