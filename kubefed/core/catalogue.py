"""Services as the federation has merged them: what the services part publishes and names and meshes are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kubefed.core.names import ClusterName, ObjectKey


class ImportType(StrEnum):
    """How a merged service is reached: by one address of its own, or by the addresses of its endpoints."""

    CLUSTER_SET_IP = "ClusterSetIP"
    HEADLESS = "Headless"


@dataclass(frozen=True, slots=True, order=True)
class ServicePort:
    """A port that clients use. `name` is empty for an unnamed port; `protocol` is TCP, UDP or SCTP."""

    name: str
    protocol: str
    port: int
    app_protocol: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """One address behind a service, in the cluster that runs it.

    `address` is an IPv4 or IPv6 address in its canonical text form, `ports` are the numbers it listens on by the service
    port's name, `hostname` is empty unless the endpoint has a name of its own. `weight` is relative to the other endpoints'
    weights.
    """

    address: str
    ready: bool
    ports: tuple[tuple[str, int], ...] = ()
    hostname: str = ""
    zone: str = ""
    node: str = ""
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """What one exporting cluster contributes. `stale` says that the cluster cannot be read now and this was last known."""

    cluster: ClusterName
    ports: tuple[ServicePort, ...]
    endpoints: tuple[Endpoint, ...]
    stale: bool = False


@dataclass(frozen=True, slots=True)
class MergedService:
    """A service of the clusterset, merged from the exports of all clusters.

    `addresses` are the import's addresses by the cluster that sees them (empty for headless services); `sources` are
    sorted by cluster name.
    """

    key: ObjectKey
    type: ImportType
    ports: tuple[ServicePort, ...]
    sources: tuple[Source, ...]
    addresses: Mapping[ClusterName, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cluster is. Each is empty when it is not known.

    `gateways` are `host:port` texts by which its pods are reached from another network.
    """

    region: str = ""
    zone: str = ""
    network: str = ""
    gateways: tuple[str, ...] = ()


class Catalogue(Protocol):
    """All merged services, as of now. Reading it never waits."""

    @property
    def complete(self) -> bool:
        """Whether every cluster that is expected to answer has been read once; before, absence means nothing."""

    def services(self) -> Mapping[ObjectKey, MergedService]:
        """Every merged service by its namespace and name."""

    def places(self) -> Mapping[ClusterName, Place]:
        """Where each member is, for all members that are registered."""

    def on_change(self, changed: Callable[[ObjectKey], None]) -> None:
        """Calls `changed` with the key of each service that appears, changes or disappears from now on."""
