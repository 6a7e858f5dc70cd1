"""Why a cluster is selected, or is not, in words; the decision itself is the controller's own rule. Pure."""

from dataclasses import dataclass

from fedctl.describe.facts import Around, Facts
from fedctl.get.clusters import ClusterRow
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.federated.placement import Labels, Placement, Requirement


@dataclass(frozen=True, slots=True)
class Verdict:
    """`selected` is None when it cannot be told."""

    selected: bool | None
    why: str


def verdict(facts: Facts, name: ClusterName) -> Verdict:
    """Judge one cluster, registered or only mentioned."""
    cluster = facts.clusters.get(name)
    if cluster is None:
        return Verdict(False, "no cluster of this name is joined")
    try:
        own = facts.intent.placement.get()
    except Misconfigured as problem:
        return Verdict(None, str(problem))
    around = facts.namespace
    if around.problem is not None:
        return Verdict(None, str(around.problem))
    if around.around is Around.NOT_FEDERATED:
        return Verdict(False, f"namespace {facts.copies_at.namespace} is not federated")
    judged = _judged(own, name, cluster)
    if not judged.selected or around.placement is None:
        return judged
    within = _judged(around.placement, name, cluster)
    return judged if within.selected else Verdict(False, f"FederatedNamespace: {within.why}")


def _judged(placement: Placement, name: ClusterName, cluster: ClusterRow) -> Verdict:
    selected = placement.selects(name, cluster.labels)
    if placement.clusters is not None:
        return Verdict(selected, f"{'named' if selected else 'not named'} in placement.clusters")
    if placement.requirements is None:
        return Verdict(selected, "the placement names no cluster and has no selector")
    unmet = next((each for each in placement.requirements if not each.met_by(cluster.labels)), None)
    if unmet is not None:
        return Verdict(selected, _unmet(unmet, cluster.labels))
    if not placement.requirements:
        return Verdict(selected, "the selector selects every cluster")
    return Verdict(selected, ", ".join(f"{each.key}={cluster.labels.get(each.key, '')}" for each in placement.requirements))


def _unmet(requirement: Requirement, labels: Labels) -> str:
    key = requirement.key
    has = f"label {key} is {labels[key]!r}" if key in labels else f"it has no label {key}"
    wanted = ", ".join(map(repr, sorted(requirement.values)))
    match requirement.operator:
        case "In":
            return f"{has}, wanted: {wanted}"
        case "NotIn":
            return f"{has}, which is excluded"
        case "Exists":
            return has
        case _:
            return f"it has label {key}"


def in_words(placement: Placement) -> str:
    """A placement in one line."""
    if placement.clusters is not None:
        return f"clusters {', '.join(sorted(placement.clusters))}" if placement.clusters else "an empty list: no cluster"
    if placement.requirements is None:
        return "none: no cluster"
    return ", ".join(map(_required, placement.requirements)) or "every cluster"


def _required(requirement: Requirement) -> str:
    values = sorted(requirement.values)
    match requirement.operator:
        case "In" if len(values) == 1:
            return f"label {requirement.key}={values[0]}"
        case "In" | "NotIn":
            return f"label {requirement.key} {'in' if requirement.operator == 'In' else 'not in'} ({', '.join(values)})"
        case "Exists":
            return f"label {requirement.key}"
        case _:
            return f"no label {requirement.key}"
