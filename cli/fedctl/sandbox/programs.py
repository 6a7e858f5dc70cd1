"""Which executables the servers are: one multi-call binary, or a directory with a file per program."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from fedctl.sandbox.errors import NoServers
from fedctl.sandbox.places import BINARY_NAME

ASSETS_VARIABLE = "KUBEBUILDER_ASSETS"


@dataclass(frozen=True, slots=True)
class Programs:
    """The servers' executables. `path` is the multi-call binary, or a directory of programs as envtest has it."""

    path: Path

    def command(self, program: str) -> list[str]:
        """What to execute for `program`, before its arguments."""
        if self.path.is_dir():
            return [str(self.path / program)]
        return [str(self.path), program]

    def require(self, wanted: Collection[str]) -> "Programs":
        """Itself, when all `wanted` programs are there; raises NoServers naming those that are not."""
        executables = [(program, Path(self.command(program)[0])) for program in wanted]
        missing = [program for program, file in executables if not os.access(file, os.X_OK) or file.is_dir()]
        if not missing:
            return self
        advice = f"Name another place with --servers or ${ASSETS_VARIABLE}, or leave out what needs them: --no-controllers."
        raise NoServers(f"{self.path} has no executable {', '.join(sorted(missing))}", advice)


def at(path: Path) -> Programs:
    """The servers at a place that a person named: the multi-call binary, or a directory with it or with single programs."""
    place = path.expanduser().absolute()
    if not place.exists():
        raise NoServers(f"there are no servers at {path}: no such file or directory", "Name the binary or its directory.")
    inside = place / BINARY_NAME
    return Programs(inside if inside.is_file() else place)


def from_environment() -> Programs | None:
    """The servers that $KUBEBUILDER_ASSETS names; None when it is not set."""
    named = os.environ.get(ASSETS_VARIABLE)
    return at(Path(named)) if named else None
