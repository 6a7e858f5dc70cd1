"""From an ordinary object to a federated one: what of it is a template, and what belongs to one cluster only. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from kubefed.api.default_types import DEFAULT_TARGETS
from kubefed.api.defaults import plural_of
from kubefed.api.federated_crd import federated_resource_type
from kubefed.core.errors import Misconfigured
from kubefed.core.markers import MANAGED_LABEL
from kubefed.core.names import ResourceType
from kubefed.federated.federated_type import FederatedType

_ONE_CLUSTERS_FIELDS = ("apiVersion", "kind", "metadata", "status")
_EVERYWHERE: Mapping[str, Any] = {"clusterSelector": {"matchLabels": {}}}
_JOB_LABELS = ("batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name")


def federated_object(target: Mapping[str, Any], kind: FederatedType) -> dict[str, Any]:
    """The federated object that makes copies of `target` in all clusters. A namespace's lives in the namespace itself."""
    metadata = target["metadata"]
    name = metadata["name"]
    namespace = name if kind.of_namespaces else metadata.get("namespace", "")
    place = {"name": name, "namespace": namespace} if kind.federated.namespaced else {"name": name}
    return {
        "apiVersion": kind.federated.api_version,
        "kind": kind.federated.kind,
        "metadata": place,
        "spec": {"template": template_of(target), "placement": _EVERYWHERE},
    }


def template_of(target: Mapping[str, Any]) -> dict[str, Any]:
    """What copies have in common. Of the metadata only labels are; annotations belong to whoever wrote them."""
    template = {field: value for field, value in target.items() if field not in _ONE_CLUSTERS_FIELDS}
    labels = {key: value for key, value in (_labels(target) or {}).items() if key != MANAGED_LABEL}
    if strip := _STRIPPED.get(str(target.get("kind"))):
        template = strip(template)
    return {"metadata": {"labels": labels}, **template} if labels else template


def dropped_annotations(target: Mapping[str, Any]) -> list[str]:
    """The annotations that a person may miss in the copies: all but those that tools keep for themselves."""
    annotations = target["metadata"].get("annotations") or {}
    return sorted(name for name in annotations if not name.startswith(_OF_TOOLS))


_OF_TOOLS = ("kubectl.kubernetes.io/", "kubefed.io/", "deployment.kubernetes.io/")


def _labels(target: Mapping[str, Any]) -> Mapping[str, str] | None:
    labels: Mapping[str, str] | None = target["metadata"].get("labels")
    return labels


def _without(mapping: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name not in names}


def _namespace(template: dict[str, Any]) -> dict[str, Any]:
    return {**template, "spec": _without(template["spec"], "finalizers")} if template.get("spec") else template


def _service_account(template: dict[str, Any]) -> dict[str, Any]:
    return _without(template, "secrets")


def _service(template: dict[str, Any]) -> dict[str, Any]:
    """Addresses and node ports are each cluster's to give."""
    spec = _without(template.get("spec") or {}, "clusterIP", "clusterIPs", "healthCheckNodePort")
    if "ports" in spec:
        spec["ports"] = [_without(port, "nodePort") for port in spec["ports"]]
    return {**template, "spec": spec}


def _job(template: dict[str, Any]) -> dict[str, Any]:
    """A live Job selects its pods by its own uid, which no copy has."""
    spec = template.get("spec") or {}
    if spec.get("manualSelector"):
        return template
    spec = _without(spec, "selector")
    pod = spec.get("template") or {}
    metadata = pod.get("metadata") or {}
    labels = _without(metadata.get("labels") or {}, *_JOB_LABELS)
    return {**template, "spec": {**spec, "template": {**pod, "metadata": {**metadata, "labels": labels}}}}


_STRIPPED: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "Namespace": _namespace,
    "ServiceAccount": _service_account,
    "Service": _service,
    "Job": _job,
}


def guessed_type(target: Mapping[str, Any]) -> FederatedType:
    """The federated type of an object from a file, without asking a server for its plural and scope.

    Raises Misconfigured when the object does not say what it is.
    """
    metadata = target.get("metadata")
    kind, api_version = target.get("kind"), target.get("apiVersion")
    if not kind or not api_version or not isinstance(metadata, dict) or not metadata.get("name"):
        raise Misconfigured("an object needs apiVersion, kind and metadata.name")
    group, _, version = str(api_version).rpartition("/")
    resource = _known(group, str(kind)) or ResourceType(
        group, version, plural_of(str(kind)), str(kind), bool(metadata.get("namespace"))
    )
    return FederatedType(resource.qualified_plural, federated_resource_type(resource), resource)


def _known(group: str, kind: str) -> ResourceType | None:
    """Of the default types we know better than to guess."""
    known = (each.resource_type for each in DEFAULT_TARGETS)
    return next((each for each in known if (each.group, each.kind) == (group, kind)), None)
