"""The page about one federated object, read from the top: what it is, how it is, where and why, what went wrong. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.table import Table

from fedctl.ages import age
from fedctl.counts import Counts, counts_of
from fedctl.describe.clusters import ClusterLine
from fedctl.describe.facts import Around, Facts
from fedctl.describe.placing import in_words
from fedctl.get.objects import DELETING, PENDING, state_of
from fedctl.manifests import Manifest
from fedctl.tables import WARN, table
from kubefed.api.types_v1beta1 import PROPAGATION
from kubefed.core.errors import Misconfigured
from kubefed.core.markers import DELETE_OPTIONS_ANNOTATION, ORPHAN_ANNOTATION, SYNC_FINALIZER

_MOST_EVENTS = 20


@dataclass(frozen=True, slots=True)
class Line:
    """`name: text`."""

    name: str
    text: str


def head(facts: Facts, lines: Sequence[ClusterLine], now: datetime) -> list[Line]:
    """What is true of the object as a whole."""
    metadata = facts.manifest["metadata"]
    created = metadata.get("creationTimestamp") or ""
    return [
        Line("State", _state(facts, lines, now)),
        *([Line("Ready", ready)] if (ready := _ready(facts, lines)) else []),
        Line("Placement", _placement(facts)),
        *([Line("Namespace", text)] if (text := _namespace(facts)) else []),
        Line("Created", f"{age(created, now)} ago ({created})"),
        Line("Generation", _generation(facts.manifest)),
        Line("Records", _records(facts)),
        Line("When deleted", _when_deleted(metadata)),
        Line("Finalizers", ", ".join(metadata.get("finalizers") or ()) or "none"),
        *_template_problem(facts),
    ]


def _state(facts: Facts, lines: Sequence[ClusterLine], now: datetime) -> str:
    state = state_of(facts.manifest)
    if state == DELETING:
        moment = facts.manifest["metadata"]["deletionTimestamp"]
        return f"{DELETING} for {age(moment, now)}{_held_by(facts.manifest)}"
    if state == PENDING:
        return f"{PENDING}: no controller has dealt with this generation yet; is one running?"
    wanted = [line for line in lines if line.verdict.selected]
    good = sum(line.listed and not line.trouble for line in wanted)
    text = f"{state}: {good} of {len(wanted)} selected {'cluster has' if len(wanted) == 1 else 'clusters have'} the copy"
    condition = _condition(facts.manifest)
    since = condition.get("lastTransitionTime")
    return f"{text}, for {age(since, now)}" if since else text


def _condition(manifest: Manifest) -> Mapping[str, Any]:
    conditions = (manifest.get("status") or {}).get("conditions") or ()
    return next((each for each in conditions if each.get("type") == PROPAGATION), {})


def _held_by(manifest: Manifest) -> str:
    finalizers = manifest["metadata"].get("finalizers") or ()
    if SYNC_FINALIZER in finalizers:
        return ", until its copies are gone"
    return f", held by the finalizers of others: {', '.join(finalizers)}" if finalizers else ""


def _ready(facts: Facts, lines: Sequence[ClusterLine]) -> str:
    """`5/6 in 2 clusters, not counted in member3`; empty for what counts nothing."""
    counted: dict[str, Counts] = {}
    for cluster, each in facts.found.items():
        copy = each.copies.get(facts.copies_at)
        counts = counts_of(copy) if copy else None
        if counts:
            counted[cluster] = counts
    if not counted:
        return ""
    missing = [line.name for line in lines if line.verdict.selected and line.name not in counted]
    rest = f"; nothing known of {', '.join(missing)}" if missing else ""
    return f"{Counts.total(counted.values())} in {len(counted)} {'cluster' if len(counted) == 1 else 'clusters'}{rest}"


def _placement(facts: Facts) -> str:
    try:
        return in_words(facts.intent.placement.get())
    except Misconfigured as problem:
        return f"cannot be read: {problem}"


def _namespace(facts: Facts) -> str:
    around, name = facts.namespace, facts.copies_at.namespace
    if around.problem is not None:
        return f"{name} is federated, but its placement cannot be read: {around.problem}"
    if around.around is Around.NOT_FEDERATED:
        return f"{name} is not federated, so nothing in it is: fedctl federate namespace {name}"
    return f"{name} is federated, to {in_words(around.placement)}" if around.placement is not None else ""


def _generation(manifest: Manifest) -> str:
    generation = manifest["metadata"].get("generation", 0)
    observed = (manifest.get("status") or {}).get("observedGeneration", 0)
    return f"{generation}, status is about {observed or 'none'}"


def _records(facts: Facts) -> str:
    if facts.recorded is None:
        return "none yet"
    if facts.recorded.versions == facts.intent.versions_or_none():
        return f"of this template and these overrides (template {facts.recorded.versions.template})"
    return "of an earlier template or overrides: every copy is due for an update"


def _when_deleted(metadata: Mapping[str, Any]) -> str:
    annotations = metadata.get("annotations") or {}
    if annotations.get(ORPHAN_ANNOTATION) == "true":
        return "its copies stay, as ordinary objects (orphaning is enabled)"
    options = (
        f", with the options {annotations[DELETE_OPTIONS_ANNOTATION]}" if DELETE_OPTIONS_ANNOTATION in annotations else ""
    )
    return f"its copies are deleted{options}"


def _template_problem(facts: Facts) -> list[Line]:
    try:
        facts.intent.template.get()
    except Misconfigured as problem:
        return [Line("Template", f"cannot be used: {problem}")]
    return []


def errors(lines: Sequence[ClusterLine]) -> list[str]:
    """What is wrong, one line a cluster."""
    return [
        f"{line.name}: {line.trouble}" + (f": {line.message}" if line.message else "") for line in lines if line.trouble
    ]


def events_table(events: Sequence[Manifest], now: datetime) -> Table:
    """The newest events, the last first."""
    newest = sorted(events, key=_last_seen, reverse=True)[:_MOST_EVENTS]
    return table(
        ("LAST SEEN", "TYPE", "REASON", "COUNT", "MESSAGE"),
        (
            (
                age(_last_seen(event), now),
                (str(event.get("type") or ""), WARN if event.get("type") == "Warning" else ""),
                str(event.get("reason") or ""),
                str(event.get("count") or 1),
                str(event.get("message") or ""),
            )
            for event in newest
        ),
    )


def _last_seen(event: Manifest) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp") or "")
