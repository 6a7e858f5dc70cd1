"""Processes that outlive us: starting them detached, recognising them again later, ending them.

A process is named by its id and its start time, because ids are reused: nothing is ever signalled on the id alone.
Linux is read from /proc; elsewhere (macOS) `ps` is asked.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_HAS_PROC = sys.platform.startswith("linux")
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class ProcessId:
    """One process, for good: `started` is an opaque text that differs for another process with the same `pid`."""

    pid: int
    started: str


def spawn(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None, stdin: int | None = None
) -> ProcessId:
    """Start `command` in a session of its own, without a terminal, its output appended to `log`.

    It survives us and Ctrl-C. posix_spawn and not subprocess: a Popen object would insist on being waited for.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    take_stdin = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0) if stdin is None else (os.POSIX_SPAWN_DUP2, stdin, 0)
    pid = os.posix_spawn(
        command[0],
        list(command),
        dict(os.environ if environment is None else environment),
        file_actions=[take_stdin, (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600), (os.POSIX_SPAWN_DUP2, 1, 2)],
        setsid=True,
        setsigdef=[signal.SIGPIPE, signal.SIGINT, signal.SIGTERM],
        setsigmask=[],
    )
    # It is our child and not yet waited for, so the id is still its own even when it has already ended.
    return ProcessId(pid, _started(pid) or "unknown")


def myself() -> ProcessId:
    """The process that runs this."""
    return ProcessId(os.getpid(), _started(os.getpid()) or "unknown")


def is_alive(process: ProcessId) -> bool:
    """Whether it still runs; one that ended and was not yet waited for does not."""
    _reap(process.pid)
    return _started(process.pid) == process.started and not _is_zombie(process.pid)


def is_paused(process: ProcessId) -> bool:
    """Whether it was stopped with SIGSTOP."""
    return _started(process.pid) == process.started and _state_letter(process.pid) == "T"


def send(process: ProcessId, number: signal.Signals) -> None:
    """Send a signal, if it is still the process that was meant."""
    if is_alive(process):
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def end(processes: Iterable[ProcessId], *, grace_s: float) -> list[ProcessId]:
    """End processes: SIGTERM, after `grace_s` SIGKILL; with `grace_s` 0 at once SIGKILL. Returns who survived that."""
    left = [process for process in processes if is_alive(process)]
    if grace_s > 0:
        for process in left:
            send(process, signal.SIGTERM)
        left = _await_end(left, grace_s)
    for process in left:
        send(process, signal.SIGKILL)
    return _await_end(left, _KILL_TAKES_S)


_KILL_TAKES_S = 10.0


def _await_end(processes: list[ProcessId], timeout_s: float) -> list[ProcessId]:
    left = processes
    wait_until(lambda: not any(map(is_alive, left)), timeout_s)
    return [process for process in left if is_alive(process)]


def wait_until(holds: Callable[[], bool], timeout_s: float, every_s: float = _POLL_S) -> bool:
    """Poll a condition until it holds or the time is over; returns whether it held."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True


def memory_bytes(process: ProcessId) -> int:
    """Resident memory; 0 when it does not run."""
    if not is_alive(process):
        return 0
    if _HAS_PROC:
        pages = _read_proc(process.pid, "statm").split()
        return int(pages[1]) * os.sysconf("SC_PAGE_SIZE") if len(pages) > 1 else 0
    kibibytes = _ask_ps(process.pid, "rss=")
    return int(kibibytes) * 1024 if kibibytes else 0


def shares_our_network(process: ProcessId) -> bool:
    """Whether it is in the same network namespace as we are; also True where there are none, or it does not run."""
    try:
        return Path(f"/proc/{process.pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink()
    except OSError:
        return True


def all_with_arguments() -> dict[int, list[str]]:
    """The command line of every process that we may look at, by id."""
    if not _HAS_PROC:
        lines = _run_ps(["-axww", "-o", "pid=,command="]).splitlines()
        return {int(pid): command.split() for pid, _, command in (line.strip().partition(" ") for line in lines) if pid}
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return {pid: _read_proc(pid, "cmdline").rstrip("\0").split("\0") for pid in pids}


def identify(pid: int) -> ProcessId | None:
    """The process that has this id now."""
    started = _started(pid)
    return None if started is None else ProcessId(pid, started)


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # not our child: its parent, or init, does it


def _started(pid: int) -> str | None:
    if not _HAS_PROC:
        return _ask_ps(pid, "lstart=") or None
    fields = _stat_fields(pid)
    # Ticks since boot: field 22 of proc(5). The boot id tells them from those before a reboot.
    return f"{_boot_id()}/{fields[19]}" if fields else None


def _is_zombie(pid: int) -> bool:
    return _state_letter(pid) in ("Z", "X", "")


def _state_letter(pid: int) -> str:
    if not _HAS_PROC:
        return _ask_ps(pid, "state=")[:1]
    fields = _stat_fields(pid)
    return fields[0] if fields else ""


def _stat_fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the command, which may itself hold blanks and parentheses: state is the first."""
    return _read_proc(pid, "stat").rpartition(")")[2].split()


def _read_proc(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # it ended while we looked, or belongs to somebody else


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]


def _ask_ps(pid: int, field: str) -> str:
    return _run_ps(["-o", field, "-p", str(pid)]).strip()


def _run_ps(arguments: list[str]) -> str:
    return subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False, timeout=10).stdout
