"""Starting a sandbox's keeper, and the owner's end of the pipe to it."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import fedctl.sandbox
import kubefed
from fedctl.sandbox import keeper, processes

_PACKAGE_ROOTS = [
    str(Path(package).parents[depth]) for package, depth in ((fedctl.sandbox.__file__, 2), (kubefed.__file__, 1))
]


@dataclass(slots=True)
class Leash:
    """What ties a sandbox to this process: while the descriptor is open, the keeper leaves the sandbox alone."""

    descriptor: int

    def release(self) -> None:
        """Let the sandbox live on without us."""
        os.write(self.descriptor, keeper.RELEASE)
        self.drop()

    def drop(self) -> None:
        """Close our end. Unless released before, the keeper removes the sandbox now, if it is still there."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def tie(directory: Path) -> Leash:
    """Start the keeper of the sandbox in `directory`."""
    reading, writing = os.pipe()
    command = own_module("fedctl.sandbox.keeper", str(directory))
    try:
        processes.spawn(command, log=directory / "keeper.log", environment=own_environment(), stdin=reading)
    finally:
        os.close(reading)
    return Leash(writing)


def own_module(name: str, *arguments: str) -> list[str]:
    """The command that runs a module of this package in a process of its own."""
    return [sys.executable, "-m", name, *arguments]


def own_environment() -> dict[str, str]:
    """Our environment, in which such a process finds the packages that we run from."""
    inherited = os.environ.get("PYTHONPATH")
    roots = [*_PACKAGE_ROOTS, *([inherited] if inherited else [])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}
