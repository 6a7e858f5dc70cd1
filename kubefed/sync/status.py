"""The status of a federated object, in KubeFed's words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kubefed.api.types_v1beta1 import PROPAGATION, PropagationReason
from kubefed.core.clock import rfc3339
from kubefed.sync.plan import Plan, Step

LONGEST_MESSAGE = 300
_NO_ENTRIES = (PropagationReason.CLUSTER_RETRIEVAL_FAILED, PropagationReason.COMPUTE_PLACEMENT_FAILED)


@dataclass(frozen=True, slots=True)
class Report:
    """What a federated object's status has to say, without the times."""

    generation: int
    reason: PropagationReason | None
    clusters: tuple[Mapping[str, Any], ...]


def report_of(plan: Plan, generation: int) -> Report:
    """What a plan says about its object, for people. Entries are sorted by cluster."""
    listed = () if plan.reason in _NO_ENTRIES else tuple(step for step in plan.steps if step.listed)
    entries = tuple(_entry(step) for step in sorted(listed, key=lambda step: step.cluster))
    return Report(generation, plan.reason, entries)


def _entry(step: Step) -> dict[str, Any]:
    """`message` is additive: where KubeFed's own CRD is installed, the API server drops it."""
    entry: dict[str, Any] = {"name": str(step.cluster)}
    if step.status:
        entry["status"] = str(step.status)
    if step.explanation:
        entry["message"] = step.explanation[:LONGEST_MESSAGE]
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
