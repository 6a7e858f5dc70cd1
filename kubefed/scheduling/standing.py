"""When a cluster that is not ready is given up, so that its replicas go elsewhere. Pure.

The time counts from what the cluster's record says, so that it goes on over our own restarts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kubefed.clusters.member import MemberState
from kubefed.core.clock import parse_rfc3339
from kubefed.core.errors import Misconfigured
from kubefed.federated.rawjson import as_list, as_object, object_in
from kubefed.scheduling.facts import Standing


def standing_of(state: MemberState, status: bytes, now: datetime, patience_s: float) -> tuple[Standing, float]:
    """How a cluster stands, and for a missed one in how many seconds it is given up.

    `status` is the record's, as JSON. A record that still calls the cluster ready has not caught up with its loss.
    """
    match state:
        case MemberState.READY:
            return Standing.READY, 0.0
        case MemberState.JOINING:
            return Standing.JOINING, 0.0
    try:
        conditions = [
            as_object(each, "condition") for each in as_list(object_in(status, "status").get("conditions"), "list")
        ]
    except Misconfigured:
        return Standing.GIVEN_UP, 0.0
    left_s = _left_s(conditions, now, patience_s)
    return (Standing.MISSED, left_s) if left_s > 0 else (Standing.GIVEN_UP, 0.0)


def _left_s(conditions: Sequence[Mapping[str, Any]], now: datetime, patience_s: float) -> float:
    if any((condition.get("type"), condition.get("status")) == ("Ready", "True") for condition in conditions):
        return patience_s
    lost_at = [_time(condition.get("lastTransitionTime")) for condition in conditions]
    known = [time for time in lost_at if time is not None]
    if not known:
        return 0.0
    return min(patience_s, patience_s - (now - min(known)).total_seconds())


def _time(text: object) -> datetime | None:
    try:
        return parse_rfc3339(text) if isinstance(text, str) else None
    except ValueError:
        return None
