"""What is read of members' objects: typed, small, hashable. Pure.

Each record is the object's metadata and the fields that a rule looks at. What does not decode raises ValueError, and the
reflector keeps what it knew.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeVar

import msgspec

from kubefed.core.catalogue import ServicePort
from kubefed.kube.wire import Metadata, Projector
from kubefed.services.words import OF_CLUSTER, OF_IMPORT, OF_SERVICE, SLICE_MANAGER

Body = bytes | msgspec.Raw
Reading = Callable[[Projector, Body], Metadata]
T = TypeVar("T")
Pairs = tuple[tuple[str, str], ...]

DEFAULT_AFFINITY_S = 10_800
"""How long a client keeps its endpoint unless a Service says otherwise: three hours, by Kubernetes."""


class Condition(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    """A condition as it is stored."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    last_transition_time: str = ""
    observed_generation: int = 0


class SlicePort(msgspec.Struct, gc=False, frozen=True, order=True, rename="camel"):
    """What endpoints of a slice listen on, by the name of the Service's port."""

    name: str = ""
    protocol: str = "TCP"
    port: int = 0
    app_protocol: str = ""


class Endpoint(msgspec.Struct, gc=False, frozen=True, order=True):
    """One address in a slice."""

    address: str
    ready: bool = True
    serving: bool = True
    terminating: bool = False
    hostname: str = ""
    zone: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class ImportSpec:
    """What a ServiceImport says."""

    type: str
    ports: tuple[ServicePort, ...] = ()
    ips: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    affinity: str = ""
    affinity_timeout_s: int = 0
    internal_policy: str = ""
    distribution: str = ""


class ExportRecord(Metadata, gc=False, frozen=True):
    """A ServiceExport. `shown_labels` and `shown_annotations` are for the imports."""

    shown_labels: Pairs = ()
    shown_annotations: Pairs = ()
    conditions: tuple[Condition, ...] = ()


class ServiceRecord(Metadata, gc=False, frozen=True):
    """A Service. `import_name` is set on those that we made for an import."""

    type: str = "ClusterIP"
    ports: tuple[ServicePort, ...] = ()
    ips: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    affinity: str = "None"
    affinity_timeout_s: int = 0
    internal_policy: str = ""
    distribution: str = ""
    import_name: str = ""

    @property
    def headless(self) -> bool:
        return "None" in self.ips


class SliceRecord(Metadata, gc=False, frozen=True):
    """An EndpointSlice. One with `import_name` and `source` carries endpoints of a cluster to an import."""

    family: str = ""
    ports: tuple[SlicePort, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    hints: bool = False
    service: str = ""
    import_name: str = ""
    source: str = ""
    manager: str = ""


class ImportRecord(Metadata, gc=False, frozen=True):
    """A ServiceImport."""

    spec: ImportSpec = ImportSpec("")
    clusters: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    slice_objects: str = ""


# --- reading ---------------------------------------------------------------------------------------------------


def read_export(projector: Projector, body: Body) -> ExportRecord:
    """A ServiceExport."""
    wire = _decoded(_EXPORT, body)
    spec, status = wire.spec or _ExportSpec(), wire.status or _ConditionsOnly()
    return ExportRecord(
        **_fields(projector.metadata(body)),
        shown_labels=_pairs(spec.exported_labels),
        shown_annotations=_pairs(spec.exported_annotations),
        conditions=tuple(status.conditions or ()),
    )


def read_service(projector: Projector, body: Body) -> ServiceRecord:
    """A Service."""
    spec = _decoded(_SERVICE, body).spec or _ServiceSpec()
    metadata = projector.metadata(body)
    return ServiceRecord(
        **_fields(metadata),
        type=spec.type or "ClusterIP",
        ports=_service_ports(spec.ports),
        ips=tuple(spec.cluster_ips or ((spec.cluster_ip,) if spec.cluster_ip else ())),
        families=tuple(spec.ip_families or ()),
        affinity=spec.session_affinity or "None",
        affinity_timeout_s=_timeout(spec.session_affinity, spec.session_affinity_config),
        internal_policy=spec.internal_traffic_policy or "",
        distribution=spec.traffic_distribution or "",
        import_name=_label(metadata, OF_IMPORT),
    )


def read_slice(projector: Projector, body: Body) -> SliceRecord:
    """An EndpointSlice."""
    wire = _decoded(_SLICE, body)
    metadata = projector.metadata(body)
    labels = metadata.label_map()
    return SliceRecord(
        **_fields(metadata),
        family=wire.address_type,
        ports=tuple(_slice_port(port) for port in wire.ports or ()),
        endpoints=tuple(_endpoint(each) for each in wire.endpoints or () if each.addresses),
        hints=any(each.hints is not None for each in wire.endpoints or ()),
        service=labels.get(OF_SERVICE, ""),
        import_name=labels.get(OF_IMPORT, ""),
        source=labels.get(OF_CLUSTER, ""),
        manager=labels.get(SLICE_MANAGER, ""),
    )


def read_import(projector: Projector, body: Body) -> ImportRecord:
    """A ServiceImport."""
    wire = _decoded(_IMPORT, body)
    spec, status = wire.spec or _ImportSpec(), wire.status or _ImportStatus()
    return ImportRecord(
        **_fields(projector.metadata(body)),
        spec=ImportSpec(
            type=spec.type,
            ports=_service_ports(spec.ports),
            ips=tuple(spec.ips or ()),
            families=tuple(spec.ip_families or ()),
            affinity=spec.session_affinity or "",
            affinity_timeout_s=_timeout(spec.session_affinity, spec.session_affinity_config),
            internal_policy=spec.internal_traffic_policy or "",
            distribution=spec.traffic_distribution or "",
        ),
        clusters=tuple(sorted(each.cluster for each in status.clusters or ())),
        conditions=tuple(status.conditions or ()),
        slice_objects=status.endpoint_slice_objects or "",
    )


def read_namespace(projector: Projector, body: Body) -> Metadata:
    """A Namespace, of which only the metadata counts."""
    return projector.metadata(body)


# --- the wire --------------------------------------------------------------------------------------------------


class _ConditionsOnly(msgspec.Struct):
    conditions: list[Condition] | None = None


class _ExportSpec(msgspec.Struct, rename="camel"):
    exported_labels: dict[str, str] | None = None
    exported_annotations: dict[str, str] | None = None


class _Export(msgspec.Struct):
    spec: _ExportSpec | None = None
    status: _ConditionsOnly | None = None


class _Port(msgspec.Struct, rename="camel"):
    port: int = 0
    name: str | None = None
    protocol: str | None = None
    app_protocol: str | None = None


class _ClientIP(msgspec.Struct, rename="camel"):
    timeout_seconds: int | None = None


class _AffinityConfig(msgspec.Struct):
    client_ip: _ClientIP | None = msgspec.field(default=None, name="clientIP")


class _ServiceSpec(msgspec.Struct, rename="camel"):
    type: str | None = None
    ports: list[_Port] | None = None
    cluster_ip: str | None = msgspec.field(default=None, name="clusterIP")
    cluster_ips: list[str] | None = msgspec.field(default=None, name="clusterIPs")
    ip_families: list[str] | None = None
    session_affinity: str | None = None
    session_affinity_config: _AffinityConfig | None = None
    internal_traffic_policy: str | None = None
    traffic_distribution: str | None = None


class _Service(msgspec.Struct):
    spec: _ServiceSpec | None = None


class _Conditions(msgspec.Struct):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class _WireEndpoint(msgspec.Struct, rename="camel"):
    addresses: list[str] | None = None
    conditions: _Conditions | None = None
    hostname: str | None = None
    node_name: str | None = None
    zone: str | None = None
    hints: dict[str, object] | None = None


class _Slice(msgspec.Struct, rename="camel"):
    address_type: str = ""
    endpoints: list[_WireEndpoint] | None = None
    ports: list[_Port] | None = None


class _ImportSpec(msgspec.Struct, rename="camel"):
    type: str = ""
    ports: list[_Port] | None = None
    ips: list[str] | None = None
    ip_families: list[str] | None = None
    session_affinity: str | None = None
    session_affinity_config: _AffinityConfig | None = None
    internal_traffic_policy: str | None = None
    traffic_distribution: str | None = None


class _ClusterStatus(msgspec.Struct):
    cluster: str


class _ImportStatus(msgspec.Struct, rename="camel"):
    clusters: list[_ClusterStatus] | None = None
    conditions: list[Condition] | None = None
    endpoint_slice_objects: str | None = None


class _Import(msgspec.Struct):
    spec: _ImportSpec | None = None
    status: _ImportStatus | None = None


_EXPORT = msgspec.json.Decoder(_Export)
_SERVICE = msgspec.json.Decoder(_Service)
_SLICE = msgspec.json.Decoder(_Slice)
_IMPORT = msgspec.json.Decoder(_Import)


def _decoded(decoder: msgspec.json.Decoder[T], body: Body) -> T:
    try:
        return decoder.decode(body)
    except RecursionError:
        raise msgspec.DecodeError("nested too deeply") from None


def _fields(metadata: Metadata) -> dict[str, Any]:
    return msgspec.structs.asdict(metadata)


def _label(metadata: Metadata, name: str) -> str:
    return metadata.label_map().get(name, "") if name.encode() in metadata.labels else ""


def _pairs(mapping: dict[str, str] | None) -> Pairs:
    return tuple(sorted((mapping or {}).items()))


def _timeout(affinity: str | None, config: _AffinityConfig | None) -> int:
    if affinity != "ClientIP":
        return 0
    return (config.client_ip.timeout_seconds if config and config.client_ip else None) or DEFAULT_AFFINITY_S


def _service_ports(ports: Iterable[_Port] | None) -> tuple[ServicePort, ...]:
    return tuple(
        ServicePort(each.name or "", each.protocol or "TCP", each.port, each.app_protocol or "") for each in ports or ()
    )


def _slice_port(port: _Port) -> SlicePort:
    return SlicePort(port.name or "", port.protocol or "TCP", port.port, port.app_protocol or "")


def _endpoint(wire: _WireEndpoint) -> Endpoint:
    """What is not said about an endpoint means that it is ready, by the API's own rules."""
    conditions = wire.conditions or _Conditions()
    ready = conditions.ready is not False
    return Endpoint(
        address=_canonical((wire.addresses or [""])[0]),
        ready=ready,
        serving=ready if conditions.serving is None else conditions.serving,
        terminating=bool(conditions.terminating),
        hostname=wire.hostname or "",
        zone=wire.zone or "",
        node=wire.node_name or "",
    )


def _canonical(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError:
        return address
