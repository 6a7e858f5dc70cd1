"""Time as something that is handed in, so that rules and tests agree about now."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the product asks of time."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back, and counts time that the machine was suspended."""

    def now(self) -> datetime:
        """The wall clock, in UTC. For showing and for comparing with other machines' claims, never for measuring."""


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> float:
        """Seconds of CLOCK_BOOTTIME where there is one: a lease runs out during a suspend, and so must our view of it."""
        return time.clock_gettime(_ELAPSED)

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)


_ELAPSED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def rfc3339(moment: datetime) -> str:
    """A moment as Kubernetes writes it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def parse_rfc3339(text: str) -> datetime:
    """Read a Kubernetes timestamp, with or without fractions of a second. Raises ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("timestamp has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("timestamp is outside of the calendar") from None
