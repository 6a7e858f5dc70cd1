"""What the tests of the sandbox do again and again: run its commands, ask its clusters."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fedctl.sandbox import installed, leash, processes
from fedctl.sandbox.running import Cluster, Sandbox


def fedctl(*arguments: str) -> Sequence[str]:
    """The command line of a sandbox command."""
    return leash.own_module("fedctl.sandbox", *arguments)


def run(*arguments: str, timeout_s: float = 120) -> "subprocess.CompletedProcess[str]":
    """Run a sandbox command as a person would."""
    environment = leash.own_environment()
    return subprocess.run(fedctl(*arguments), capture_output=True, text=True, timeout=timeout_s, env=environment)


def kubectl(sandbox: Sandbox, *arguments: str) -> str:
    """Run kubectl on a sandbox; its output. Raises when it fails."""
    command = [*installed.find().command("kubectl"), f"--kubeconfig={sandbox.kubeconfig}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def kubectl_json(sandbox: Sandbox, *arguments: str) -> Any:
    """The same, decoded."""
    return json.loads(kubectl(sandbox, *arguments, "-o", "json"))


def processes_in(directory: Path) -> list[int]:
    """Every process whose command line names this directory, but for ourselves."""
    found = processes.all_with_arguments()
    return [
        pid
        for pid, arguments in found.items()
        if pid != os.getpid() and any(str(directory) in argument for argument in arguments)
    ]


def audited(cluster: Cluster) -> list[dict[str, Any]]:
    """Every request in a cluster's audit log."""
    return [json.loads(line) for line in cluster.audit_log.read_text(encoding="utf-8").splitlines()]


def python_command(script: str) -> list[str]:
    """The command that runs a Python script."""
    return [sys.executable, "-c", script]
