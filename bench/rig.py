"""What is measured on: a sandbox, kubefed installed and joined as a person does it, and one controller process."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from fedctl.sandbox.ports import free_ports
from fedctl.sandbox.running import Sandbox
from kubefed.clusters.survey import NAMESPACES
from kubefed.core.names import ResourceType
from kubefed.kube.client import Client
from kubefed.kube.host import load_context

NAMESPACE = "bench"
FEDERATED_NAMESPACES = ResourceType(
    "types.kubefed.io", "v1beta1", "federatednamespaces", "FederatedNamespace", namespaced=True
)
_BIN = Path(sys.executable).parent
_READY_S = 30.0
_QUIET_S = 1.0


@dataclass(frozen=True, slots=True)
class Rig:
    """The clusters under measurement."""

    sandbox: Sandbox

    @property
    def members(self) -> list[str]:
        """The contexts of the members."""
        return [member.name for member in self.sandbox.members]

    def client(self, context: str) -> Client:
        """A client of the bench's own for one cluster. To be closed by the caller."""
        return Client(load_context(str(self.sandbox.kubeconfig), context).connection, agent=lambda: "kubefed-bench")

    def fedctl(self, *arguments: str) -> None:
        """Run fedctl against the host; fails the run when it fails."""
        environment = {**os.environ, "KUBECONFIG": str(self.sandbox.kubeconfig)}
        subprocess.run([_BIN / "fedctl", *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def a_rig(members: int) -> Iterator[Rig]:
    """A fresh federation without controllers in the clusters; removed at the end, also when this process is killed."""
    with Sandbox.started(members, name=f"bench-{os.getpid()}", owner=True, controllers=False) as sandbox:
        rig = Rig(sandbox)
        rig.fedctl("install", "--host-cluster-context", "host", "--allowed-endpoint-range", "127.0.0.0/8")
        for member in rig.members:
            rig.fedctl("join", "cluster", member, "--host-cluster-context", "host")
        asyncio.run(_make_namespaces(rig))
        yield rig


async def _make_namespaces(rig: Rig) -> None:
    """A federated namespace; in the members as well, because the bare flow knows nothing of namespaces."""
    body = orjson.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    for context in ("host", *rig.members):
        client = rig.client(context)
        await client.create(NAMESPACES, "", body)
        if context == "host":
            federated = {
                "apiVersion": FEDERATED_NAMESPACES.api_version,
                "kind": FEDERATED_NAMESPACES.kind,
                "metadata": {"name": NAMESPACE, "namespace": NAMESPACE},
                "spec": {"placement": {"clusterSelector": {}}},
            }
            await client.create(FEDERATED_NAMESPACES, NAMESPACE, orjson.dumps(federated))
        await client.close()


class Controller:
    """The controller process, as it is shipped, with default flags but for its ports."""

    def __init__(self, rig: Rig, log: Path) -> None:
        self._rig = rig
        self._log = log
        self._healthz, self._metrics, self._liveness = free_ports(3)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it says that it is ready."""
        command: Sequence[str | Path] = [
            _BIN / "kubefed",
            "controller-manager",
            f"--kubeconfig={self._rig.sandbox.kubeconfig}",
            "--context=host",
            f"--healthz-addr=127.0.0.1:{self._healthz}",
            f"--metrics-addr=127.0.0.1:{self._metrics}",
            f"--liveness-addr=127.0.0.1:{self._liveness}",
        ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + _READY_S
        while not self._answers(f"http://127.0.0.1:{self._healthz}/readyz"):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"the controller did not become ready; see {self._log}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Tell it to stop, and wait until it has."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
            self._process = None

    def cpu_s(self) -> float:
        """Processor seconds used so far."""
        return self._metric("process_cpu_seconds_total")

    def waiting(self) -> float:
        """Keys and operations that wait."""
        return sum(self._values("workqueue_depth")) + sum(self._values("kubefed_member_operations_waiting"))

    def await_quiet(self) -> None:
        """Return when nothing has waited for a second."""
        since = time.monotonic()
        while time.monotonic() - since < _QUIET_S:
            if self.waiting():
                since = time.monotonic()
            time.sleep(0.05)

    def peak_memory_mib(self) -> float:
        """The most memory it has held, in MiB; 0 where the system does not tell."""
        status = Path(f"/proc/{self._process.pid}/status") if self._process else None
        if status is None or not status.exists():
            return 0.0
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(peak.split()[1]) / 1024

    def _metric(self, name: str) -> float:
        return next(iter(self._values(name)), 0.0)

    def _values(self, name: str) -> list[float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._metrics}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return [float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{"))]

    @staticmethod
    def _answers(url: str) -> bool:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False
