"""The objects that are made in members for an import, and what must be changed of one that is there. Pure.

Bodies are whole objects for creating and replacing, and merge patches for what keeps fields of others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kubefed.core.catalogue import ServicePort
from kubefed.core.markers import OWNER_ANNOTATION
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.services.merging import Merged
from kubefed.services.packing import Chunk
from kubefed.services.records import DEFAULT_AFFINITY_S, Endpoint, ImportRecord, ImportSpec, ServiceRecord, SliceRecord
from kubefed.services.words import (
    DERIVED_SERVICE,
    IMPORTS,
    MANAGED_BY,
    OF_CLUSTER,
    OF_IMPORT,
    OF_SERVICE,
    SERVICES,
    SHOWN_ANNOTATIONS,
    SHOWN_LABELS,
    SLICE_MANAGER,
    SLICES,
    derived_name,
)

Manifest = dict[str, Any]
_NEAR = frozenset({"PreferClose", "PreferSameZone"})


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the objects of one merged service. `owner` is the mark of this federation."""

    key: ObjectKey
    owner: str
    merged: Merged

    # --- imports -----------------------------------------------------------------------------------------------

    def spec(self, ips: tuple[str, ...], families: tuple[str, ...]) -> ImportSpec:
        """What the import says in a cluster where it has these addresses."""
        winner, headless = self.merged.winner, self.merged.headless
        return ImportSpec(
            type=winner.type.value,
            ports=self.merged.ports,
            ips=() if headless else ips[:2],
            families=(families or winner.families)[:2],
            affinity="" if headless else winner.affinity,
            affinity_timeout_s=0 if headless else winner.affinity_timeout_s,
            internal_policy="" if headless else winner.internal_policy,
            distribution=winner.distribution,
        )

    def import_annotations(self) -> dict[str, str]:
        """Every annotation of ours, and those that the export wants to be shown."""
        winner = self.merged.winner
        annotations = dict(winner.annotations) | {OWNER_ANNOTATION: self.owner}
        if not self.merged.headless:
            annotations[DERIVED_SERVICE] = derived_name(self.key)
        if winner.labels:
            annotations[SHOWN_LABELS] = ",".join(name for name, _ in winner.labels)
        if winner.annotations:
            annotations[SHOWN_ANNOTATIONS] = ",".join(name for name, _ in winner.annotations)
        return annotations

    def new_import(self, spec: ImportSpec) -> Manifest:
        """The import."""
        metadata = {"annotations": self.import_annotations()}
        if self.merged.winner.labels:
            metadata["labels"] = dict(self.merged.winner.labels)
        return _whole(IMPORTS, self.key, metadata) | {
            "spec": {k: v for k, v in _import_fields(spec).items() if v is not None}
        }

    def import_patch(self, current: ImportRecord, spec: ImportSpec) -> Manifest:
        """What makes the import that is there this one; empty when nothing has to change."""
        patch: Manifest = {}
        if current.spec != spec:
            patch["spec"] = _import_fields(spec)
        metadata: Manifest = {}
        before = current.annotation_map()
        if current.annotations_whole and (
            changes := _changes(before, self.import_annotations(), _listed(before, SHOWN_ANNOTATIONS, _OURS))
        ):
            metadata["annotations"] = changes
        if current.labels_whole and (
            changes := _changes(current.label_map(), dict(self.merged.winner.labels), _listed(before, SHOWN_LABELS))
        ):
            metadata["labels"] = changes
        return patch | ({"metadata": metadata} if metadata else {})

    # --- derived Services --------------------------------------------------------------------------------------

    def new_service(self, import_uid: str, ips: Sequence[str] = ()) -> Manifest:
        """The Service that holds the import's address: the one it had before, if it had one."""
        winner = self.merged.winner
        spec = {name: value for name, value in self._service_fields().items() if value is not None}
        if ips:
            spec |= {"clusterIP": ips[0], "clusterIPs": list(ips)}
        families = list(winner.families)
        if len(families) == 1:
            spec |= {"ipFamilyPolicy": "SingleStack", "ipFamilies": families}
        elif families:
            spec["ipFamilyPolicy"] = "PreferDualStack"
        metadata = {
            "labels": {OF_IMPORT: self.key.name},
            "annotations": {OWNER_ANNOTATION: self.owner},
            "ownerReferences": [self._owner_reference(import_uid)],
        }
        return _whole(SERVICES, self.service_key, metadata) | {"spec": spec}

    def service_patch(self, current: ServiceRecord) -> Manifest:
        """What makes the Service that is there this one; empty when nothing has to change."""
        winner = self.merged.winner
        wanted = (self.service_ports, winner.affinity, winner.affinity_timeout_s, winner.distribution)
        found = (current.ports, current.affinity, current.affinity_timeout_s, current.distribution)
        if wanted == found and current.internal_policy == (winner.internal_policy or "Cluster"):
            return {}
        return {"spec": self._service_fields()}

    @property
    def service_key(self) -> ObjectKey:
        """Where the derived Service is."""
        return ObjectKey(self.key.namespace, derived_name(self.key))

    @property
    def service_ports(self) -> tuple[ServicePort, ...]:
        """The ports of the derived Service."""
        return self.merged.ports

    def _service_fields(self) -> Manifest:
        winner = self.merged.winner
        return {
            "type": "ClusterIP",
            "ports": [_port(port) for port in self.service_ports],
            "sessionAffinity": winner.affinity,
            "sessionAffinityConfig": _affinity_config(winner.affinity, winner.affinity_timeout_s),
            "internalTrafficPolicy": winner.internal_policy or "Cluster",
            "trafficDistribution": winner.distribution or None,
        }

    # --- EndpointSlices ----------------------------------------------------------------------------------------

    def slice_content(self, chunk: Chunk, nodes: Mapping[str, str]) -> "SliceContent":
        """What a slice holds; `nodes` only in the cluster where its endpoints are."""
        near = self.merged.winner.distribution in _NEAR and all(each.zone for each in chunk.endpoints)
        endpoints = tuple(_placed(each, nodes.get(each.address, "")) for each in chunk.endpoints)
        service = "" if self.merged.headless else derived_name(self.key)
        return SliceContent(chunk, endpoints, hints=near and bool(endpoints), service=service)

    def slice_manifest(self, content: "SliceContent", source: ClusterName, import_uid: str, version: int = 0) -> Manifest:
        """The whole slice; with the `version` that it replaces."""
        labels = {OF_IMPORT: self.key.name, OF_CLUSTER: str(source), SLICE_MANAGER: MANAGED_BY}
        if content.service:
            labels[OF_SERVICE] = content.service
        metadata: Manifest = {
            "labels": labels,
            "annotations": {OWNER_ANNOTATION: self.owner},
            "ownerReferences": [self._owner_reference(import_uid)],
        }
        if version:
            metadata["resourceVersion"] = str(version)
        shape = content.chunk.shape
        return _whole(SLICES, ObjectKey(self.key.namespace, content.chunk.name), metadata) | {
            "addressType": shape.family,
            "ports": [
                {"name": port.name, "protocol": port.protocol, "port": port.port}
                | ({"appProtocol": port.app_protocol} if port.app_protocol else {})
                for port in shape.ports
            ],
            "endpoints": [_endpoint(each, hints=content.hints) for each in content.endpoints],
        }

    def _owner_reference(self, import_uid: str) -> Manifest:
        return {"apiVersion": IMPORTS.api_version, "kind": IMPORTS.kind, "name": self.key.name, "uid": import_uid}


@dataclass(frozen=True, slots=True)
class SliceContent:
    """What one slice in one cluster is to hold."""

    chunk: Chunk
    endpoints: tuple[Endpoint, ...]
    hints: bool
    service: str

    def is_in(self, record: SliceRecord) -> bool:
        """Whether the slice that is there holds exactly this."""
        shape = self.chunk.shape
        return (record.family, record.ports, record.endpoints, record.hints, record.service) == (
            shape.family,
            shape.ports,
            self.endpoints,
            self.hints,
            self.service,
        )


# --- parts -----------------------------------------------------------------------------------------------------

_OURS = (DERIVED_SERVICE, SHOWN_LABELS, SHOWN_ANNOTATIONS)


def _whole(resource: ResourceType, key: ObjectKey, metadata: Manifest) -> Manifest:
    named = {"name": key.name, "namespace": key.namespace}
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": named | metadata}


def _import_fields(spec: ImportSpec) -> Manifest:
    """Every field, with None for those that are not said: a merge patch takes them away."""
    return {
        "type": spec.type,
        "ports": [_port(port) for port in spec.ports],
        "ips": list(spec.ips) or None,
        "ipFamilies": list(spec.families) or None,
        "sessionAffinity": spec.affinity or None,
        "sessionAffinityConfig": _affinity_config(spec.affinity, spec.affinity_timeout_s),
        "internalTrafficPolicy": spec.internal_policy or None,
        "trafficDistribution": spec.distribution or None,
    }


def _port(port: ServicePort) -> Manifest:
    written: Manifest = {"protocol": port.protocol, "port": port.port}
    if port.name:
        written["name"] = port.name
    if port.app_protocol:
        written["appProtocol"] = port.app_protocol
    return written


def _affinity_config(affinity: str, timeout_s: int) -> Manifest | None:
    return {"clientIP": {"timeoutSeconds": timeout_s or DEFAULT_AFFINITY_S}} if affinity == "ClientIP" else None


def _placed(endpoint: Endpoint, node: str) -> Endpoint:
    if not node:
        return endpoint
    fields = (endpoint.address, endpoint.ready, endpoint.serving, endpoint.terminating, endpoint.hostname, endpoint.zone)
    return Endpoint(*fields, node)


def _endpoint(endpoint: Endpoint, *, hints: bool) -> Manifest:
    written: Manifest = {
        "addresses": [endpoint.address],
        "conditions": {
            "ready": endpoint.ready,
            "serving": endpoint.serving,
            "terminating": endpoint.terminating,
        },
    }
    for name, value in (("hostname", endpoint.hostname), ("zone", endpoint.zone), ("nodeName", endpoint.node)):
        if value:
            written[name] = value
    if hints:
        written["hints"] = {"forZones": [{"name": endpoint.zone}]}
    return written


def _listed(annotations: Mapping[str, str], name: str, more: Iterable[str] = ()) -> set[str]:
    """The names that we have put on the import before."""
    return {*filter(None, annotations.get(name, "").split(",")), *more}


def _changes(before: Mapping[str, str], wanted: Mapping[str, str], ours: Iterable[str]) -> Manifest:
    """A merge patch for a map of which others have entries too."""
    changed: Manifest = {name: value for name, value in wanted.items() if before.get(name) != value}
    return changed | {name: None for name in ours if name in before and name not in wanted}
