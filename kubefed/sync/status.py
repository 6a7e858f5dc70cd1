"""The status of a federated object, in KubeFed's words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from kubefed.api.types_v1beta1 import PROPAGATION, PropagationReason
from kubefed.core.clock import rfc3339
from kubefed.core.names import ClusterName
from kubefed.kube.wire import TOO_LARGE
from kubefed.sync.plan import Plan, Step

LONGEST_MESSAGE = 300
COLLECTION_PERIOD_S = 5.0
"""How often the statuses of one object's copies are told at most, when there is nothing else to tell."""
_NONE: Mapping[ClusterName, bytes] = {}
_NO_ENTRIES = (PropagationReason.CLUSTER_RETRIEVAL_FAILED, PropagationReason.COMPUTE_PLACEMENT_FAILED)


@dataclass(frozen=True, slots=True)
class Report:
    """What a federated object's status has to say, without the times."""

    generation: int
    reason: PropagationReason | None
    clusters: tuple[Mapping[str, Any], ...]


def report_of(plan: Plan, generation: int, collected: Mapping[ClusterName, bytes] = _NONE) -> Report:
    """What a plan says about its object, for people, and what was `collected` of its copies' own statuses.

    Entries are sorted by cluster.
    """
    listed = () if plan.reason in _NO_ENTRIES else tuple(step for step in plan.steps if step.listed)
    entries = tuple(
        _entry(step, collected.get(step.cluster, b"")) for step in sorted(listed, key=lambda step: step.cluster)
    )
    return Report(generation, plan.reason, entries)


def _entry(step: Step, collected: bytes) -> dict[str, Any]:
    """`message` is additive: where KubeFed's own CRD is installed, the API server drops it."""
    entry: dict[str, Any] = {"name": str(step.cluster)}
    if step.status:
        entry["status"] = str(step.status)
    explanation = step.explanation or (
        "the status of the copy is too large to be shown here" if collected == TOO_LARGE else ""
    )
    if explanation:
        entry["message"] = explanation[:LONGEST_MESSAGE]
    if collected and collected != TOO_LARGE:
        entry["remoteStatus"] = orjson.loads(collected)
    return entry


def status_document(report: Report, previous: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """The status to write, or None when the previous one says the same already."""
    before = _condition(previous)
    moved = before is None or (before.get("status"), before.get("reason", "")) != (_truth(report), report.reason or "")
    entries = [dict(entry) for entry in report.clusters]
    changed = moved or entries != (previous.get("clusters") or [])
    if not changed and previous.get("observedGeneration") == report.generation:
        return None
    stamp = rfc3339(now)
    condition = {"type": PROPAGATION, "status": _truth(report)}
    if report.reason:
        condition["reason"] = str(report.reason)
    condition["lastUpdateTime"] = stamp if changed else _time(before, "lastUpdateTime", stamp)
    condition["lastTransitionTime"] = stamp if moved else _time(before, "lastTransitionTime", stamp)
    document: dict[str, Any] = {"observedGeneration": report.generation, "conditions": [condition]}
    if entries:
        document["clusters"] = entries
    return document


def hold_back_s(report: Report, previous: Mapping[str, Any], now: datetime) -> float:
    """How long to hold back a report that brings nothing new but copies' own statuses: these change by the second."""
    before = _condition(previous)
    if before is None or (before.get("status"), before.get("reason", "")) != (_truth(report), report.reason or ""):
        return 0.0
    told = previous.get("clusters")
    if previous.get("observedGeneration") != report.generation or not isinstance(told, list):
        return 0.0
    if [_without_status(entry) for entry in told] != [_without_status(entry) for entry in report.clusters]:
        return 0.0
    try:
        since = (now - datetime.fromisoformat(_time(before, "lastUpdateTime", ""))).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    return min(COLLECTION_PERIOD_S, max(0.0, COLLECTION_PERIOD_S - since))


def _without_status(entry: object) -> object:
    return {field: entry[field] for field in entry if field != "remoteStatus"} if isinstance(entry, Mapping) else entry


def _truth(report: Report) -> str:
    return "False" if report.reason else "True"


def _time(condition: Mapping[str, Any] | None, field: str, otherwise: str) -> str:
    found = condition.get(field) if condition else None
    return found if isinstance(found, str) else otherwise


def _condition(status: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The condition as it was written, by whomever: where the CRD is an old one the API server let anything pass."""
    conditions = status.get("conditions")
    for condition in conditions if isinstance(conditions, list) else ():
        if isinstance(condition, dict) and condition.get("type") == PROPAGATION:
            return condition
    return None
