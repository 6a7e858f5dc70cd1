"""core.kubefed.io/v1alpha1: what was written where, and the collected statuses of services."""

from typing import Annotated, ClassVar

from pydantic import WithJsonSchema

from kubefed.api.model import ApiModel, Int32, Resource, Time, required, schema
from kubefed.core.names import ResourceType

GROUP = "core.kubefed.io"
VERSION = "v1alpha1"


class ClusterObjectVersion(ApiModel):
    """The version of the copy in one cluster."""

    cluster_name: str = required("")
    """The member cluster."""
    version: str = required("")
    """The copy as last written: gen: and its generation, or rv: and its resourceVersion where it has no generation."""


class PropagatedVersionStatus(ApiModel):
    """Which template and overrides were written last, and what came of it in each cluster."""

    template_version: str = required("")
    """A hash of the template."""
    overrides_version: str = required("")
    """A hash of the overrides."""
    cluster_versions: list[ClusterObjectVersion] | None = None
    """The copies, sorted by cluster. They count only while both hashes still hold."""


class PropagatedVersion(Resource):
    """PropagatedVersion records the copies of a namespaced federated object.

    Its name is the target kind in lower case, a dash, and the name of the object.
    """

    resource_type: ClassVar = ResourceType(GROUP, VERSION, "propagatedversions", "PropagatedVersion", namespaced=True)

    status: PropagatedVersionStatus | None = None


class ClusterPropagatedVersion(Resource):
    """ClusterPropagatedVersion records the copies of a federated object without a namespace.

    Its name is the target kind in lower case, a dash, and the name of the object.
    """

    resource_type: ClassVar = ResourceType(
        GROUP, VERSION, "clusterpropagatedversions", "ClusterPropagatedVersion", namespaced=False
    )

    status: PropagatedVersionStatus | None = None


_QUALIFIED_NAME = (
    r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
    r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"
)


def _text(**constraints: object) -> WithJsonSchema:
    """Constraints for the API server only. A model that reads statuses must not stumble over one."""
    return WithJsonSchema({"type": "string", **constraints})


class ServiceCondition(ApiModel):
    """A condition of a Service, as Kubernetes defines conditions."""

    type: Annotated[str, _text(maxLength=316, pattern=_QUALIFIED_NAME)] = required("")
    """What the condition is about."""
    status: Annotated[str, _text(enum=["True", "False", "Unknown"])] = required("")
    """True, False or Unknown."""
    observed_generation: Annotated[int | None, WithJsonSchema({"type": "integer", "format": "int64", "minimum": 0})] = None
    """The generation of the Service that the condition is about."""
    last_transition_time: Time = required("")
    """When the status last changed."""
    reason: Annotated[str, _text(minLength=1, maxLength=1024, pattern="^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")] = (
        required("")
    )
    """A word for why."""
    message: Annotated[str, _text(maxLength=32768)] = required("")
    """A sentence for people."""


class PortStatus(ApiModel):
    """The status of one port of a load balancer."""

    port: Int32 = required(0)
    """The port of the Service."""
    protocol: str = required("")
    """TCP, UDP or SCTP."""
    error: Annotated[str | None, _text(maxLength=316, pattern=_QUALIFIED_NAME)] = None
    """What is wrong with the port."""


class LoadBalancerIngress(ApiModel):
    """One address at which a load balancer takes traffic."""

    ip: str | None = None
    """An address."""
    hostname: str | None = None
    """A host name."""
    ip_mode: str | None = None
    """How traffic to the address arrives: VIP or Proxy. Added by kubefed."""
    ports: Annotated[list[PortStatus] | None, schema(**{"x-kubernetes-list-type": "atomic"})] = None
    """The ports."""


class LoadBalancerStatus(ApiModel):
    """The status of a load balancer."""

    ingress: list[LoadBalancerIngress] | None = None
    """Where it takes traffic."""


class ServiceStatus(ApiModel):
    """The status of a Service."""

    load_balancer: LoadBalancerStatus | None = None
    """The load balancer, if there is one."""
    conditions: Annotated[
        list[ServiceCondition] | None,
        schema(**{"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}),
    ] = None
    """The conditions."""


class FederatedServiceClusterStatus(ApiModel):
    """The status of the Service in one cluster."""

    cluster_name: str = required("")
    """The member cluster."""
    status: ServiceStatus = required(ServiceStatus())
    """The status there."""


class FederatedServiceStatus(Resource):
    """FederatedServiceStatus collects the statuses of the copies of the FederatedService of the same name."""

    resource_type: ClassVar = ResourceType(
        GROUP, VERSION, "federatedservicestatuses", "FederatedServiceStatus", namespaced=True
    )

    cluster_status: list[FederatedServiceClusterStatus] | None = None
    """One entry for every ready cluster, sorted by name."""
