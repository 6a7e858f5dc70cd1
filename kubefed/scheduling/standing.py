"""When a cluster that is not ready is given up, so that its replicas go elsewhere. Pure.

The time counts from what the cluster's record says, so that it goes on over our own restarts.
"""

from datetime import datetime

from kubefed.clusters.loss import lost_for_s
from kubefed.clusters.member import MemberState
from kubefed.core.errors import Misconfigured
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
        lost = lost_for_s(status, now)
    except Misconfigured:
        return Standing.GIVEN_UP, 0.0
    if lost is None:
        return Standing.MISSED, patience_s
    left_s = min(patience_s, patience_s - lost)
    return (Standing.MISSED, left_s) if left_s > 0 else (Standing.GIVEN_UP, 0.0)
