"""Per-cluster overrides: what `spec.overrides` of a federated object says, checked once, ready for every cluster.

KubeFed compared paths as text and forbade four of them, so `/metadata`, an empty path or an escaped spelling could
still rename a copy, and through the controller's rights that meant writing any object anywhere. Here a path is decoded
first, and it must lead to something that overrides are for: under `/metadata` that is labels and annotations only.
One mistake anywhere is reported for all clusters, as KubeFed did.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.federated.rawjson import as_list, as_object, shortened, text_in
from kubefed.sync.budgets import MAX_DEPTH, MAX_OPERATIONS_PER_CLUSTER, MAX_POINTER_LENGTH, is_deeper_than
from kubefed.sync.hashes import TAILORING_FIELDS
from kubefed.sync.jsonpatch import Op, Operation, Pointer, operation, parse_pointer


@dataclass(frozen=True, slots=True)
class Overrides:
    """Checked overrides. Clusters with the same operations share one tuple, so that one rendering serves them all."""

    by_cluster: Mapping[ClusterName, tuple[Operation, ...]]

    def operations_for(self, cluster: ClusterName) -> tuple[Operation, ...]:
        """The operations of one cluster, in the order in which they apply; none when nothing is overridden there."""
        return self.by_cluster.get(cluster, ())


NO_OVERRIDES = Overrides(MappingProxyType({}))


def parse(raw: Any, *, version_may_change: bool = False) -> Overrides:
    """Read the decoded JSON of `spec.overrides`; None and an empty list mean that nothing is overridden.

    Entries that KubeFed did not know as they are, for many clusters or with typed fields, are left to tailoring.py.

    `version_may_change` admits setting `/apiVersion`, as KubeFed did, for clusters that serve another version of the
    type; whoever renders must still see to it that the group stays. Raises Misconfigured, in KubeFed's words where
    KubeFed had the rule. The messages contain cluster names and paths, never values.
    """
    if raw is None:
        return NO_OVERRIDES
    by_cluster: dict[ClusterName, tuple[Operation, ...]] = {}
    named: set[ClusterName] = set()
    shared: dict[tuple[Operation, ...], tuple[Operation, ...]] = {}
    for position, item in enumerate(as_list(raw, "spec.overrides")):
        fields = as_object(item, f"spec.overrides[{position}]")
        tailored = any(fields.get(field) is not None for field in TAILORING_FIELDS)
        cluster = ClusterName(text_in(fields, "clusterName", f"spec.overrides[{position}]"))
        if cluster in named and (cluster or not tailored):
            raise Misconfigured(f"cluster {_quoted(cluster)} appears more than once")
        if cluster or not tailored:
            named.add(cluster)
        if tailored:
            continue
        operations = read_operations(fields.get("clusterOverrides"), f"cluster {_quoted(cluster)}", version_may_change)
        by_cluster[cluster] = shared.setdefault(operations, operations)
    return Overrides(MappingProxyType(by_cluster))


def read_operations(raw: Any, whose: str, version_may_change: bool) -> tuple[Operation, ...]:
    """Read one entry's `clusterOverrides`. `whose` names the entry in messages. Raises Misconfigured."""
    where = f"clusterOverrides of {whose}"
    items = [] if raw is None else as_list(raw, where)
    if len(items) > MAX_OPERATIONS_PER_CLUSTER:
        raise Misconfigured(f"{where} has {len(items)} items; at most {MAX_OPERATIONS_PER_CLUSTER} are allowed")
    operations: dict[Pointer, Operation] = {}
    for position, item in enumerate(items):
        step = _operation(as_object(item, f"{where}[{position}]"), position, whose)
        if not _may_be_overridden(step, version_may_change):
            raise Misconfigured(f"{_place(position, whose)} has an invalid path: {shortened(step.path)}")
        if step.pointer in operations:
            raise Misconfigured(f"path {_quoted(step.path)} appears more than once for {whose}")
        operations[step.pointer] = step
    return tuple(operations.values())


def _operation(fields: Mapping[str, Any], position: int, whose: str) -> Operation:
    place = _place(position, whose)
    op = text_in(fields, "op", place) or Op.REPLACE
    if op not in _OPS:
        raise Misconfigured(f"{place} has an op that is not one of add, remove, replace")
    pointer = _pointer(text_in(fields, "path", place), place)
    value = None if op == Op.REMOVE else fields.get("value")
    levels_left = MAX_DEPTH - len(pointer)
    if levels_left < 0 or is_deeper_than(levels_left, value):
        raise Misconfigured(f"{place} is nested too deeply; at most {MAX_DEPTH} levels are allowed")
    try:
        return operation(Op(op), pointer, value)
    except TypeError:
        raise Misconfigured(f"{place} has a value that is no JSON") from None


def _pointer(path: str, place: str) -> Pointer:
    if len(path) > MAX_POINTER_LENGTH:
        raise Misconfigured(f"{place} has a path of more than {MAX_POINTER_LENGTH} characters")
    try:
        return parse_pointer(path)
    except ValueError:
        raise Misconfigured(f"{place} has an invalid path: {shortened(path)}; it must start with a slash") from None


def _may_be_overridden(step: Operation, version_may_change: bool) -> bool:
    """Whether the operation leaves alone what a copy is and who owns it.

    A place above a guarded one (the empty path, `/metadata`) would replace it too, a place beneath it change it.
    """
    match step.pointer:
        case () | ("kind" | "status", *_) | ("metadata",):
            return False
        case ("metadata", key, *_):
            return key in _FREE_METADATA
        case ("apiVersion", *beneath):
            return version_may_change and not beneath and isinstance(step.value, str)
    return True


_FREE_METADATA = frozenset({"annotations", "labels"})
_OPS = frozenset(Op)


def _place(position: int, whose: str) -> str:
    return f"override[{position}] for {whose}"


def _quoted(name: str) -> str:
    return f'"{shortened(name)}"'
