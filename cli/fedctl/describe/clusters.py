"""What is shown of each cluster: whether it is selected, how its copy is, and how that differs. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from fedctl.counts import counts_of
from fedctl.describe.facts import Facts
from fedctl.describe.placing import Verdict, verdict
from fedctl.tables import BAD, FAINT, GOOD, WARN, Cell, table
from kubefed.core.errors import Misconfigured
from kubefed.core.markers import MANAGED, MANAGED_LABEL, OWNER_ANNOTATION
from kubefed.core.names import ClusterName
from kubefed.sync.facts import ClusterFacts
from kubefed.sync.jsonpatch import Op, Operation
from kubefed.sync.marks import unmarked

_LONGEST_VALUE = 100
_HIDDEN = "(not shown: the type is sensitive)"


@dataclass(frozen=True, slots=True)
class ClusterLine:
    """One cluster. `trouble` and `message` say what is wrong with its copy; both are empty when nothing is."""

    name: ClusterName
    verdict: Verdict
    listed: bool
    trouble: str
    message: str
    live: str
    version: str


def cluster_lines(facts: Facts) -> list[ClusterLine]:
    """Every registered cluster, and every other that the object, its status or its records mention; sorted by name."""
    return [_line(facts, name) for name in sorted(set(_mentioned(facts)))]


def _mentioned(facts: Facts) -> Iterator[ClusterName]:
    yield from facts.clusters
    yield from facts.copies
    yield from facts.recorded.clusters if facts.recorded else ()
    overrides = facts.intent.overrides.or_else(None)
    yield from overrides.by_cluster if overrides else ()
    placement = facts.intent.placement.or_else(None)
    yield from (placement.clusters or ()) if placement else ()


def _line(facts: Facts, name: ClusterName) -> ClusterLine:
    entry = facts.copies.get(name)
    judged = verdict(facts, name)
    return ClusterLine(
        name=name,
        verdict=judged,
        listed=entry is not None,
        trouble=entry.trouble if entry else "",
        message=entry.message if entry and entry.trouble else "",
        live=_live(facts, name),
        version=_version(facts, name),
    )


def _live(facts: Facts, name: ClusterName) -> str:
    """What the member itself says, or why it was not asked."""
    cluster, found = facts.clusters.get(name), facts.found.get(name)
    if cluster is None:
        return ""
    if not cluster.ready:
        return f"not asked: {cluster.state}"
    if found is None:
        return ""
    if found.unknown:
        return f"unknown: {found.unknown}"
    copy = found.copies.get(facts.copies_at)
    return "absent" if copy is None else _summary(copy, facts.owner)


def _summary(copy: Mapping[str, Any], owner: str) -> str:
    metadata = copy["metadata"]
    counts = counts_of(copy)
    remarks = [f"{counts} ready" if counts else "present"]
    if metadata.get("deletionTimestamp"):
        remarks.append("being deleted")
    if (metadata.get("labels") or {}).get(MANAGED_LABEL) != MANAGED:
        remarks.append("not managed by kubefed")
    if owner and (metadata.get("annotations") or {}).get(OWNER_ANNOTATION, owner) != owner:
        remarks.append("of another federation")
    return ", ".join(remarks)


def _version(facts: Facts, name: ClusterName) -> str:
    """The version recorded when the copy was last written, and what speaks against it."""
    recorded = facts.recorded.clusters.get(name, "") if facts.recorded else ""
    if not recorded or facts.recorded is None:
        return ""
    if facts.recorded.versions != facts.intent.versions_or_none():
        return f"{recorded}, of an earlier template or overrides"
    found = facts.found.get(name)
    copy = found.copies.get(facts.copies_at) if found else None
    live = _live_version(copy) if copy else recorded
    return unmarked(recorded) if live == unmarked(recorded) else f"{unmarked(recorded)}, is {live} now"


def _live_version(copy: Mapping[str, Any]) -> str:
    """As it is recorded: by generation where the kind has one."""
    metadata = copy["metadata"]
    generation = metadata.get("generation")
    return f"gen:{generation}" if generation else f"rv:{metadata.get('resourceVersion', '')}"


def clusters_table(lines: list[ClusterLine]) -> Table:
    """One row a cluster."""
    return table(("CLUSTER", "SELECTED", "STATE", "LIVE COPY", "VERSION", "WHY"), map(_cells, lines))


def _cells(line: ClusterLine) -> list[Cell]:
    words: dict[bool | None, Cell] = {True: "yes", False: ("no", FAINT), None: ("unknown", BAD)}
    state: Cell = (line.trouble, BAD) if line.trouble else ("Ok", GOOD) if line.listed else ""
    if not line.trouble and not line.listed and line.verdict.selected:
        state = ("Pending", WARN)
    return [line.name, words[line.verdict.selected], state, line.live, line.version, line.verdict.why]


def override_lines(facts: Facts) -> list[str]:
    """`member1: replace /spec/replicas = 5`, and where they do not fit, why. Values of sensitive types are left out.

    Clusters that no entry is about have no line.
    """
    try:
        named, entries = facts.intent.overrides.get().by_cluster, facts.intent.entries.get()
    except Misconfigured as problem:
        return [f"cannot be read: {problem}"]
    lines = []
    for cluster in sorted({*named, *(facts.clusters if entries else ())}):
        lines += _lines_of(facts, cluster)
    return lines


def _lines_of(facts: Facts, cluster: ClusterName) -> list[str]:
    try:
        steps = [step for _, step in facts.intent.trace(_traits(facts, cluster))]
    except Misconfigured as problem:
        return [f"{cluster}: cannot be applied: {problem}"]
    told = [f"{cluster}: {_operation(each, hidden=facts.kind.sensitive)}" for each in steps]
    return told + (_unfitting(facts, cluster) if steps else [])


def _operation(operation: Operation, *, hidden: bool) -> str:
    if operation.op is Op.REMOVE:
        return f"remove {operation.path}"
    value = _HIDDEN if hidden else operation.value_text.decode()
    shown = value if len(value) <= _LONGEST_VALUE else f"{value[: _LONGEST_VALUE - 1]}…"
    return f"{operation.op} {operation.path} = {shown}"


def _traits(facts: Facts, name: ClusterName) -> ClusterFacts:
    row = facts.clusters.get(name)
    if row is None:
        return ClusterFacts(name, {}, ready=False, known=False, copy=None)
    return ClusterFacts(name, row.labels, row.ready, known=False, copy=None, region=row.region, zones=row.zones)


def _unfitting(facts: Facts, cluster: ClusterName) -> list[str]:
    try:
        facts.intent.rendering(_traits(facts, cluster)).body()
    except Misconfigured as problem:
        return [f"{cluster}: cannot be applied: {problem}"]
    return []
