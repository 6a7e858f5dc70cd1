"""multicluster.x-k8s.io: services that clusters offer each other, as the Multi-Cluster Services API defines them.

Both versions have one schema; objects are stored as v1beta1. These CRDs are for members.
"""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, WithJsonSchema

from kubefed.api.model import ApiModel, Int32, Int64, Resource, Time, required, schema
from kubefed.core.catalogue import ImportType
from kubefed.core.names import ResourceType

GROUP = "multicluster.x-k8s.io"
VERSION = "v1beta1"
OLDER_VERSIONS = ("v1alpha1",)
RELEASE_LABEL = f"{GROUP}/release-version"
REVISION_LABEL = f"{GROUP}/crd-schema-revision"
CRD_LABELS = {RELEASE_LABEL: "v0.5.0", REVISION_LABEL: "0"}
"""By these, whoever installs the CRDs knows whether those that are there are newer."""

_BY_TYPE = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}
_DNS_LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"


class EndpointSliceObjects(StrEnum):
    """Whether the endpoints of an import can be read in its cluster."""

    PRESENT = "Present"
    ABSENT = "Absent"


class Condition(ApiModel):
    """A condition, as Kubernetes defines them."""

    type: Annotated[str, WithJsonSchema({"type": "string", "maxLength": 316})] = required("")
    """What the condition is about."""
    status: Annotated[str, WithJsonSchema({"type": "string", "enum": ["True", "False", "Unknown"]})] = required("")
    """True, False or Unknown."""
    observed_generation: Int64 | None = None
    """The generation of the object that the condition is about."""
    last_transition_time: Time = required("")
    """When the status last changed."""
    reason: Annotated[str, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 1024})] = required("")
    """A word for why; several are joined with commas."""
    message: Annotated[str, WithJsonSchema({"type": "string", "maxLength": 32768})] = required("")
    """A sentence for people."""


class ServiceExportSpec(ApiModel):
    """What imports show of the export beside the Service."""

    exported_labels: dict[str, str] | None = None
    """Labels of the imports."""
    exported_annotations: dict[str, str] | None = None
    """Annotations of the imports."""


class ServiceExportStatus(ApiModel):
    """What became of the export."""

    conditions: Annotated[list[Condition] | None, schema(**_BY_TYPE)] = None
    """Valid, Ready and Conflict."""


class ServiceExport(Resource):
    """ServiceExport offers the Service of the same name and namespace to all clusters of the clusterset."""

    resource_type: ClassVar = ResourceType(GROUP, VERSION, "serviceexports", "ServiceExport", namespaced=True)

    spec: ServiceExportSpec | None = None
    status: ServiceExportStatus | None = None


class ServicePort(ApiModel):
    """A port of the merged service. Which port an endpoint listens on is in its EndpointSlice."""

    name: Annotated[str | None, WithJsonSchema({"type": "string", "maxLength": 63})] = None
    """A DNS label; may be missing when there is one port."""
    protocol: Annotated[str | None, WithJsonSchema({"type": "string", "enum": ["TCP", "UDP", "SCTP"]})] = None
    """TCP, UDP or SCTP."""
    app_protocol: str | None = None
    """The protocol of the application."""
    port: Int32 = required(0)
    """The number that clients use."""


class ClientIPConfig(ApiModel):
    """Session affinity by the client's address."""

    timeout_seconds: Int32 | None = None
    """How long a client keeps its endpoint."""


class SessionAffinityConfig(ApiModel):
    """How session affinity works."""

    client_ip: ClientIPConfig | None = Field(default=None, alias="clientIP")
    """By the client's address."""


class ServiceImportSpec(ApiModel):
    """The merged service."""

    type: Annotated[str, schema(enum=[*ImportType])] = required("")
    """ClusterSetIP: reached by an address of its own. Headless: by the addresses of its endpoints."""
    ports: Annotated[list[ServicePort], schema(**{"x-kubernetes-list-type": "atomic"})] = required([])
    """The ports of all exports."""
    ips: Annotated[list[str] | None, schema(maxItems=2)] = None
    """The addresses in this cluster, one a family."""
    ip_families: Annotated[list[str] | None, schema(maxItems=2)] = None
    """The families of the addresses, in their order."""
    session_affinity: str | None = None
    """None or ClientIP."""
    session_affinity_config: SessionAffinityConfig | None = None
    internal_traffic_policy: str | None = None
    """Cluster or Local."""
    traffic_distribution: str | None = None
    """Where traffic prefers to go, as for Services."""


class ClusterStatus(ApiModel):
    """One exporting cluster."""

    cluster: Annotated[str, WithJsonSchema({"type": "string", "maxLength": 63, "minLength": 1, "pattern": _DNS_LABEL})] = (
        required("")
    )
    """The cluster's id."""


class ServiceImportStatus(ApiModel):
    """Who exports the service, and whether it can be used here."""

    clusters: Annotated[
        list[ClusterStatus] | None,
        schema(**{"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["cluster"]}),
    ] = None
    """The exporting clusters."""
    conditions: Annotated[list[Condition] | None, schema(**_BY_TYPE)] = None
    """Ready."""
    endpoint_slice_objects: Annotated[str | None, schema(enum=[*EndpointSliceObjects])] = None
    """Whether the endpoints are in EndpointSlices of this cluster."""


class ServiceImport(Resource):
    """ServiceImport is a service of the clusterset as it can be used in this cluster. Written by the controller."""

    resource_type: ClassVar = ResourceType(GROUP, VERSION, "serviceimports", "ServiceImport", namespaced=True)

    spec: ServiceImportSpec = required(ServiceImportSpec())
    status: ServiceImportStatus | None = None
