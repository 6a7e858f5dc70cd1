"""What the person who starts the controller may choose. Values only."""

from dataclasses import dataclass

from kubefed.core.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Options:
    """The flags of `kubefed controller-manager`. Addresses are `host:port` with an empty host for all interfaces."""

    namespace: str
    kubeconfig: str = ""
    context: str = ""
    master: str = ""
    """The host's API server, instead of the kubeconfig's or the pod's own."""
    config_file: str = ""
    """A KubeFedConfig that counts instead of the host's."""
    healthz_address: str = ":8080"
    metrics_address: str = ":9090"
    liveness_address: str = ":8081"
    verbosity: int = 2
    shadow: bool = False


def split_address(address: str) -> tuple[str, int]:
    """Host and port of `host:port`. Raises Misconfigured."""
    host, _, port = address.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) <= _LARGEST_PORT):
        raise Misconfigured(f"{address!r} is no address to listen on: write host:port, or :port for all interfaces")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 - what an empty host means


_LARGEST_PORT = 65535
