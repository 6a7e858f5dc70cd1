"""Building the server binary and putting it into the cache: one build at a time, all of it or nothing."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fedctl.sandbox import golang, installed, locks, logs, machine, places
from fedctl.sandbox.errors import NoServers, SandboxError, TooSmall
from fedctl.sandbox.golang import Go
from fedctl.sandbox.programs import Programs
from fedctl.sandbox.sources import Sources, Target


@dataclass(frozen=True, slots=True)
class Step:
    """How far a build is: what it does, and how many packages of at most `total` are compiled; 0 of 0: uncounted."""

    doing: str
    done: int = 0
    total: int = 0


Watch = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a build from nothing takes. Measured with empty caches on 2 cores; Go's own cache makes later ones shorter."""

    core_minutes: int = 10
    disk_mib: int = 4200
    memory_mib: int = 2500

    def minutes(self) -> int:
        """About how long it takes on this machine."""
        return max(1, round(self.core_minutes / machine.cores()))


CROSS_TARGETS = (Target("linux", "amd64"), Target("linux", "arm64"), Target("darwin", "arm64"))
_ANOTHER_BUILD_TAKES_S = 3600


def check_room(needs: Needs) -> None:
    """Raise TooSmall when disk or memory do not suffice for a build."""
    disk = machine.free_disk_mib(places.cache_home())
    if disk < needs.disk_mib:
        advice = f"Free some, or put the cache elsewhere with XDG_CACHE_HOME. Needed: {needs.disk_mib} MiB."
        raise TooSmall(f"building the servers needs more disk than the {disk} MiB free at {places.cache_home()}", advice)
    memory = machine.free_memory_mib()
    if memory is not None and memory < needs.memory_mib:
        raise TooSmall(
            f"building the servers needs {needs.memory_mib} MiB of memory, {memory} MiB are free", "Close something."
        )


def build(sources: Sources, target: Target, watch: Watch) -> Programs:
    """Build the servers for a target into the cache, unless they are there. Raises NoServers with the log's end.

    A second builder waits for the first and then finds its result. Interrupted, it leaves nothing but Go's own caches.
    """
    binary = installed.cached_binary(sources, target)
    shelf = binary.parent.parent
    shelf.mkdir(parents=True, exist_ok=True)
    try:
        with locks.exclusive(
            shelf, timeout_s=_ANOTHER_BUILD_TAKES_S, waiting=lambda: watch(Step("waiting for another build to end"))
        ):
            if not binary.is_file():
                _build_into(binary, sources, target, watch)
    except locks.Busy as fault:
        raise SandboxError(
            "another build of the servers does not end", f"Look for a hanging `go build`; log: {_log(binary)}"
        ) from fault
    return Programs(binary)


def _build_into(binary: Path, sources: Sources, target: Target, watch: Watch) -> None:
    go = golang.obtain(sources, lambda text: watch(Step(text)))
    draft = binary.parent.with_name(f"{binary.parent.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)  # of a build that was killed
    draft.mkdir()
    run = GoRun(go, sources, target, _log(binary))
    run.log.unlink(missing_ok=True)
    try:
        packages = _list_packages(run, watch)
        _compile(run, draft / binary.name, packages, watch)
        draft.rename(binary.parent)
        run.log.unlink()
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _list_packages(run: "GoRun", watch: Watch) -> frozenset[str]:
    watch(Step(f"fetching modules with {run.go}"))
    packages = set()
    for line in run.lines(["list", "-deps", "."]):
        if line.startswith(_FETCHING):
            watch(Step(f"fetching {line.removeprefix(_FETCHING)}"))
        else:
            packages.add(line)
    return frozenset(packages)


def _compile(run: "GoRun", output: Path, packages: frozenset[str], watch: Watch) -> None:
    done = 0
    watch(Step("compiling", 0, len(packages)))
    for line in run.lines(["build", "-v", "-ldflags", linker_flags(run.sources.kubernetes), "-o", str(output), "."]):
        if line in packages:
            done += 1
            # Its own package comes last; what is left then is to link, which takes a while.
            doing = "linking" if line == _MAIN_PACKAGE else "compiling"
            watch(Step(doing, done, len(packages)))


_FETCHING = "go: downloading "
_MAIN_PACKAGE = "kubefed.io/sandbox"


def linker_flags(kubernetes: str) -> str:
    """Stamp the servers with the version that they are, and leave out debug tables: 134 MB instead of 190."""
    major, minor, _ = kubernetes.split(".", 2)
    facts = {"gitVersion": f"v{kubernetes}", "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    return " ".join(["-s", "-w", *(f"-X k8s.io/component-base/version.{name}={value}" for name, value in facts.items())])


def advice_on(said: str) -> str:
    """What to do about a failed build, where its output tells; empty, or a sentence and a line break."""
    advice = next((advice for sign, advice in _SIGNS.items() if sign in said), "")
    return f"{advice}\n" if advice else ""


_SIGNS = {
    "no space left on device": "The disk is full: free some, or move Go's caches with GOCACHE and GOMODCACHE.",
    "signal: killed": "A compiler was killed, most likely for want of memory: close something, or set GOMAXPROCS=1.",
    "dial tcp": "Go could not reach its module proxy: check the network, or name one that you reach with GOPROXY.",
    "checksum mismatch": "A module is not what go.sum says: the proxy, or somebody on the way, changed it. Do not go on.",
}


def _log(binary: Path) -> Path:
    return binary.parent.with_name(f"{binary.parent.name}.log")


@dataclass(frozen=True, slots=True)
class GoRun:
    """Running Go on the module, for one target. Everything it prints is also appended to `log`."""

    go: Go
    sources: Sources
    target: Target
    log: Path

    def lines(self, arguments: list[str]) -> Iterator[str]:
        """Run one command and yield what it prints, line by line. Raises NoServers, with the end of it, when it fails."""
        with self.log.open("a", encoding="utf-8") as log, self._started(arguments) as process:
            for line in process.stdout or ():
                log.write(line)
                yield line.rstrip("\n")
        if process.returncode != 0:
            said = logs.tail(self.log)
            advice = f"{advice_on(said)}All of its output: {self.log}"
            raise NoServers(f"`go {arguments[0]}` failed for {self.target}:\n{said}", advice)

    @contextmanager
    def _started(self, arguments: list[str]) -> Iterator["subprocess.Popen[str]"]:
        process = subprocess.Popen(
            [self.go.command, *arguments],
            cwd=self.sources.directory,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            except BaseException:
                # Compilers are children of `go`: the whole session must go, or they work on for minutes.
                os.killpg(process.pid, signal.SIGKILL)
                raise

    def _environment(self) -> dict[str, str]:
        ours = {
            "CGO_ENABLED": "0",
            "GOOS": self.target.system,
            "GOARCH": self.target.machine,
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
            # A person's own flags (-mod=vendor, -race) would break this build; the module proxy and the caches stay theirs.
            "GOFLAGS": "-mod=readonly -trimpath -buildvcs=false",
        }
        return {**os.environ, **ours}
