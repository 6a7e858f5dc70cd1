"""Per-cluster overrides: what `spec.overrides` of a federated object says, checked once, ready for every cluster.

KubeFed compared paths as text and forbade four of them, so `/metadata`, an empty path or an escaped spelling could still
rename a copy, and through the controller's rights that meant writing any object anywhere. Here a path is decoded first,
and it must lead to something that overrides are for: under `/metadata` that is labels and annotations only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.sync.budgets import MAX_DEPTH, MAX_OPERATIONS_PER_CLUSTER, MAX_POINTER_BYTES, is_deeper_than
from kubefed.sync.jsonpatch import Op, Operation, Pointer, operation, parse_pointer


class OverridesRejected(Misconfigured):
    """The overrides cannot be used for any cluster: one mistake anywhere is reported for all, as KubeFed did."""


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

    `version_may_change` admits setting `/apiVersion`, as KubeFed did, for clusters that serve another version of the
    type; whoever renders must still see to it that the group stays. Raises OverridesRejected, with KubeFed's words where
    KubeFed had the rule. The messages contain cluster names and paths, never values.
    """
    if raw is None:
        return NO_OVERRIDES
    by_cluster: dict[ClusterName, tuple[Operation, ...]] = {}
    shared: dict[tuple[Operation, ...], tuple[Operation, ...]] = {}
    for position, item in enumerate(_list(raw, "spec.overrides")):
        fields = _object(item, f"spec.overrides[{position}]")
        cluster = ClusterName(_text(fields, "clusterName", f"spec.overrides[{position}]"))
        if cluster in by_cluster:
            raise OverridesRejected(f"cluster {_quoted(cluster)} appears more than once")
        operations = _operations(fields.get("clusterOverrides"), cluster, version_may_change)
        by_cluster[cluster] = shared.setdefault(operations, operations)
    return Overrides(MappingProxyType(by_cluster))


def _operations(raw: Any, cluster: ClusterName, version_may_change: bool) -> tuple[Operation, ...]:
    where = f"clusterOverrides of cluster {_quoted(cluster)}"
    items = [] if raw is None else _list(raw, where)
    if len(items) > MAX_OPERATIONS_PER_CLUSTER:
        raise OverridesRejected(f"{where} has {len(items)} items; at most {MAX_OPERATIONS_PER_CLUSTER} are allowed")
    operations: dict[Pointer, Operation] = {}
    for position, item in enumerate(items):
        step = _operation(_object(item, f"{where}[{position}]"), position, cluster)
        if not _may_be_overridden(step, version_may_change):
            raise OverridesRejected(f"{_place(position, cluster)} has an invalid path: {_shortened(step.path)}")
        if step.pointer in operations:
            raise OverridesRejected(f"path {_quoted(step.path)} appears more than once for cluster {_quoted(cluster)}")
        operations[step.pointer] = step
    return tuple(operations.values())


def _operation(fields: Mapping[str, Any], position: int, cluster: ClusterName) -> Operation:
    place = _place(position, cluster)
    op, path, value = _text(fields, "op", place) or Op.REPLACE, _text(fields, "path", place), fields.get("value")
    if op not in _OPS:
        raise OverridesRejected(f"{place} has an op that is not one of add, remove, replace")
    if len(path) > MAX_POINTER_BYTES:
        raise OverridesRejected(f"{place} has a path of more than {MAX_POINTER_BYTES} characters")
    try:
        pointer = parse_pointer(path)
    except ValueError:
        raise OverridesRejected(
            f"{place} has an invalid path: {_shortened(path)} does not start with a slash"
        ) from None
    if op == Op.REMOVE:
        return operation(Op.REMOVE, pointer)
    levels_left = MAX_DEPTH - len(pointer)
    if levels_left < 0 or is_deeper_than(levels_left, value):
        raise OverridesRejected(f"{place} is nested too deeply; at most {MAX_DEPTH} levels are allowed")
    return operation(Op(op), pointer, value)


def _may_be_overridden(step: Operation, version_may_change: bool) -> bool:
    """Whether the operation leaves alone what a copy is and who owns it.

    A place above a guarded one (the empty path, `/metadata`) would replace it as well, and a place beneath it change it.
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


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise OverridesRejected(f"{path} must be a list")
    return value


def _object(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise OverridesRejected(f"{path} must be an object")
    return value


def _text(fields: Mapping[str, Any], name: str, path: str) -> str:
    """A string; absent and null are the empty string, as in Go."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise OverridesRejected(f"{name} of {path} must be a string")
    return value


def _place(position: int, cluster: ClusterName) -> str:
    return f"override[{position}] for cluster {_quoted(cluster)}"


def _quoted(name: str) -> str:
    return f'"{_shortened(name)}"'


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


_LONGEST_SHOWN = 200
"""Characters of a name or path in a message; what becomes a status or an event must stay small."""
