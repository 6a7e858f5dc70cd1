"""Decides what to do about one preference: the only place with rules about when replicas are divided anew. Pure.

Replicas never move out of ignorance: as long as it is not known of some cluster that takes part what runs there, or
whether it is lost, everything stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.federated.placement import Placement, read_placement
from kubefed.federated.rawjson import object_in
from kubefed.scheduling.facts import ClusterFacts, Facts, Standing
from kubefed.scheduling.planner import Replicas, divide
from kubefed.scheduling.rewriting import Division, Rewriting, assigned, rewriting

_ALWAYS_SCALED = frozenset({"FederatedDeployment", "FederatedReplicaSet"})


@dataclass(frozen=True, slots=True)
class Keep:
    """Everything is as it should be, or nothing can be done until something changes: `objection` says what is wrong.

    `look_again_s`: something may change that nobody tells.
    """

    objection: str = ""
    look_again_s: float | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Something must become known first. Without `look_again_s` whoever learns it says so."""

    explanation: str = ""
    look_again_s: float | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What runs in these clusters must be read first."""

    clusters: tuple[ClusterName, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """The federated object must be rewritten to say this division."""

    division: Division
    rewriting: Rewriting
    spec: Mapping[str, Any]


Decision = Keep | Wait | Read | Write


def decide(facts: Facts) -> Decision:
    """What to do now. A malformed federated object is objected to, and is looked at again when it changes."""
    early = _nothing_to_divide(facts)
    if early is not None or facts.federated is None:
        return early or Keep()
    try:
        return _divided(facts, object_in(facts.federated.spec, "spec"))
    except Misconfigured as problem:
        return Keep(objection=str(problem))


def _nothing_to_divide(facts: Facts) -> Decision | None:
    if not facts.types_known:
        return Wait()
    if facts.kind is None:
        return Keep(objection="spec.targetKind is not the kind of an enabled federated type whose objects have replicas")
    if not facts.federated_known or not facts.clusters_known:
        return Wait()
    gone = facts.federated is None or facts.federated.metadata.terminating
    return Keep() if gone else None


def _divided(facts: Facts, spec: Mapping[str, Any]) -> Decision:
    _require_replicas(facts.preference.target_kind, spec)
    if any(cluster.standing is Standing.JOINING for cluster in facts.clusters):
        return Wait()
    selected = _selected(facts, spec)
    if isinstance(selected, Keep | Wait):
        return selected
    candidates = [cluster for cluster in selected if cluster.standing is Standing.READY]
    if not candidates:
        return Keep()
    given = assigned(spec)
    holding = frozenset(name for name, replicas in given.items() if replicas != 0)
    return _missing_facts(selected, candidates, holding) or _planned(facts, spec, candidates, given)


def _require_replicas(kind: str, spec: Mapping[str, Any]) -> None:
    """Kinds that KubeFed did not know must show that they have replicas, or an override would make them invalid."""
    template = spec.get("template")
    inner = template.get("spec") if isinstance(template, Mapping) else None
    replicas = inner.get("replicas") if isinstance(inner, Mapping) else None
    if kind not in _ALWAYS_SCALED and (not isinstance(replicas, int) or isinstance(replicas, bool)):
        raise Misconfigured(f"the template of the {kind} has no spec.replicas, so there is nothing to divide")


def _selected(facts: Facts, spec: Mapping[str, Any]) -> Sequence[ClusterFacts] | Keep | Wait:
    """The clusters that may take part: all, or those that the selectors of object and namespace both select."""
    if not facts.preference.intersect:
        return facts.clusters
    limit = facts.namespace
    if not limit.known:
        return Wait()
    if limit.objection:
        return Keep(objection=limit.objection)
    selectors = [_selector_of(read_placement(spec))]
    if limit.placement is not None:
        selectors.append(_selector_of(limit.placement))
    return [cluster for cluster in facts.clusters if all(each.selects(cluster.name, cluster.labels) for each in selectors)]


def _selector_of(placement: Placement) -> Placement:
    """Lists of names are not looked at: a division itself makes one."""
    return Placement(None, placement.requirements)


def _missing_facts(
    selected: Sequence[ClusterFacts], candidates: Sequence[ClusterFacts], holding: frozenset[ClusterName]
) -> Decision | None:
    missed = [cluster for cluster in selected if cluster.standing is Standing.MISSED and cluster.name in holding]
    if missed:
        return Wait(look_again_s=min(cluster.given_up_in_s for cluster in missed))
    if unread := tuple(cluster.name for cluster in candidates if cluster.replicas is None and not cluster.trouble):
        return Read(unread)
    if failed := [cluster for cluster in candidates if cluster.replicas is None]:
        told = "; ".join(f'cluster "{cluster.name}": {cluster.trouble}' for cluster in failed[:_MOST_TOLD])
        return Wait(f"nothing is moved while it is unknown what runs where: {told}", _soonest(failed))
    return None


def _planned(
    facts: Facts, spec: Mapping[str, Any], candidates: Sequence[ClusterFacts], given: Mapping[ClusterName, int | None]
) -> Decision:
    preference = facts.preference
    existing = {cluster.name: cluster.replicas for cluster in candidates if cluster.replicas is not None}
    if not preference.rebalance:
        existing = with_starting(existing, given, preference.total)
    wishes = preference.wishes(cluster.name for cluster in candidates)
    planned = divide(preference.total, wishes, existing, rebalance=preference.rebalance, key=str(preference.key))
    division = {cluster.name: 0 for cluster in candidates} | dict(planned.replicas)
    change = rewriting(spec, division)
    if change is None:
        return Keep(look_again_s=_soonest(candidates))
    return Write(division, change, spec)


def with_starting(
    existing: Mapping[ClusterName, Replicas], given: Mapping[ClusterName, int | None], total: int
) -> dict[ClusterName, Replicas]:
    """What runs, and what has been given to clusters and is on its way up: both stay where they are.

    The planner comes to other results when only a part runs, so that a roll-out would change its own division on the way.
    Where nothing runs yet, or where not all of it fits into the total, only what runs counts, as it did for KubeFed.
    """
    counted = {
        name: Replicas(max(replicas.current, given.get(name) or 0), replicas.capacity)
        for name, replicas in existing.items()
    }
    started = any(replicas.current for replicas in existing.values())
    fits = sum(replicas.current for replicas in counted.values()) <= total
    return counted if started and fits else dict(existing)


def _soonest(clusters: Sequence[ClusterFacts]) -> float | None:
    return min((cluster.look_again_s for cluster in clusters if cluster.look_again_s is not None), default=None)


_MOST_TOLD = 3
