"""The Go sources of the server binary: where they are, which Kubernetes they build, and the name of that build."""

import hashlib
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from fedctl.sandbox.errors import NoServers

GO_FILES = ("go.mod", "go.sum", "main.go", "programs.go")
GO_REQUIREMENTS = "go.txt"
_KUBERNETES = re.compile(r"^\s*k8s\.io/kubernetes v(\S+)$", re.MULTILINE)
_GO = re.compile(r"^go (\d+)\.(\d+)(?:\.(\d+))?$", re.MULTILINE)
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Target:
    """What a build runs on, in Go's words."""

    system: str
    machine: str

    def __str__(self) -> str:
        return f"{self.system}-{self.machine}"


@dataclass(frozen=True, slots=True)
class Sources:
    """The Go module in `directory`, and the pinned package that brings Go itself."""

    directory: Path
    requirements: Path

    @property
    def kubernetes(self) -> str:
        """The version of Kubernetes that the module requires, without `v`."""
        return _one(_KUBERNETES, self._go_mod(), self.directory / "go.mod").group(1)

    @property
    def go(self) -> tuple[int, int, int]:
        """The oldest Go that builds it."""
        major, minor, patch = _one(_GO, self._go_mod(), self.directory / "go.mod").groups(default="0")
        return int(major), int(minor), int(patch)

    def digest(self, target: Target) -> str:
        """The name of this build: changes with any source, the Kubernetes version and the target."""
        content = hashlib.sha256(f"{self.kubernetes} {target}\n".encode())
        for name in GO_FILES:
            content.update(name.encode() + b"\0" + (self.directory / name).read_bytes())
        return f"{self.kubernetes}-{target}-{content.hexdigest()[:12]}"

    def _go_mod(self) -> str:
        return (self.directory / "go.mod").read_text(encoding="utf-8")


def find() -> Sources:
    """The sources in the checkout that this package lies in, or else those installed beside it. Raises NoServers."""
    package = Path(__file__).parent
    checkout = package.parents[2]
    for sources in (
        Sources(checkout / "sandbox", checkout / "requirements" / GO_REQUIREMENTS),
        Sources(package / "_go", package / "_go" / GO_REQUIREMENTS),
    ):
        if (sources.directory / "go.mod").is_file():
            return sources
    raise NoServers(
        "the Go sources of the servers are missing from this installation", "Install kubefed again, or name --servers."
    )


def this_machine() -> Target:
    """What runs here. Raises NoServers for systems that the servers are not built for."""
    machine = _MACHINES.get(platform.machine().lower())
    if sys.platform not in ("linux", "darwin") or machine is None:
        raise NoServers(f"the sandbox does not run on {sys.platform} {platform.machine()}", "Use Linux or macOS, or kind.")
    return Target(sys.platform, machine)


def _one(pattern: re.Pattern[str], text: str, where: Path) -> re.Match[str]:
    found = pattern.search(text)
    if found is None:
        raise NoServers(f"{where} does not say {pattern.pattern!r}", "The checkout is damaged: restore that file.")
    return found
