"""The same command line given to both programs, and what may then be different, each with its reason."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kubefed.core.names import ObjectKey, ResourceType
from tests.integration.kubefedctl.worlds import NEW, OLD, Done, World, differences
from tests.support.manifests import Manifest
from tests.support.waiting import eventually

FATAL, MISTYPED, PANIC = 255, 1, 2
"""Exit codes: of klog, of cobra, of a Go program that crashes."""


@dataclass(frozen=True, slots=True)
class Different:
    """Fields that may differ: their paths, as a regular expression that matches the whole of each, and why."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Both:
    """What a command left behind in each world."""

    old: Done
    new: Done

    @property
    def same(self) -> Done:
        """What both did. Fails when they differ in exit code or stdout."""
        assert (self.new.code, self.new.out) == (self.old.code, self.old.out), f"{self.old.err}\n{self.new.err}"
        return self.new


@dataclass(frozen=True, slots=True)
class Sides:
    """Both worlds."""

    worlds: Mapping[str, World]

    def run(self, line: str, *, stdin: str = "") -> Both:
        """Give both the same command line."""
        old, new = (self.worlds[which].run(*line.split(), stdin=stdin) for which in (OLD, NEW))
        return Both(old, new)

    def same(self, *lines: str, stdin: str = "", code: int = 0) -> str:
        """Run lines that must end and print alike; what the last printed."""
        out = ""
        for line in lines:
            done = self.run(line, stdin=stdin).same
            assert done.code == code, done.err
            out = done.out
        return out

    def apply(self, resource: ResourceType, manifest: Manifest) -> None:
        """Have an object in both hosts."""
        for world in self.worlds.values():
            world.host.apply(resource, manifest)

    def merge(self, resource: ResourceType, key: ObjectKey, patch: Manifest) -> None:
        """Change fields of an object in both hosts."""
        for world in self.worlds.values():
            world.host.merge(resource, key, patch)

    def delete(self, resource: ResourceType, key: ObjectKey) -> None:
        """Have it gone from both hosts."""
        for world in self.worlds.values():
            world.host.delete(resource, key)
            eventually(lambda: world.host.find(resource, key) is None, f"{resource.kind} {key} is gone")  # noqa: B023

    @contextmanager
    def changing_alike(self, *allowed: Different) -> Iterator[None]:
        """What is done within changes both worlds in the same way, but for what is allowed; all of that must occur."""
        before = self._differences()
        yield
        after = self._differences()
        new = {path: values for path, values in after.items() if before.get(path) != values}
        new |= {path: ("alike now", before[path]) for path in before if path not in after}
        _assert_allowed(new, allowed)

    def _differences(self) -> Mapping[str, tuple[Any, Any]]:
        return differences(self.worlds[OLD].state(), self.worlds[NEW].state())


def _assert_allowed(found: Mapping[str, tuple[Any, Any]], allowed: Sequence[Different]) -> None:
    patterns = {each: re.compile(each.where) for each in allowed}
    unexplained = {
        path: values for path, values in found.items() if not any(each.fullmatch(path) for each in patterns.values())
    }
    assert not unexplained
    unused = [each.why for each, pattern in patterns.items() if not any(pattern.fullmatch(path) for path in found)]
    assert not unused, f"gone, so take them out of this test and of docs/guides/kubefedctl.md: {unused}"
