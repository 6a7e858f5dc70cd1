"""From models to CRDs: structural schemas as API servers accept them.

pydantic emits JSON schema of 2020; a CRD takes a narrower dialect without references, nulls and titles, in which every
node has a type. Descriptions are the models' docstrings, so that `kubectl explain` says what the code says.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from kubefed.api.core_v1alpha1 import ClusterPropagatedVersion, FederatedServiceStatus, PropagatedVersion
from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedCluster, KubeFedConfig
from kubefed.api.model import REQUIRED, Resource
from kubefed.api.scheduling_v1alpha1 import ReplicaSchedulingPreference
from kubefed.core.names import ResourceType

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that `kubectl get` prints."""

    name: str
    type: str
    json_path: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What a CRD says besides its schema."""

    resource_type: ResourceType
    short_names: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    has_status_subresource: bool = field(default=False, kw_only=True)
    older_versions: tuple[str, ...] = field(default=(), kw_only=True)
    """Versions that are served beside the stored one, with the same schema."""
    labels: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    """Labels of the CRD itself."""
    annotations: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    """Annotations of the CRD itself."""


_CLUSTER_COLUMNS = (
    Column("age", "date", ".metadata.creationTimestamp"),
    Column("ready", "string", ".status.conditions[?(@.type=='Ready')].status"),
    Column("kubernetes-version", "string", ".status.kubernetesVersion"),
)

_KINDS: tuple[tuple[type[Resource], Definition], ...] = (
    (
        ClusterPropagatedVersion,
        Definition(ClusterPropagatedVersion.resource_type, has_status_subresource=True),
    ),
    (FederatedServiceStatus, Definition(FederatedServiceStatus.resource_type)),
    (FederatedTypeConfig, Definition(FederatedTypeConfig.resource_type, ("ftc",), has_status_subresource=True)),
    (
        KubeFedCluster,
        Definition(KubeFedCluster.resource_type, ("kfc",), _CLUSTER_COLUMNS, has_status_subresource=True),
    ),
    (KubeFedConfig, Definition(KubeFedConfig.resource_type)),
    (PropagatedVersion, Definition(PropagatedVersion.resource_type, has_status_subresource=True)),
    (ReplicaSchedulingPreference, Definition(ReplicaSchedulingPreference.resource_type, ("rsp",))),
)


def core_crds() -> list[dict[str, Any]]:
    """The CRDs of all kinds that are not made for a federated type, sorted by name."""
    crds = [crd(definition, schema_of(model)) for model, definition in _KINDS]
    return sorted(crds, key=lambda one: str(one["metadata"]["name"]))


def crd(definition: Definition, schema: Schema) -> dict[str, Any]:
    """A CustomResourceDefinition with one stored version, in the form in which an API server completes it."""
    resource = definition.resource_type
    version: dict[str, Any] = {"name": resource.version, "served": True, "storage": True}
    if definition.columns:
        version["additionalPrinterColumns"] = [
            {"name": column.name, "type": column.type, "jsonPath": column.json_path} for column in definition.columns
        ]
    if definition.has_status_subresource:
        version["subresources"] = {"status": {}}
    version["schema"] = {"openAPIV3Schema": schema}
    names: dict[str, Any] = {
        "kind": resource.kind,
        "listKind": f"{resource.kind}List",
        "plural": resource.plural,
        "singular": resource.kind.lower(),
    }
    if definition.short_names:
        names["shortNames"] = list(definition.short_names)
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": resource.qualified_plural, **_marks(definition)},
        "spec": {
            "group": resource.group,
            "names": names,
            "scope": "Namespaced" if resource.namespaced else "Cluster",
            "versions": [*_older(version, definition.older_versions), version],
        },
    }


def _marks(definition: Definition) -> dict[str, Any]:
    marks = {"labels": dict(definition.labels), "annotations": dict(definition.annotations)}
    return {name: content for name, content in marks.items() if content}


def _older(stored: Mapping[str, Any], names: Iterable[str]) -> list[dict[str, Any]]:
    return [{**copy.deepcopy(dict(stored)), "name": name, "storage": False} for name in names]


def schema_of(model: type[BaseModel]) -> Schema:
    """The structural schema of a model that is a whole object; the caller may change it."""
    emitted = model.model_json_schema(by_alias=True)
    schema = _structural(emitted, emitted.get("$defs", {}))
    own = {name: part for name, part in schema["properties"].items() if name not in _EVERY_OBJECT}
    return copy.deepcopy({**schema, "properties": {**_EVERY_OBJECT, **own}})


_EVERY_OBJECT: Mapping[str, Schema] = {
    "apiVersion": {
        "description": "The version of the schema in which this object is written.",
        "type": "string",
    },
    "kind": {"description": "The kind of this object.", "type": "string"},
    "metadata": {"type": "object"},
}


def _structural(node: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """One node in the dialect of CRDs: references inlined, nulls gone, defaults and titles dropped."""
    node = _resolved(node, definitions)
    schema: Schema = {}
    if "description" in node:
        schema["description"] = " ".join(node["description"].split())
    schema |= {keyword: node[keyword] for keyword in _KEPT if keyword in node}
    if "items" in node:
        schema["items"] = _structural(node["items"], definitions)
    if isinstance(node.get("additionalProperties"), dict):
        schema["additionalProperties"] = _structural(node["additionalProperties"], definitions)
    if properties := node.get("properties"):
        schema["properties"] = {name: _structural(part, definitions) for name, part in properties.items()}
        if needed := sorted(name for name, part in properties.items() if part.get(REQUIRED)):
            schema["required"] = needed
    return schema


def _resolved(node: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """The node itself where pydantic refers to it or offers null beside it. What stands next to that has the last word."""
    beside = {keyword: part for keyword, part in node.items() if keyword not in {"$ref", "anyOf"}}
    if "$ref" in node:
        return {**_resolved(definitions[node["$ref"].rpartition("/")[2]], definitions), **beside}
    if "anyOf" in node:
        (choice,) = (part for part in node["anyOf"] if part != {"type": "null"})
        return {**_resolved(choice, definitions), **beside}
    return node


_KEPT = (
    "type",
    "format",
    "enum",
    "pattern",
    "minimum",
    "minLength",
    "maxLength",
    "maxItems",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
)
