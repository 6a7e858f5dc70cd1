"""The rows of the report: what is measured, its range, why that range, and what others needed for the same. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a measured value stands to its range."""

    OK = "ok"
    SLOW = "OUT OF RANGE"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Row:
    """One measured quantity.

    `most` is the largest value in range, `most_of_floor` the largest multiple of the bare flow's value in the same run; a
    row passes on either. `kubefed` and `karmada` are what those needed on like servers, as text.
    """

    name: str
    unit: str
    most: float | None = None
    most_of_floor: float | None = None
    kubefed: str = "-"
    karmada: str = "-"
    why: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """A row's value in this run, and the bare flow's if it has one."""

    row: Row
    value: float
    floor: float | None = None

    @property
    def verdict(self) -> Verdict:
        """Whether the value is in range, absolutely or as a multiple of the floor."""
        row = self.row
        if row.most is None and row.most_of_floor is None:
            return Verdict.SHOWN
        absolute = row.most is not None and self.value <= row.most
        relative = row.most_of_floor is not None and self.floor is not None and self.value <= row.most_of_floor * self.floor
        return Verdict.OK if absolute or relative else Verdict.SLOW


def _rows(*rows: Row) -> Mapping[str, Row]:
    return {row.name: row for row in rows}


ROWS = _rows(
    Row("idle create p50", "ms", 18, kubefed="24", karmada="63", why="a host write, three member writes at once"),
    Row("idle create p90", "ms"),
    Row("idle update p50", "ms", 15, kubefed="727", karmada="40", why="three member writes at once"),
    Row("idle update p90", "ms"),
    Row("drift repair p50", "ms", 6, kubefed="10000", karmada="6", why="one watch event, one write"),
    Row("drift repair p90", "ms"),
    Row(
        "burst: all present",
        "s",
        9,
        0.9,
        kubefed="50",
        karmada="82",
        why="7 writes an object; member writes before reports",
    ),
    Row("burst: settled", "s", 12, kubefed="54", why="all statuses written"),
    Row(
        "burst: host writes per object",
        "",
        4,
        kubefed="4.0",
        karmada="41-60",
        why="finalizer, two for the versions, status",
    ),
    Row("burst: conflicts", "", 0, kubefed="0", karmada="27 %", why="one writer for one thing"),
    Row("burst: controller CPU", "s", 5, kubefed="13.6"),
    Row("burst: controller peak memory", "MiB", 120, kubefed="161", karmada="207"),
    Row("delete: members clean", "s", None, 1.2, kubefed="49", why="one consistent read of the host for each object"),
    Row("delete: federated objects gone", "s", None, 1.2, kubefed="99"),
    Row("restart: quiet", "s", 4, karmada="8", why="lists, and a decision for each object"),
    Row("restart: writes", "", 0, why="nothing has changed"),
    Row("restart: an edit amid it", "s", 1, why="edits go before everything that is looked at again"),
    Row("one hung: idle create p50 elsewhere", "ms", 30, 1.2, why="a lane of its own for each member"),
    Row("one hung: idle create p99 elsewhere", "ms", None, 1.2, why="a lane of its own for each member"),
    Row("one hung: first create after a restart", "s", 0.5, kubefed="20", why="nobody waits for the one that hangs"),
)


def rows_of_a_fleet(members: int, objects: int) -> Mapping[str, Row]:
    """The rows for so many simulated members. Ranges are for the sizes that have a target; others are shown."""
    cold_s, idle, memory = _FLEET_RANGES.get((members, objects), (None, None, None))
    return _rows(
        Row("cold sync", "s", cold_s, why="from the first request to the last status"),
        Row("idle: share of a core", "%", idle, why="probes and bookmarks"),
        Row("idle: requests per member", "/s", 1),
        Row("restart: an edit amid it", "s", 10, why="in all members: edits go before everything that is looked at again"),
        Row("restart: quiet", "s"),
        Row("restart: rewritten", "", 0, why="nothing has changed"),
        Row("peak memory", "MiB", memory),
    )


_FLEET_RANGES: Mapping[tuple[int, int], tuple[float | None, float, float]] = {
    (100, 100): (60, 5, 1024),
    (10, 5000): (300, 5, 400),
}

TAKEOVER_ROWS = _rows(
    Row("quiet", "s", 15, why="from the start of the process until nothing is left to decide"),
    Row("copies in sync that were written", "", 0, why="their records say that they are as they should be"),
    Row("drifted copies not written once", "", 0, why="one object in fifty has a copy that somebody edited"),
    Row("requests to the host", "", why="lists by pages, watches, and what a start writes once"),
    Row("requests to each member", ""),
    Row("controller CPU", "s"),
    Row("peak memory", "MiB", 160),
)
"""What it costs to take a KubeFed's place."""
