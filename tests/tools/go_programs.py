"""Programs of others, built once from their public Go modules as pinned beside this file, and kept in the cache."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fedctl.sandbox import golang, locks, places, sources
from fedctl.sandbox.building import GoRun
from fedctl.sandbox.sources import Sources

_BUILD_S = 1800


@dataclass(frozen=True, slots=True)
class GoProgram:
    """One executable: its short name, the directory of the go.mod that pins it, its package, the linker's flags."""

    name: str
    module: Path
    package: str
    linker_flags: str = "-s -w"

    def built(self) -> Path:
        """The executable, built when it is not in the cache yet: about a minute on two cores, once."""
        target = sources.this_machine()
        pins = b"".join((self.module / name).read_bytes() for name in ("go.mod", "go.sum"))
        shelf = self._shelf()
        binary = shelf / f"{self.name}-{target}-{hashlib.sha256(pins).hexdigest()[:12]}"
        with locks.exclusive(shelf, timeout_s=_BUILD_S):
            if not binary.is_file():
                draft = binary.with_suffix(".partial")
                self._go(["build", "-ldflags", self.linker_flags, "-o", str(draft), self.package])
                draft.rename(binary)
        return binary

    def directory_of(self, module: str) -> Path:
        """Where Go keeps the files of one of the modules that are required: read only."""
        self._go(["mod", "download", module])
        return Path(self._go(["list", "-m", "-f", "{{.Dir}}", module])[-1])

    def _go(self, arguments: Sequence[str]) -> list[str]:
        module = Sources(self.module, sources.find().requirements)
        run = GoRun(golang.obtain(module, print), module, sources.this_machine(), self._shelf() / "build.log")
        return list(run.lines(list(arguments)))

    def _shelf(self) -> Path:
        shelf = places.cache_home() / self.name
        shelf.mkdir(parents=True, exist_ok=True)
        return shelf
