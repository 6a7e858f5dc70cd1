"""The controller's process: started so that it outlives the demo, found again, ended."""

import os
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from fedctl.demo import record
from fedctl.demo.record import Record
from fedctl.sandbox import processes
from fedctl.sandbox.ports import free_ports
from fedctl.sandbox.processes import ProcessId
from kubefed.core.errors import Misconfigured

_READY_WITHIN_S = 30.0
_POLITE_S = 15.0
_LOG_LINES = 15


def log() -> Path:
    """Where it writes."""
    return record.directory() / "controller.log"


def start(demo: Record, context: str) -> Record:
    """Start the controller of a host, and return when it is ready. Raises Misconfigured with the end of its log."""
    ports = tuple(free_ports(3))
    begun = demo.model_copy(update={"ports": ports, "controller": None})
    record.save(begun)
    process = processes.spawn(_command(demo.kubeconfig, context, ports), log=log())
    begun = begun.model_copy(update={"controller": process})
    record.save(begun)
    ready = processes.wait_until(lambda: _is_ready(ports[0]) or not processes.is_alive(process), _READY_WITHIN_S)
    if not ready or not processes.is_alive(process):
        raise Misconfigured(f"the controller did not become ready; {log()} ends with:\n{_end_of_log()}")
    return begun


def find(demo: Record) -> list[ProcessId]:
    """The controllers of this demo that run: the recorded one, and one that was started and never recorded."""
    found = {demo.controller} if demo.controller and processes.is_alive(demo.controller) else set()
    if demo.ports:
        running = processes.all_with_arguments()
        pids = [pid for pid, arguments in running.items() if _flags(demo.ports)[0] in arguments and pid != os.getpid()]
        found |= {process for pid in pids if (process := processes.identify(pid))}
    return list(found)


def stop(demo: Record) -> bool:
    """End it: it drains, and gives its lease back. Says whether one was running."""
    running = find(demo)
    processes.end(running, grace_s=_POLITE_S)
    return bool(running)


def _command(kubeconfig: str, context: str, ports: Sequence[int]) -> list[str]:
    where = [f"--kubeconfig={kubeconfig}"] if kubeconfig and os.pathsep not in kubeconfig else []
    return [str(program()), "controller-manager", *where, f"--context={context}", *_flags(ports)]


def program() -> Path:
    """The executable `kubefed` that belongs to this fedctl."""
    return Path(sys.executable).parent / "kubefed"


def _flags(ports: Sequence[int]) -> list[str]:
    names = ("--healthz-addr", "--metrics-addr", "--liveness-addr")
    return [f"{name}=127.0.0.1:{port}" for name, port in zip(names, ports, strict=True)]


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _end_of_log() -> str:
    return "\n".join(log().read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:])
