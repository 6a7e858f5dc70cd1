"""How long ago, and in how long, as kubectl says it. Pure."""

from datetime import datetime

from kubefed.core.clock import parse_rfc3339

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
_TWO_UNITS_BELOW = {"d": 10, "h": 10, "m": 10}
UNKNOWN = "-"


def age(moment: str | None, now: datetime) -> str:
    """`3d4h` since an RFC 3339 timestamp; `-` when there is none or it cannot be read."""
    seconds = _seconds_since(moment, now)
    return UNKNOWN if seconds is None else span(max(0, seconds))


def remaining(moment: str | None, now: datetime) -> str:
    """`in 11h`, or `3m ago` when it is over."""
    seconds = _seconds_since(moment, now)
    if seconds is None:
        return UNKNOWN
    return f"in {span(-seconds)}" if seconds < 0 else f"{span(seconds)} ago"


def span(seconds: int) -> str:
    """One unit, or two where the first alone would be coarse."""
    for number, (length, unit) in enumerate(_UNITS):
        whole, rest = divmod(seconds, length)
        if whole:
            if whole >= _TWO_UNITS_BELOW.get(unit, 0) or number + 1 == len(_UNITS):
                return f"{whole}{unit}"
            next_length, next_unit = _UNITS[number + 1]
            second = rest // next_length
            return f"{whole}{unit}{second}{next_unit}" if second else f"{whole}{unit}"
    return "0s"


def _seconds_since(moment: str | None, now: datetime) -> int | None:
    try:
        return int((now - parse_rfc3339(moment)).total_seconds()) if moment else None
    except ValueError:
        return None
