"""Running fedctl, and the controller's shadow, as a person does."""

import os
import subprocess
from pathlib import Path

from tests.support.controller import BIN


def fedctl(kubeconfig: Path, *arguments: str) -> str:
    """Run fedctl with this kubeconfig; what it prints. Fails with its own words when it fails."""
    environment = {**os.environ, "KUBECONFIG": str(kubeconfig)}
    done = subprocess.run([BIN / "fedctl", *arguments], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"fedctl {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def shadow(kubeconfig: Path) -> list[str]:
    """The lines that a shadow run prints. Fails with its own words when it fails."""
    command = [str(BIN / "kubefed"), "controller-manager", "--shadow", f"--kubeconfig={kubeconfig}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
