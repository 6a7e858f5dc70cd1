"""The federated type of a target type: its CRD, and the FederatedTypeConfig that makes it work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubefed.api import types_v1beta1
from kubefed.api.core_v1beta1 import APIResource, FederatedTypeConfig, FederatedTypeConfigSpec, Scope, Toggle
from kubefed.api.crds import Definition, crd, schema_of
from kubefed.api.model import ObjectMeta
from kubefed.core.names import ResourceType


@dataclass(frozen=True, slots=True)
class Target:
    """A type that is to be federated, and what is known about it."""

    resource_type: ResourceType
    short_names: tuple[str, ...] = ()
    has_schema: bool = True
    """Whether the type's schema was found. Without one its objects have no template, as in KubeFed."""
    has_replicas: bool = False
    """Whether its schema has the replicas that an autoscaler would change; see `has_replicas_field`."""


def has_replicas_field(schema: Mapping[str, Any]) -> bool:
    """Whether objects with this OpenAPI schema have an int32 `spec.replicas`, so that clusters may retain theirs."""
    replicas = _property(_property(schema, "spec"), "replicas")
    return replicas.get("type") == "integer" and replicas.get("format") == "int32"


def _property(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The schema of a property; empty when there is none."""
    properties = schema.get("properties")
    found = properties.get(name) if isinstance(properties, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def federated_resource_type(
    target: ResourceType, group: str = types_v1beta1.GROUP, version: str = types_v1beta1.VERSION
) -> ResourceType:
    """The federated type of a target: `Federated` before its kind, in the same scope.

    A FederatedNamespace lives in the namespace that it federates, so that its owner may write it.
    """
    namespaced = target.namespaced or target.qualified_plural == "namespaces"
    return ResourceType(group, version, f"federated{target.plural}", f"Federated{target.kind}", namespaced)


def federated_crd(target: Target, group: str = types_v1beta1.GROUP, version: str = types_v1beta1.VERSION) -> dict[str, Any]:
    """The CRD of the target's federated type, as KubeFed's `enable` made it."""
    schema = schema_of(types_v1beta1.FederatedObject)
    schema["description"] = (
        f"Federated{target.resource_type.kind} makes copies of a {target.resource_type.kind} in member clusters."
    )
    spec = schema["properties"]["spec"]["properties"]
    if not target.has_schema:
        del spec["template"]
    if not target.has_replicas:
        del spec["retainReplicas"]
    definition = Definition(
        federated_resource_type(target.resource_type, group, version),
        tuple(f"f{short_name}" for short_name in target.short_names),
        has_status_subresource=True,
    )
    return crd(definition, schema)


def federated_type_config(
    target: ResourceType,
    namespace: str = "",
    group: str = types_v1beta1.GROUP,
    version: str = types_v1beta1.VERSION,
) -> FederatedTypeConfig:
    """The FederatedTypeConfig that switches propagation of the target on, as KubeFed's `enable` made it."""
    name = target.qualified_plural
    return FederatedTypeConfig(
        metadata=ObjectMeta(name=name, namespace=namespace) if namespace else ObjectMeta(name=name),
        spec=FederatedTypeConfigSpec(
            federated_type=_api_resource(federated_resource_type(target, group, version)),
            propagation=Toggle.ENABLED,
            target_type=_api_resource(target),
        ),
    )


def _api_resource(resource: ResourceType) -> APIResource:
    group = {"group": resource.group} if resource.group else {}
    return APIResource(
        **group,
        kind=resource.kind,
        plural_name=resource.plural,
        scope=Scope.NAMESPACED if resource.namespaced else Scope.CLUSTER,
        version=resource.version,
    )
