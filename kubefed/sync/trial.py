"""Tries overrides on their template before any cluster is asked for. Pure.

Only what fails for every cluster that an entry can be for is a mistake here. Which selectors a cluster meets is not known,
so that an entry passes when it applies behind any choice of the selected ones. Metadata is left out, because an update
starts from the member's annotations, and so are entries that are KubeFed's as a whole: objects that have them live with
one cluster that fails, and must be restored as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import orjson

from kubefed.core.errors import Misconfigured
from kubefed.sync.edits import edited
from kubefed.sync.jsonpatch import Edit, Operation, PatchFailed, apply
from kubefed.sync.tailoring import Entry
from kubefed.sync.variables import has_variable

_MOST_SELECTED = 4
"""Entries with selectors whose choices, 16 here, are all tried. With more of them, only the reconciler judges."""
_MOST_WORK_BYTES = 20_000_000
"""Size of the template times operations tried: some tenths of a second. The rest is left to the reconciler."""


def try_overrides(body: Mapping[str, Any], entries: Sequence[Entry]) -> None:
    """Apply all entries to a template's body. Raises Misconfigured for one that fails wherever it is used."""
    selected = [entry for entry in entries if entry.requirements]
    if len(selected) > _MOST_SELECTED or any(_depends(step) for entry in entries for step in entry.operations):
        return
    bench = _Bench(body, entries)
    bench.demand("", [()])
    for entry in selected:
        bench.demand("", [(entry, *some) for some in _choices([each for each in selected if each is not entry])])
    for cluster in (entry.cluster for entry in entries if entry.cluster):
        bench.demand(cluster, list(_choices(selected)))


class _Bench:
    """A template on which choices of entries are tried, as long as that does not take too much work."""

    def __init__(self, body: Mapping[str, Any], entries: Sequence[Entry]) -> None:
        self._body = body
        self._general = [entry for entry in entries if not entry.cluster]
        self._own = {entry.cluster: entry for entry in entries if entry.cluster}
        self._size_bytes = len(orjson.dumps(body))
        self._work_left_bytes = _MOST_WORK_BYTES

    def demand(self, cluster: str, choices: Sequence[Sequence[Entry]]) -> None:
        """Raise what the first choice of selected entries gives, unless one of the choices applies."""
        first: Misconfigured | None = None
        for choice in choices:
            problem = self._problem(cluster, choice)
            if problem is None:
                return
            first = first or problem
        if first is not None:
            raise first

    def _problem(self, cluster: str, choice: Sequence[Entry]) -> Misconfigured | None:
        document: Any = self._body
        for where, operations in self._groups(cluster, choice):
            steps = [step for step in operations if step.pointer[:1] != ("metadata",)]
            self._work_left_bytes -= self._size_bytes * len(steps)
            if self._work_left_bytes < 0:
                return None
            try:
                document = apply(document, steps, edited)
            except PatchFailed as problem:
                return Misconfigured(f"{where}: {problem}")
        return None

    def _groups(self, cluster: str, choice: Sequence[Entry]) -> Iterator[tuple[str, tuple[Operation, ...]]]:
        """What applies to a cluster that meets the requirements of exactly these entries."""
        own = [self._own[cluster]] if cluster else []
        for entry in (*self._general, *own):
            if not entry.requirements or entry in choice:
                yield entry.where, entry.operations


def _choices(entries: Sequence[Entry]) -> Iterator[tuple[Entry, ...]]:
    """Every choice of the entries; the smallest first."""
    for size in range(len(entries) + 1):
        yield from combinations(entries, size)


def _depends(step: Operation) -> bool:
    """Whether it is the cluster that decides if a change of containers finds the one it names."""
    if isinstance(step.op, Edit):
        return has_variable(step.value.get("container")) if isinstance(step.value, dict) else False
    return has_variable(step.value)
