"""What the simulator reads of a pod, and of a node. Pure."""

from typing import Any

import msgspec

from kubefed.core.names import ObjectKey, ResourceType

PODS = ResourceType(group="", version="v1", plural="pods", kind="Pod", namespaced=True)


class Metadata(msgspec.Struct, frozen=True, rename="camel"):
    """Who the pod is."""

    name: str
    namespace: str
    uid: str
    resource_version: str
    annotations: dict[str, str] = {}
    deletion_timestamp: str = ""


class Port(msgspec.Struct, frozen=True, rename="camel"):
    """A port that a container says it listens on."""

    container_port: int
    protocol: str = "TCP"


class Container(msgspec.Struct, frozen=True, rename="camel"):
    """One container. `restart_policy` is set for init containers that keep running beside the others (sidecars)."""

    name: str
    image: str = ""
    restart_policy: str = ""
    ports: tuple[Port, ...] = ()


class ReadinessGate(msgspec.Struct, frozen=True, rename="camel"):
    """A condition that somebody else must set before the pod counts as ready."""

    condition_type: str


class Spec(msgspec.Struct, frozen=True, rename="camel"):
    """What it wants."""

    node_name: str = ""
    restart_policy: str = "Always"
    host_network: bool = False
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    readiness_gates: tuple[ReadinessGate, ...] = ()


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """What is recorded of it. `conditions` stay as they are on the wire: foreign ones are handed back untouched."""

    phase: str = "Pending"
    start_time: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    conditions: list[dict[str, Any]] = []


class Pod(msgspec.Struct, frozen=True):
    """One pod, as far as a simulated kubelet needs it."""

    metadata: Metadata
    spec: Spec
    status: Status = Status()

    @property
    def key(self) -> ObjectKey:
        """Its place in the cluster."""
        return ObjectKey(self.metadata.namespace, self.metadata.name)

    @property
    def resource_version(self) -> int:
        """For the store: which of two is newer."""
        return int(self.metadata.resource_version)

    @property
    def uid(self) -> str:
        """Tells it from an earlier pod of the same name."""
        return self.metadata.uid

    def ports(self) -> tuple[int, ...]:
        """Every TCP port that one of its containers says it listens on."""
        everyone = (*self.spec.init_containers, *self.spec.containers)
        listed = (port.container_port for container in everyone for port in container.ports if port.protocol == "TCP")
        return tuple(dict.fromkeys(listed))


_decoder = msgspec.json.Decoder(Pod)


def decode(item: bytes | msgspec.Raw) -> Pod:
    """One pod from the wire. Raises msgspec.DecodeError."""
    return _decoder.decode(item)
