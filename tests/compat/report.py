"""Judges rows by how their tests ended. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.compat.rows import Row
from tests.compat.runs import OURS, Ending, Endings

GUIDE = "docs/compatibility.md"
_EXCUSES = "## Rows that are not matched"


@dataclass(slots=True)
class Verdict:
    """What is known of a row: how many tests on servers passed with which CRDs, how many vectors, and what is wrong."""

    passed: dict[str, int] = field(default_factory=dict)
    vectors: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def matched(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verdict(row: Row, endings: Mapping[str, Endings]) -> Verdict:
    """A row is matched when all its tests passed with all CRDs, and those that claim a server had one."""
    found = Verdict()
    for crds, ended in endings.items():
        found.passed[crds] = _count(found, row.on_servers, ended, crds, on_servers=True)
    found.vectors = _count(found, row.vectors, endings[OURS], "vectors", on_servers=False)
    if not row.on_servers:
        found.problems.append("no test on a real API server")
    return found


def _count(found: Verdict, names: tuple[str, ...], ended: Endings, where: str, *, on_servers: bool) -> int:
    count = 0
    for name in names:
        mine = {test: ending for test, ending in ended.items() if belongs(test, name)}
        if not mine:
            found.problems.append(f"{where}: {name} did not run")
        for test, ending in sorted(mine.items()):
            problem = _problem(ending, on_servers=on_servers)
            count += not problem
            if problem:
                found.problems.append(f"{where}: {test} {problem}")
    return count


def _problem(ending: Ending, *, on_servers: bool) -> str:
    if not ending.passed:
        return "did not pass"
    return "touched no API server" if on_servers and not ending.on_servers else ""


def belongs(test: str, name: str) -> bool:
    """Whether a test is what a name stands for: itself, with any parameters, or in that file or folder."""
    return test == name or test.startswith((f"{name}::", f"{name}[", f"{name}/"))


def explained(guide: str) -> set[int]:
    """The rows that the guide excuses: the first cells of the table under its heading."""
    section = guide.partition(_EXCUSES)[2].partition("\n## ")[0]
    return {int(number) for number in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
