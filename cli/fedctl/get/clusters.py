"""What `fedctl get clusters` shows of a KubeFedCluster. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from rich.table import Table

from fedctl.ages import age, remaining
from fedctl.join.identity import endpoint_of
from fedctl.tables import BAD, GOOD, WARN, Cell, table
from kubefed.federated.freezes import freeze_of_cluster

_STATE_STYLES = {"Ready": GOOD, "Joining": WARN, "Degraded": WARN, "Offline": BAD, "Malformed": BAD}
_UNSEEN = "Unknown"


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """One member. Times are RFC 3339; empty strings are what nobody knows.

    `state` is Joining, Ready, Degraded, Offline or Malformed; Unknown while no controller has looked.
    """

    name: str
    state: str
    ready: bool
    since: str
    kubernetes_version: str
    region: str
    zones: tuple[str, ...]
    endpoint: str
    token_expires_at: str
    message: str
    warnings: tuple[str, ...]
    labels: Mapping[str, str]
    created_at: str


def cluster_row(record: Mapping[str, Any]) -> ClusterRow:
    """Read a record's manifest."""
    status = record.get("status") or {}
    details = status.get("details") or {}
    conditions = {each.get("type"): each for each in status.get("conditions") or ()}
    state, condition = _state(conditions)
    metadata = record["metadata"]
    return ClusterRow(
        name=metadata["name"],
        state=details.get("state") or state,
        ready=(conditions.get("Ready") or {}).get("status") == "True",
        since=details.get("since") or condition.get("lastTransitionTime") or "",
        kubernetes_version=status.get("kubernetesVersion") or "",
        region=status.get("region") or "",
        zones=tuple(status.get("zones") or ()),
        endpoint=endpoint_of(record),
        token_expires_at=details.get("tokenExpiresAt") or "",
        message="; ".join(filter(None, (_freeze(metadata), _message(details, state, condition)))),
        warnings=tuple(each.get("message") or each.get("reason") or "" for each in details.get("warnings") or ()),
        labels=dict(metadata.get("labels") or {}),
        created_at=metadata.get("creationTimestamp") or "",
    )


def _state(conditions: Mapping[str, Mapping[str, Any]]) -> tuple[str, Mapping[str, Any]]:
    """A word for KubeFed's conditions, and the one that decides."""
    for kind, word in (("ConfigMalformed", "Malformed"), ("Offline", "Offline"), ("Ready", "Ready")):
        condition = conditions.get(kind)
        if condition and condition.get("status") == "True":
            return word, condition
    return ("Degraded", conditions["Ready"]) if "Ready" in conditions else (_UNSEEN, {})


def _freeze(metadata: Mapping[str, Any]) -> str:
    return freeze_of_cluster(metadata.get("annotations") or {})


def _message(details: Mapping[str, Any], state: str, condition: Mapping[str, Any]) -> str:
    if state == _UNSEEN:
        return "no controller has looked at it yet"
    if details.get("message"):
        return str(details["message"])
    return "" if state == "Ready" else str(condition.get("message") or condition.get("reason") or "")


def clusters_table(rows: Iterable[ClusterRow], now: datetime, *, wide: bool) -> Table:
    """One line per member, the least likely to be read last."""
    columns = ["NAME", "STATE", "SINCE", "VERSION", "REGION", "ZONES", "TOKEN ENDS"]
    columns += ["ENDPOINT", "LABELS", "AGE"] if wide else []
    return table([*columns, "MESSAGE"], (_cells(row, now, wide=wide) for row in rows))


def _cells(row: ClusterRow, now: datetime, *, wide: bool) -> list[Cell]:
    cells: list[Cell] = [
        row.name,
        (row.state, _STATE_STYLES.get(row.state, "")),
        age(row.since, now),
        row.kubernetes_version,
        row.region,
        ", ".join(row.zones),
        _token_cell(row.token_expires_at, now),
    ]
    if wide:
        labels = ", ".join(f"{key}={value}" for key, value in sorted(row.labels.items()))
        cells += [row.endpoint, labels, age(row.created_at, now)]
    return [*cells, "; ".join(filter(None, (row.message, *row.warnings)))]


def _token_cell(expires_at: str, now: datetime) -> Cell:
    text = remaining(expires_at, now)
    return (text, BAD) if text.endswith(" ago") else text


def clusters_document(rows: Iterable[ClusterRow]) -> dict[str, Any]:
    """The same for programs: `{"clusters": [...]}` with the fields of ClusterRow in Kubernetes' spelling."""
    return {"clusters": [camel_case(asdict(row)) for row in rows]}


def camel_case(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Names of fields as Kubernetes spells them."""
    return {_camel(name): list(value) if isinstance(value, tuple) else value for name, value in fields.items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
