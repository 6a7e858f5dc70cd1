"""What `fedctl get KIND` shows of federated objects: one row each, with its copies summed up. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from rich.table import Table

from fedctl.ages import age
from fedctl.copies import Found
from fedctl.counts import Counts, counts_of
from fedctl.get.clusters import ClusterRow, camel_case
from fedctl.tables import BAD, GOOD, WARN, Cell, table
from kubefed.api.types_v1beta1 import PROPAGATION, PropagationStatus
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.federated.federated_type import FederatedType

OK, PENDING, DELETING = "Ok", "Pending", "Deleting"
_READY, _UNREGISTERED = "Ready", "Unregistered"
_SHOWN_CLUSTERS = 4


@dataclass(frozen=True, slots=True)
class CopyRow:
    """The copy in one cluster.

    `status` is empty when the copy was as it should be when the controller last saw it; `cluster_state` is Ready, or why
    nobody can know by now; `counts` is None when nothing is known.
    """

    cluster: str
    status: str
    message: str
    counts: Counts | None
    cluster_state: str = _READY

    @property
    def trouble(self) -> str:
        """What is wrong, in one word; empty when all is well. A cluster that is lost says more than its copy's status."""
        lost = "" if self.cluster_state == _READY else self.cluster_state
        return lost if self.status in ("", PropagationStatus.CLUSTER_NOT_READY) and lost else self.status


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """One federated object.

    `state` is Ok, Pending (the controller has not looked at this generation), Deleting, or the reason of the Propagation
    condition.
    """

    namespace: str
    name: str
    state: str
    copies: tuple[CopyRow, ...]
    counts_something: bool
    created_at: str

    @property
    def in_place(self) -> int:
        """Copies that are known to be as they should be."""
        return sum(not copy.trouble for copy in self.copies)

    @property
    def wanted(self) -> int:
        """Clusters that should have a copy."""
        return sum(copy.status != PropagationStatus.WAITING_FOR_REMOVAL for copy in self.copies)

    @property
    def total(self) -> Counts:
        """What is ready of what is desired, in all clusters of which it is known."""
        return Counts.total(copy.counts for copy in self.copies if copy.counts)

    @property
    def uncounted(self) -> int:
        """Clusters that should have a copy and of which no counts are known."""
        return sum(copy.counts is None for copy in self.copies) if self.counts_something else 0

    @property
    def last_error(self) -> str:
        """The first cluster's trouble, and how many others have some."""
        failed = [copy for copy in self.copies if copy.trouble]
        if not failed:
            return ""
        first = failed[0]
        text = f"{first.cluster}: {first.trouble}" + (f" ({first.message})" if first.message else "")
        return f"{text}, and {len(failed) - 1} more" if len(failed) > 1 else text


@dataclass(frozen=True, slots=True)
class Members:
    """The registered clusters by name, and what those that are ready hold."""

    clusters: Mapping[ClusterName, ClusterRow]
    found: Mapping[ClusterName, Found]


def object_row(manifest: Mapping[str, Any], kind: FederatedType, members: Members, *, counts_something: bool) -> ObjectRow:
    """Bring together what the host says of an object and what is known of its copies."""
    metadata, status = manifest["metadata"], manifest.get("status") or {}
    key = member_key(manifest, kind)
    return ObjectRow(
        namespace=metadata.get("namespace", ""),
        name=metadata["name"],
        state=state_of(manifest),
        copies=tuple(copy_row(entry, key, members) for entry in status.get("clusters") or ()),
        counts_something=counts_something,
        created_at=metadata.get("creationTimestamp") or "",
    )


def member_key(manifest: Mapping[str, Any], kind: FederatedType) -> ObjectKey:
    """Where the copies of a federated object are."""
    metadata = manifest["metadata"]
    return ObjectKey(metadata.get("namespace", "") if kind.target.namespaced else "", metadata["name"])


def state_of(manifest: Mapping[str, Any]) -> str:
    """One word for the whole object."""
    metadata, status = manifest["metadata"], manifest.get("status") or {}
    if metadata.get("deletionTimestamp"):
        return DELETING
    condition = next((each for each in status.get("conditions") or () if each.get("type") == PROPAGATION), None)
    if condition is None or status.get("observedGeneration", 0) < metadata.get("generation", 0):
        return PENDING
    return OK if condition.get("status") == "True" else str(condition.get("reason") or condition.get("status"))


def copy_row(entry: Mapping[str, Any], key: ObjectKey, members: Members) -> CopyRow:
    """Read an entry of `status.clusters`."""
    name = ClusterName(entry["name"])
    cluster, member = members.clusters.get(name), members.found.get(name)
    copy = member.copies.get(key) if member else None
    state = (_READY if cluster.ready else cluster.state) if cluster else _UNREGISTERED
    message = str(entry.get("message") or "") or (cluster.message if cluster and not cluster.ready else "")
    return CopyRow(name, str(entry.get("status") or ""), message, counts_of(copy) if copy else None, state)


def objects_table(rows: Sequence[ObjectRow], now: datetime, *, with_namespace: bool, wide: bool) -> Table:
    """One line per object. COPIES are clusters; READY is what the copies count, where they count something."""
    counted = any(row.counts_something for row in rows)
    columns = [*(["NAMESPACE"] if with_namespace else []), "NAME", "COPIES", *(["READY"] if counted else [])]
    columns += ["STATE", "AGE", "CLUSTERS", "LAST ERROR"]
    return table(columns, (_cells(row, now, with_namespace, counted, wide) for row in rows))


def _cells(row: ObjectRow, now: datetime, with_namespace: bool, counted: bool, wide: bool) -> list[Cell]:
    copies = f"{row.in_place}/{row.wanted}"
    return [
        *([row.namespace] if with_namespace else []),
        row.name,
        (copies, GOOD if row.in_place == row.wanted else WARN),
        *([_ready_cell(row)] if counted else []),
        (row.state, {OK: GOOD, PENDING: WARN, DELETING: WARN}.get(row.state, BAD)),
        age(row.created_at, now),
        _clusters(row, wide=wide),
        row.last_error,
    ]


def _ready_cell(row: ObjectRow) -> Cell:
    if not row.counts_something or (row.copies and row.uncounted == len(row.copies)):
        return "-"
    total = row.total
    unknown = f", {row.uncounted} unknown" if row.uncounted else ""
    return f"{total}{unknown}", GOOD if total.ready >= total.desired and not unknown else WARN


def _clusters(row: ObjectRow, *, wide: bool) -> str:
    """`member1 2/2, member2 3/5`: those in trouble first, and all of them only when there is room."""
    ordered = sorted(row.copies, key=lambda copy: (not copy.trouble, copy.cluster))
    shown = ordered if wide else ordered[:_SHOWN_CLUSTERS]
    more = f", and {len(ordered) - len(shown)} more" if len(ordered) > len(shown) else ""
    return ", ".join(f"{copy.cluster} {copy.trouble or copy.counts or 'ok'}" for copy in shown) + more


def objects_document(kind: FederatedType, rows: Iterable[ObjectRow]) -> dict[str, Any]:
    """The same for programs.

    `{"kind", "objects": [{"namespace", "name", "state", "copies": {"inPlace", "wanted"}, "ready": {"ready", "desired",
    "unknown"} or null, "clusters": [{"cluster", "status", "message", "counts": {"ready", "desired"} or null,
    "clusterState"}], "lastError", "createdAt"}]}`
    """
    return {"kind": kind.federated.kind, "objects": [_document(row) for row in rows]}


def _document(row: ObjectRow) -> dict[str, Any]:
    ready = {**asdict(row.total), "unknown": row.uncounted} if row.counts_something else None
    return {
        "namespace": row.namespace,
        "name": row.name,
        "state": row.state,
        "copies": {"inPlace": row.in_place, "wanted": row.wanted},
        "ready": ready,
        "clusters": [camel_case(asdict(copy)) for copy in row.copies],
        "lastError": row.last_error,
        "createdAt": row.created_at,
    }
