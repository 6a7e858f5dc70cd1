"""KubeFed v0.10, the real one: its controller and its command line in one executable, and the CRDs that came with it."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from fedctl.sandbox.ports import free_ports
from kubefed.core.markers import DEFAULT_NAMESPACE
from tests.tools.go_programs import GoProgram

_PROGRAM = GoProgram("kubefed", Path(__file__).parent / "kubefed", "sigs.k8s.io/kubefed/cmd/hyperfed")
_CRDS = Path("charts", "kubefed", "charts", "controllermanager", "crds", "crds.yaml")
_RUN_S, _STOP_S = 120, 30

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OldKubeFed:
    """KubeFed with the executable's names that it is called by, on the clusters of one kubeconfig."""

    programs: Path
    kubeconfig: Path

    def kubefedctl(self, *arguments: str) -> str:
        """Run its command line; what it printed. Raises AssertionError when it fails."""
        command = [str(self.programs / "kubefedctl"), *arguments, "--kubeconfig", str(self.kubeconfig)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_RUN_S)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    @contextmanager
    def controlling(self, config: Path, log: Path) -> Iterator[None]:
        """Its controller runs, with a KubeFedConfig from a file."""
        metrics, healthz = free_ports(2)
        flags = ["--kubeconfig", str(self.kubeconfig), "--kubefed-config", str(config)]
        flags += ["--kubefed-namespace", DEFAULT_NAMESPACE]
        addresses = [f"--metrics-addr=127.0.0.1:{metrics}", f"--healthz-addr=127.0.0.1:{healthz}"]
        with log.open("ab") as output:
            process = subprocess.Popen(
                [str(self.programs / "controller-manager"), *flags, *addresses, "--v=2"], stdout=output, stderr=output
            )
            try:
                yield
                assert process.poll() is None, log.read_text()[-2000:]
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(_STOP_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def old_kubefed(directory: Path, kubeconfig: Path) -> OldKubeFed:
    """KubeFed, called by its names from `directory`."""
    binary = _PROGRAM.built()
    for name in ("kubefedctl", "controller-manager"):
        (directory / name).symlink_to(binary)
    return OldKubeFed(directory, kubeconfig)


@cache
def crds() -> tuple[Manifest, ...]:
    """The CRDs of its chart, as they are."""
    text = (_PROGRAM.directory_of("sigs.k8s.io/kubefed") / _CRDS).read_text(encoding="utf-8")
    return tuple(manifest for manifest in yaml.safe_load_all(text) if manifest)
