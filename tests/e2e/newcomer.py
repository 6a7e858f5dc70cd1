"""A person who has a checkout, a shell and the sandbox, and does what is printed."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from fedctl.sandbox.programs import Programs
from fedctl.sandbox.running import Sandbox
from tests.support.controller import BIN

ROOT = Path(__file__).parents[2]
_COMMAND_S = 120


def path_with_kubectl(programs: Programs, directory: Path) -> str:
    """A `PATH` with fedctl and, in the directory, the kubectl among a sandbox's programs."""
    shim = directory / "kubectl"
    shim.write_text(f'#!/bin/sh\nexec {" ".join(programs.command("kubectl"))} "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    return f"{directory}:{BIN}:{os.environ['PATH']}"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Has fedctl and kubectl in `PATH`, and the sandbox's kubeconfig in `KUBECONFIG`."""

    path: str
    kubeconfig: Path

    @classmethod
    def of(cls, sandbox: Sandbox, directory: Path) -> Self:
        """Give a person the sandbox's kubectl, in a directory of its own."""
        return cls(path_with_kubectl(sandbox.state().programs, directory), sandbox.kubeconfig)

    def types(self, command: str) -> str:
        """Run a command line in the checkout; what it prints. Fails with its own words when it fails."""
        environment = {**os.environ, "PATH": self.path, "KUBECONFIG": str(self.kubeconfig)}
        done = subprocess.run(
            ["sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_COMMAND_S
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout
