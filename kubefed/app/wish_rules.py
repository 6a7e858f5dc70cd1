"""Hands the rules of propagation to admission, which must not know them by itself: one rule, said at both times."""

from collections.abc import Sequence

from kubefed.admission.federated import Part, Spec
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ResourceType
from kubefed.federated.placement import read_placement
from kubefed.sync import overrides, tailoring
from kubefed.sync.render import read_template, render_body


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
    if tailoring.is_tailored(spec.get("overrides")):
        tailoring.check_variables(tailoring.read_entries(spec["overrides"], version_may_change=True))
    try:
        overrides.parse(spec.get("overrides"))
    except Misconfigured as problem:
        return [f"spec.overrides: under trust Strict, {problem}"]
    return _unfitting(spec, target)


def _unfitting(spec: Spec, target: ResourceType | None) -> list[str]:
    """Clusters whose operations do not apply to the template: a warning only, because the template may follow.

    Where an update keeps part of the member's object, that cannot be told from the template.
    """
    if target is None or target.kind in _KEEPING:
        return []
    try:
        template = read_template(spec.get("template"), target)
    except Misconfigured:
        return []
    found = []
    for cluster, operations in overrides.parse(spec.get("overrides"), version_may_change=True).by_cluster.items():
        try:
            render_body(template, operations)
        except Misconfigured as problem:
            found.append(f"spec.overrides: for cluster {cluster}: {problem}")
    return found[:_MOST_WARNINGS]


_KEEPING = frozenset({"Service", "ServiceAccount"})
_MOST_WARNINGS = 5
