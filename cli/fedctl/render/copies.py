"""Renders a federated object for clusters by the controller's own rules, and says where each change came from. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from fedctl.manifests import Manifest
from kubefed.core.errors import Misconfigured
from kubefed.core.markers import OWNER_ANNOTATION
from kubefed.core.names import ClusterName
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.wire import Projector
from kubefed.sync.intent import Intent
from kubefed.sync.jsonpatch import Edit, Operation

_PROJECTOR = Projector(annotation_prefix="kubefed.io/")


@dataclass(frozen=True, slots=True)
class Cluster:
    """What overrides may use of a cluster. Empty where it is not known."""

    name: ClusterName
    labels: Mapping[str, str]
    region: str = ""
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the template: what it does, where, and the entry of the overrides that asks for it."""

    what: str
    path: str
    entry: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """One cluster's copy as it would be created, or why it cannot be rendered."""

    cluster: ClusterName
    copy: Manifest | None
    changes: tuple[Change, ...] = ()
    problem: str = ""


def cluster_of(record: Mapping[str, Any]) -> Cluster:
    """Read a KubeFedCluster's manifest."""
    metadata, status = record["metadata"], record.get("status") or {}
    return Cluster(
        ClusterName(metadata["name"]),
        metadata.get("labels") or {},
        status.get("region") or "",
        tuple(status.get("zones") or ()),
    )


def rendered(
    manifest: Mapping[str, Any], kind: FederatedType, clusters: Sequence[Cluster], *, compatible: bool, everywhere: bool
) -> list[Rendered]:
    """The copies in the clusters where the object's own placement puts them, or in all with `everywhere`.

    Raises Misconfigured when its placement cannot be read.
    """
    intent = Intent(_PROJECTOR.object(orjson.dumps(manifest)), kind, version_may_change=compatible)
    placement = intent.placement.get()
    chosen = [each for each in clusters if everywhere or placement.selects(each.name, each.labels)]
    return [_rendered(intent, cluster) for cluster in chosen]


def _rendered(intent: Intent, cluster: Cluster) -> Rendered:
    try:
        changes = tuple(_change(entry, step) for entry, step in intent.trace(cluster))
        copy: Manifest = orjson.loads(intent.rendering(cluster).to_create("-"))
    except Misconfigured as problem:
        return Rendered(cluster.name, None, problem=str(problem))
    annotations = copy["metadata"]["annotations"]
    del annotations[OWNER_ANNOTATION]
    if not annotations:
        del copy["metadata"]["annotations"]
    head = {name: copy[name] for name in ("apiVersion", "kind", "metadata")}
    return Rendered(cluster.name, {**head, **copy}, changes)


def _change(entry: str, step: Operation) -> Change:
    if not isinstance(step.op, Edit):
        return Change(str(step.op), step.path, entry)
    if step.op in (Edit.MERGE, Edit.DROP):
        word = "set" if step.op is Edit.MERGE else "remove"
        return Change(word, f"{step.path} ({', '.join(step.value)})", entry)
    name = step.value.get("container")
    return Change(str(step.op), f"of container {name}" if name else "of all containers", entry)
