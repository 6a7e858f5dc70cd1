"""Since when a cluster is lost, as its record says: so that the time goes on over our own restarts. Pure."""

from datetime import datetime

import orjson

from kubefed.core.clock import parse_rfc3339
from kubefed.core.errors import Misconfigured


def lost_for_s(status: bytes, now: datetime) -> float | None:
    """For how many seconds a cluster that is not ready has been lost; infinite when nothing says it.

    None when the record still calls it ready and has not caught up with the loss. `status` is the record's, as JSON. Raises
    Misconfigured when it cannot be read.
    """
    conditions = _conditions(status)
    if any((condition.get("type"), condition.get("status")) == ("Ready", "True") for condition in conditions):
        return None
    times = [_time(condition.get("lastTransitionTime")) for condition in conditions]
    known = [time for time in times if time is not None]
    return (now - min(known)).total_seconds() if known else float("inf")


def _conditions(status: bytes) -> list[dict[str, object]]:
    try:
        conditions = orjson.loads(status)["conditions"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise Misconfigured("the status has no conditions") from None
    if not isinstance(conditions, list) or not all(isinstance(each, dict) for each in conditions):
        raise Misconfigured("the status has no conditions")
    return conditions


def _time(text: object) -> datetime | None:
    try:
        return parse_rfc3339(text) if isinstance(text, str) else None
    except ValueError:
        return None
