"""The controller process in the hands of a test or the benchmark: started as it ships, asked, stopped, killed, frozen."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from fedctl.sandbox.ports import free_ports

BIN = Path(sys.executable).parent
_READY_S = 30.0
_STOPPED_S = 30.0
_QUIET_S = 1.0
_PAUSE_S = 0.02


class Controller:
    """One `kubefed controller-manager`, with default flags but for its ports and `flags`. What it says goes to `log`."""

    def __init__(self, kubeconfig: Path, log: Path, *, context: str = "host", flags: Sequence[str] = ()) -> None:
        self.log = log
        self._healthz, self._metrics, self._liveness = free_ports(3)
        self._command = [
            str(BIN / "kubefed"),
            "controller-manager",
            f"--kubeconfig={kubeconfig}",
            f"--context={context}",
            f"--healthz-addr=127.0.0.1:{self._healthz}",
            f"--metrics-addr=127.0.0.1:{self._metrics}",
            f"--liveness-addr=127.0.0.1:{self._liveness}",
            *flags,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    # --- its life ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start it, and return when it says that it is ready. Raises RuntimeError when it does not in half a minute."""
        self.launch()
        deadline = time.monotonic() + _READY_S
        while self.answer("readyz") != 200:
            if time.monotonic() > deadline or not self.is_running():
                self.end()
                raise RuntimeError(f"the controller did not become ready; {self.log} ends with:\n{self.said()[-2000:]}")
            time.sleep(_PAUSE_S)

    def launch(self) -> None:
        """Start it, and do not wait for anything."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)

    def stop(self) -> int:
        """Tell it to stop, and wait until it has; its exit code."""
        self.tell_to_stop()
        return self.await_exit()

    def tell_to_stop(self) -> None:
        """SIGTERM."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: whatever it was doing, it does no more."""
        self._send(signal.SIGKILL)
        self.await_exit()

    def strike_down(self) -> None:
        """SIGKILL, from any thread; whoever asks finds that it does not run any more."""
        self._send(signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._send(signal.SIGCONT)

    def await_exit(self) -> int:
        """Wait until it has ended by itself; its exit code, negative for a signal."""
        assert self._process is not None
        code = self._process.wait(_STOPPED_S)
        self._process = None
        return code

    def end(self) -> None:
        """Make sure that nothing of it is left, whatever state a test left it in."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    # --- what it says ------------------------------------------------------------------------------------------

    def said(self) -> str:
        """All it has logged so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def answer(self, page: str) -> int:
        """The status of `healthz`, `readyz` or `livez`, the latter by the thread that watches the others; 0 for none."""
        port = self._liveness if page == "livez" else self._healthz
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=2) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code
        except OSError:
            return 0

    def metric(self, name: str) -> float:
        """A metric without labels; 0 when there is none."""
        return next(iter(self.metrics(name)), 0.0)

    def metrics(self, name: str) -> list[float]:
        """A metric's values, whatever their labels."""
        lines = self.exposition().splitlines()
        return [float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{"))]

    def exposition(self) -> str:
        """All metrics, as Prometheus reads them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._metrics}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def is_leader(self) -> bool:
        """Whether it leads."""
        return self.is_running() and self.metric("kubefed_leader") == 1.0

    def leads(self) -> bool:
        """Whether it leads; False also while it does not listen yet."""
        try:
            return self.is_leader()
        except OSError:
            return False

    def waiting(self) -> float:
        """Keys and operations that wait."""
        return sum(self.metrics("workqueue_depth")) + sum(self.metrics("kubefed_member_operations_waiting"))

    def await_quiet(self) -> None:
        """Return when nothing has waited for a second."""
        since = time.monotonic()
        while time.monotonic() - since < _QUIET_S:
            if self.waiting():
                since = time.monotonic()
            time.sleep(0.05)

    def cpu_s(self) -> float:
        """Processor seconds used so far."""
        return self.metric("process_cpu_seconds_total")

    def peak_memory_mib(self) -> float:
        """The most memory it has held, in MiB; 0 where the system does not tell."""
        status = Path(f"/proc/{self._process.pid}/status") if self._process else None
        if status is None or not status.exists():
            return 0.0
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(peak.split()[1]) / 1024

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
