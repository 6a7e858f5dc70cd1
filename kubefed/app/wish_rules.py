"""Hands the rules of propagation to admission, which must not know them by itself: one rule, said at both times."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from kubefed.admission.federated import Part, Spec
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName, ResourceType
from kubefed.federated.federated_type import KINDS_RETAINED_FROM_LIVE
from kubefed.federated.placement import read_placement
from kubefed.sync import overrides, tailoring
from kubefed.sync.jsonpatch import Operation
from kubefed.sync.render import Template, read_template, render_body
from kubefed.sync.tailoring import Entry
from kubefed.sync.trial import try_overrides


def parts_of_wishes() -> tuple[Part, ...]:
    """Who judges which part of a federated object's spec."""
    return (Part("template", _check_template), Part("placement", _check_placement), Part("overrides", _check_overrides))


def _check_template(spec: Spec, target: ResourceType | None) -> Sequence[str]:
    if target is None:
        return ()
    template = read_template(spec.get("template"), target)
    return [f"spec.template.metadata.{field}: never reaches a member" for field in template.dropped]


def _check_placement(spec: Spec, _: ResourceType | None) -> Sequence[str]:
    placement = read_placement(spec)
    selector = (spec.get("placement") or {}).get("clusterSelector")
    if placement.clusters is not None and selector is not None:
        return ["spec.placement.clusterSelector: is ignored, because spec.placement.clusters is given"]
    return ()


def _check_overrides(spec: Spec, target: ResourceType | None) -> Sequence[str]:
    """Trust Compatible lets overrides choose another version, so that this is no mistake everywhere."""
    overrides.parse(spec.get("overrides"), version_may_change=True)
    entries: tuple[Entry, ...] = ()
    if tailoring.is_tailored(spec.get("overrides")):
        entries = tailoring.read_entries(spec["overrides"], version_may_change=True)
        tailoring.check_variables(entries)
    template = _template_to_try(spec, target)
    if template is not None:
        try_overrides(template.body, entries)
    try:
        overrides.parse(spec.get("overrides"))
    except Misconfigured as problem:
        return [f"spec.overrides: under trust Strict, {problem}"]
    return [] if entries else _unfitting(spec, target)


def _unfitting(spec: Spec, target: ResourceType | None) -> list[str]:
    """Clusters whose operations do not apply to the template: a warning only, because the template may follow.

    Where an update keeps part of the member's object, that cannot be told from the template.
    """
    if target is None or target.kind in KINDS_RETAINED_FROM_LIVE:
        return []
    try:
        template = read_template(spec.get("template"), target)
    except Misconfigured:
        return []
    by_cluster = overrides.parse(spec.get("overrides"), version_may_change=True).by_cluster
    tried = islice(by_cluster.items(), _MOST_TRIED)
    return list(islice(_problems(template, tried), _MOST_WARNINGS))


def _problems(template: Template, entries: Iterable[tuple[ClusterName, tuple[Operation, ...]]]) -> Iterator[str]:
    for cluster, operations in entries:
        try:
            render_body(template, operations)
        except Misconfigured as problem:
            yield f"spec.overrides: for cluster {cluster}: {problem}"


def _template_to_try(spec: Spec, target: ResourceType | None) -> Template | None:
    """The template, unless it cannot be read or copies of its kind keep parts that only a member knows."""
    kept = target is None or target.kind in KINDS_RETAINED_FROM_LIVE or spec.get("retainReplicas") is True
    if kept or target is None or not spec.get("template"):
        return None
    try:
        return read_template(spec["template"], target)
    except Misconfigured:
        return None


_MOST_WARNINGS = 5
_MOST_TRIED = 20
"""Clusters. Whoever applies a large template with a thousand entries waits for the answer."""
