"""Overrides beyond KubeFed's: for many clusters, with variables in their values, and with typed fields. Pure.

Entries apply in the order all, selector, named, and as they are listed within each; later ones win. For each cluster
they come to operations, so that rendering knows nothing of them. Entries that are KubeFed's as a whole stay so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.federated.placement import Requirement, read_selector
from kubefed.federated.rawjson import as_list, as_object, text_in
from kubefed.federated.traits import ClusterTraits
from kubefed.sync.budgets import MAX_OPERATIONS_PER_CLUSTER
from kubefed.sync.hashes import TAILORING_FIELDS
from kubefed.sync.helpers import read_helpers
from kubefed.sync.jsonpatch import Operation, operation
from kubefed.sync.overrides import Overrides, read_operations
from kubefed.sync.variables import check, substituted


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: for `cluster`, or for those that meet all requirements. `where` is its place in the spec."""

    where: str
    requirements: tuple[Requirement, ...]
    operations: tuple[Operation, ...]
    cluster: str = ""

    def operations_for(self, cluster: ClusterTraits) -> tuple[Operation, ...]:
        """What it does to the copy in a cluster. Raises Misconfigured for a variable that has no value there."""
        if self.cluster and self.cluster != cluster.name:
            return ()
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
    """The entries that KubeFed did not know, in the order in which they apply. Raises Misconfigured, naming the entry."""
    turns: dict[_Turn, list[Entry]] = {turn: [] for turn in _Turn}
    for position, item in enumerate(as_list(raw, "spec.overrides")):
        if not _is_general(item):
            continue
        where = f"spec.overrides[{position}]"
        turn, requirements = _target(item, where)
        steps = read_helpers(item, where) + read_operations(item.get("clusterOverrides"), where, version_may_change)
        cluster = text_in(item, "clusterName", where) if turn is _Turn.NAMED else ""
        turns[turn].append(Entry(where, requirements, steps, cluster))
    return tuple(entry for turn in _Turn for entry in turns[turn])


def check_variables(entries: Sequence[Entry]) -> None:
    """Look for variables that no cluster can have a value for. Raises Misconfigured, naming the entry."""
    for entry in entries:
        for step in entry.operations:
            try:
                check(step.value)
            except Misconfigured as problem:
                raise Misconfigured(f"{entry.where}: {problem}") from None


def operations_for(cluster: ClusterTraits, entries: Sequence[Entry], named: Overrides) -> tuple[Operation, ...]:
    """All operations of one cluster, in order. Raises Misconfigured for a variable that has no value there."""
    return tuple(step for _, step in trace_for(cluster, entries, named))


def trace_for(cluster: ClusterTraits, entries: Sequence[Entry], named: Overrides) -> tuple[tuple[str, Operation], ...]:
    """The same, each with the entry that asks for it. Raises Misconfigured for too many as well."""
    general = tuple((entry.where, step) for entry in entries for step in entry.operations_for(cluster))
    where = f"the entry of cluster {cluster.name}"
    steps = general + tuple((where, step) for step in named.operations_for(ClusterName(cluster.name)))
    if len(steps) > MAX_OPERATIONS_PER_CLUSTER:
        raise Misconfigured(f"{len(steps)} changes come together; at most {MAX_OPERATIONS_PER_CLUSTER} are allowed")
    return steps


def _is_general(item: Any) -> bool:
    return isinstance(item, Mapping) and any(item.get(field) is not None for field in TAILORING_FIELDS)


class _Turn(Enum):
    """For whom an entry is; in the order in which entries apply."""

    ALL = auto()
    SELECTED = auto()
    NAMED = auto()


def _target(item: Mapping[str, Any], where: str) -> tuple[_Turn, tuple[Requirement, ...]]:
    """For whom an entry is, and what the selector of one for selected clusters requires."""
    everywhere, selector = item.get("all"), item.get("clusterSelector")
    named = text_in(item, "clusterName", where)
    if [bool(named), everywhere is not None, selector is not None].count(True) != 1:
        raise Misconfigured(f"{where} must have exactly one of clusterName, clusterSelector and all")
    if named:
        return _Turn.NAMED, ()
    if everywhere is not None:
        if everywhere is not True:
            raise Misconfigured(f"{where}.all must be true, or be left out")
        return _Turn.ALL, ()
    required = read_selector(as_object(selector, f"{where}.clusterSelector"), f"{where}.clusterSelector")
    return _Turn.SELECTED, required or ()


def _tailored(step: Operation, cluster: ClusterTraits) -> Operation:
    value = substituted(step.value, cluster)
    return step if value == step.value else operation(step.op, step.pointer, value)
