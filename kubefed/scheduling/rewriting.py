"""How a division is written into a federated object: placement and one override of /spec/replicas a cluster. Pure.

KubeFed's form to the letter, but sorted by cluster, so that equal divisions are equal bytes. Nothing else is touched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.federated.placement import read_placement
from kubefed.federated.rawjson import as_list, as_object, shortened, text_in

REPLICAS_PATH = "/spec/replicas"
_FOR_MANY = frozenset({"all", "clusterSelector"})
"""Fields of an entry that is for many clusters: it stays as it is, and the named ones win over it."""

Json = dict[str, Any]
Division = Mapping[ClusterName, int]


@dataclass(frozen=True, slots=True)
class Rewriting:
    """The two fields of a federated object's spec that are written, whole."""

    clusters: list[Json]
    overrides: list[Json]

    def patch(self, resource_version: int) -> Json:
        """A merge patch that applies to exactly this version of the object."""
        spec = {"placement": {"clusters": self.clusters}, "overrides": self.overrides}
        return {"metadata": {"resourceVersion": str(resource_version)}, "spec": spec}

    def applied_to(self, spec: Mapping[str, Any]) -> Json:
        """The spec once the patch is applied."""
        placement = {**(spec.get("placement") or {}), "clusters": self.clusters}
        return {**spec, "placement": placement, "overrides": self.overrides}


def rewriting(spec: Mapping[str, Any], division: Division) -> Rewriting | None:
    """What has to be written so that the object says this; None when it does.

    As KubeFed judged: only the names of clusters and the values of their replicas count, not their order. Raises
    Misconfigured when placement or overrides cannot be read.
    """
    overrides = _items(spec.get("overrides"))
    if _placed(spec) == sorted(division) and _replicas(overrides) == dict(division):
        return None
    kept = [dict(item) for item in spec.get("overrides") or () if not _FOR_MANY.isdisjoint(item)]
    return Rewriting([{"name": name} for name in sorted(division)], kept + _rewritten(overrides, division))


def assigned(spec: Mapping[str, Any]) -> Mapping[ClusterName, int | None]:
    """The replicas of the clusters that the object names; None for those of the template. Raises Misconfigured."""
    named = read_placement(spec).clusters or frozenset()
    replicas = _replicas(_items(spec.get("overrides")))
    return {name: replicas.get(name) for name in named}


def _placed(spec: Mapping[str, Any]) -> list[str]:
    read_placement(spec)
    placement = spec.get("placement") or {}
    return sorted(cluster.get("name") or "" for cluster in placement.get("clusters") or ())


def _items(raw: Any) -> dict[ClusterName, Json]:
    """The overrides by cluster. Those of a cluster that is named twice cannot be told apart."""
    items: dict[ClusterName, Json] = {}
    for position, each in enumerate([] if raw is None else as_list(raw, "spec.overrides")):
        path = f"spec.overrides[{position}]"
        item = dict(as_object(each, path))
        if not _FOR_MANY.isdisjoint(item):
            continue
        cluster = ClusterName(text_in(item, "clusterName", path))
        if cluster in items:
            raise Misconfigured(f'cluster "{shortened(cluster)}" appears more than once in spec.overrides')
        steps = item.get("clusterOverrides")
        for step in [] if steps is None else as_list(steps, f"{path}.clusterOverrides"):
            as_object(step, f"{path}.clusterOverrides[]")
        items[cluster] = item
    return items


def _steps(item: Json) -> list[Json]:
    return list(item.get("clusterOverrides") or ())


def _replicas(items: Mapping[ClusterName, Json]) -> dict[ClusterName, int | None]:
    """What each cluster's override of replicas sets; None where it sets nothing that replicas can be."""
    return {
        cluster: _set_by(step)
        for cluster, item in items.items()
        for step in _steps(item)
        if step.get("path") == REPLICAS_PATH
    }


def _set_by(step: Json) -> int | None:
    value = step.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or step.get("op") == "remove":
        return None
    return int(value)


def _rewritten(items: Mapping[ClusterName, Json], division: Division) -> list[Json]:
    """The overrides with this division. The entry of a cluster that gets no replicas any more stays, without its step."""
    written = dict(items)
    for cluster, item in items.items():
        kept = [step for step in _steps(item) if step.get("path") != REPLICAS_PATH]
        if cluster not in division and len(kept) != len(_steps(item)):
            written[cluster] = _with_steps(item, kept)
    for cluster, replicas in division.items():
        item = items.get(cluster, {"clusterName": cluster})
        written[cluster] = _with_steps(item, _with_replicas(_steps(item), replicas))
    return [written[cluster] for cluster in sorted(written)]


def _with_steps(item: Json, steps: list[Json]) -> Json:
    """Go leaves an empty list out."""
    rest = {name: value for name, value in item.items() if name != "clusterOverrides"}
    return {**rest, "clusterOverrides": steps} if steps else rest


def _with_replicas(steps: list[Json], replicas: int) -> list[Json]:
    """The steps with the replicas in the place where they were set before, or behind all others."""
    wanted: Json = {"path": REPLICAS_PATH, "value": replicas}
    for position, step in enumerate(steps):
        if step.get("path") == REPLICAS_PATH:
            kept = {} if step.get("op") == "remove" else step
            behind = [other for other in steps[position + 1 :] if other.get("path") != REPLICAS_PATH]
            return [*steps[:position], {**kept, **wanted}, *behind]
    return [*steps, wanted]
