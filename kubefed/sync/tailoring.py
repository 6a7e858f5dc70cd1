"""Overrides beyond KubeFed's: for all clusters or for those that a selector finds, with variables in their values. Pure.

Entries apply in the order all, selector, named, and as they are listed within each; later ones win. For each cluster
they come to plain operations, so that rendering knows nothing of them. Values of named entries stay KubeFed's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.federated.placement import Requirement, read_selector
from kubefed.federated.rawjson import as_list, as_object, text_in
from kubefed.federated.traits import ClusterTraits
from kubefed.sync.hashes import TAILORING_FIELDS
from kubefed.sync.jsonpatch import Operation, operation
from kubefed.sync.overrides import Overrides, read_operations
from kubefed.sync.variables import substituted


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry for many clusters; without requirements for all of them. `where` is its place in the spec."""

    where: str
    requirements: tuple[Requirement, ...]
    operations: tuple[Operation, ...]

    def operations_for(self, cluster: ClusterTraits) -> tuple[Operation, ...]:
        """What it does to the copy in a cluster. Raises Misconfigured for a variable that has no value there."""
        if not all(requirement.met_by(cluster.labels) for requirement in self.requirements):
            return ()
        try:
            return tuple(_tailored(step, cluster) for step in self.operations)
        except Misconfigured as problem:
            raise Misconfigured(f"{self.where}: {problem}") from None


def is_tailored(raw: Any) -> bool:
    """Whether decoded `spec.overrides` hold an entry that is not KubeFed's."""
    return isinstance(raw, list) and any(_is_general(item) for item in raw)


def read_entries(raw: Any, *, version_may_change: bool = False) -> tuple[Entry, ...]:
    """The entries for many clusters, in the order in which they apply. Raises Misconfigured, naming the entry."""
    for_all: list[Entry] = []
    selecting: list[Entry] = []
    for position, item in enumerate(as_list(raw, "spec.overrides")):
        if not _is_general(item):
            continue
        where = f"spec.overrides[{position}]"
        requirements = _requirements(item, where)
        steps = read_operations(item.get("clusterOverrides"), where, version_may_change)
        target = for_all if requirements is None else selecting
        target.append(Entry(where, requirements or (), steps))
    return (*for_all, *selecting)


def operations_for(cluster: ClusterTraits, entries: Sequence[Entry], named: Overrides) -> tuple[Operation, ...]:
    """All operations of one cluster, in order. Raises Misconfigured for a variable that has no value there."""
    general = tuple(step for entry in entries for step in entry.operations_for(cluster))
    return general + named.operations_for(ClusterName(cluster.name))


def _is_general(item: Any) -> bool:
    return isinstance(item, Mapping) and not TAILORING_FIELDS.isdisjoint(item)


def _requirements(item: Mapping[str, Any], where: str) -> tuple[Requirement, ...] | None:
    """The selector's; None for all clusters."""
    everywhere, selector = item.get("all"), item.get("clusterSelector")
    named = text_in(item, "clusterName", where)
    if [bool(named), everywhere is not None, selector is not None].count(True) != 1:
        raise Misconfigured(f"{where} must have exactly one of clusterName, clusterSelector and all")
    if everywhere is not None:
        if everywhere is not True:
            raise Misconfigured(f"{where}.all must be true, or be left out")
        return None
    return read_selector(as_object(selector, f"{where}.clusterSelector"), f"{where}.clusterSelector")


def _tailored(step: Operation, cluster: ClusterTraits) -> Operation:
    value = substituted(step.value, cluster)
    return step if value == step.value else operation(step.op, step.pointer, value)
