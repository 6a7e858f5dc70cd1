"""What to do about one federated object. Pure: the only place with propagation rules.

A federated object is gone, being deleted, or wanted; each has a section below. They share one principle: what is not known
is never taken for gone. A cluster that is not ready, or whose copies have not been read, is left as it is and said to be.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kubefed.api.types_v1beta1 import PropagationReason, PropagationStatus
from kubefed.core.errors import Misconfigured
from kubefed.core.markers import ORPHAN_ANNOTATION, SYNC_FINALIZER
from kubefed.core.names import ClusterName
from kubefed.engine.lane import UnderWay
from kubefed.federated.placement import NOWHERE
from kubefed.kube.wire import TOO_LARGE, Metadata, Object
from kubefed.sync.causes import Cause, CauseKind, deselected_by_labels
from kubefed.sync.facts import Attempt, ClusterFacts, Facts, NamespaceState
from kubefed.sync.intent import Intent
from kubefed.sync.jsonpatch import PatchFailed
from kubefed.sync.ownership import foreign
from kubefed.sync.plan import NOTHING, Action, Finalizer, Plan, Step


def decide(facts: Facts, intent: Intent | None, *, owner: str, now: float) -> Plan:
    """The plan for what the facts say. `intent` is None exactly when the federated object is.

    `owner` is this federation's mark on copies; `now` is monotonic. Never raises for what a person wrote.
    """
    return gate(wish(facts, intent, owner=owner, now=now), facts)


def wish(facts: Facts, intent: Intent | None, *, owner: str, now: float) -> Plan:
    """The same without regard to what is frozen."""
    if facts.namespace.excluded:
        return _none_of_our_business(facts)
    if facts.federated is None or intent is None:
        return _gone(facts, owner, now)
    case = _Case(facts, facts.federated, intent, owner, now)
    return _being_deleted(case) if facts.federated.metadata.terminating else _wanted(case)


def _none_of_our_business(facts: Facts) -> Plan:
    """A FederatedNamespace that stands for nothing must not touch a namespace, least of all one that it merely names.

    Our finalizer on it was put there by somebody else; nobody but us takes it off again.
    """
    federated = facts.federated
    if federated is None or not federated.metadata.terminating or SYNC_FINALIZER not in federated.metadata.finalizers:
        return NOTHING
    return Plan(finalizer=Finalizer.REMOVE)


def gate(plan: Plan, facts: Facts) -> Plan:
    """The last stage: whatever may not happen now becomes waiting, with the reason. What is not removed stays recorded."""
    by_cluster = {cluster.name: cluster.frozen for cluster in facts.clusters if cluster.frozen}
    if not (facts.frozen or facts.removals_frozen or by_cluster):
        return plan
    steps = tuple(_held(step, _freeze_of(step, facts, by_cluster)) for step in plan.steps)
    if steps == plan.steps:
        return plan
    troubled = plan.reported and any(step.listed and step.status for step in steps)
    return replace(plan, steps=steps, reason=plan.reason or (PropagationReason.CHECK_CLUSTERS if troubled else None))


def _freeze_of(step: Step, facts: Facts, by_cluster: Mapping[ClusterName, str]) -> str:
    """Why a step may not be done now; empty when it may."""
    if step.action is Action.KEEP:
        return ""
    return facts.frozen or by_cluster.get(step.cluster, "") or (facts.removals_frozen if step.action.removes else "")


def _held(step: Step, why: str) -> Step:
    if not why:
        return step
    status = _HELD.get(step.action, step.status)
    return replace(step, action=Action.KEEP, status=status, recorded=True, explanation=why)


_HELD = {Action.CREATE: PropagationStatus.CREATION_FAILED, Action.UPDATE: PropagationStatus.UPDATE_FAILED}
"""How it is told that a copy is not made, or not brought up to date. One that is to go waits for its removal anyway."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One federated object under consideration."""

    facts: Facts
    federated: Object
    intent: Intent
    owner: str
    now: float


_Selects = Callable[[ClusterFacts], bool]


# --- the host holds no such object ------------------------------------------------------------------------------


def _gone(facts: Facts, owner: str, now: float) -> Plan:
    """Copies that nobody wants any more keep their content and lose the managed label, as under KubeFed.

    Losing a federated object in any other way than by deleting it must not take workloads down.
    """
    if not facts.federated_known:
        return NOTHING
    return Plan(tuple(_let_go(cluster, owner, now) for cluster in facts.clusters if cluster.copy is not None))


def _let_go(cluster: ClusterFacts, owner: str, now: float) -> Step:
    step = Step(cluster.name, listed=False, recorded=False)
    if cluster.under_way is not None:
        return replace(step, pending=True)
    if cluster.copy is None or not cluster.ready or foreign(cluster.copy, owner):
        return step
    return _unless_tried(cluster, replace(step, action=Action.UNLABEL), now)


# --- the object is being deleted --------------------------------------------------------------------------------


def _being_deleted(case: _Case) -> Plan:
    facts, metadata = case.facts, case.federated.metadata
    if SYNC_FINALIZER not in metadata.finalizers or not facts.host_known:
        return NOTHING
    if facts.namespace.state is NamespaceState.UNKNOWN or metadata.annotations == TOO_LARGE:
        # The host's own namespace could not be told from others; what is to be orphaned could not be told from the rest.
        return NOTHING
    if metadata.annotation_map().get(ORPHAN_ANNOTATION) == "true":
        # The copies become orphans when the object is gone, and are unlabelled as such: after a crash of ours as well.
        return Plan(finalizer=Finalizer.REMOVE)
    selects = _selection_or_nowhere(case)
    steps = tuple(_delete(case, cluster, selected=selects(cluster)) for cluster in facts.clusters)
    clean = all(step.clean for step in steps)
    return Plan(steps, finalizer=Finalizer.REMOVE if clean else Finalizer.KEEP)


def _selection_or_nowhere(case: _Case) -> _Selects:
    """The clusters that the object selects; if that cannot be told, those that hold a copy are found by the copy."""
    try:
        return _selection(case)
    except Misconfigured:
        return _nowhere


def _delete(case: _Case, cluster: ClusterFacts, *, selected: bool) -> Step:
    copy = cluster.copy
    nothing_left = Step(cluster.name, listed=False, recorded=False, clean=True)
    if copy is None and cluster.under_way is None and _may_be_ignored(cluster, selected):
        return nothing_left
    if copy is not None and foreign(copy, case.owner):
        return nothing_left
    if copy is not None and case.facts.namespace.terminating and _is_host_namespace(case, copy):
        return nothing_left
    return replace(_remove(case, cluster), cause=_cause_of_deletion(case))


def _cause_of_deletion(case: _Case) -> Cause | None:
    """A FederatedNamespace takes all copies in the namespace along; a host namespace all objects that lie in it."""
    namespace = case.facts.namespace
    return Cause(CauseKind.NAMESPACE, case.facts.key.namespace) if namespace.uid or namespace.terminating else None


def _may_be_ignored(cluster: ClusterFacts, selected: bool) -> bool:
    """No copy is known. That settles it where everything is known, and where nothing ever pointed at the cluster."""
    return (cluster.known and cluster.ready) or not (selected or cluster.owes)


# --- the object is wanted ---------------------------------------------------------------------------------------


def _wanted(case: _Case) -> Plan:
    facts = case.facts
    if SYNC_FINALIZER not in case.federated.metadata.finalizers:
        return Plan(finalizer=Finalizer.ADD)
    if not facts.host_known or facts.namespace.state is NamespaceState.UNKNOWN:
        return NOTHING
    try:
        selects = _selection(case)
    except Misconfigured as problem:
        return Plan(reason=PropagationReason.COMPUTE_PLACEMENT_FAILED, explanation=str(problem), reported=True)
    steps = tuple(
        step
        for cluster in facts.clusters
        if (step := _place(case, cluster) if selects(cluster) else _displace(case, cluster)) is not None
    )
    return Plan(steps, reason=_reason(facts, steps), reported=True)


def _selection(case: _Case) -> _Selects:
    """The object's own placement, within that of its namespace. Raises Misconfigured when it cannot be read."""
    placement, namespace = case.intent.placement.get(), case.facts.namespace
    if namespace.objection:
        raise Misconfigured(namespace.objection)
    if _stays_home(case.facts):
        return _nowhere
    if namespace.state is not NamespaceState.FEDERATED:
        return lambda cluster: placement.selects(cluster.name, cluster.labels)
    within = namespace.placement or NOWHERE
    return lambda cluster: all(each.selects(cluster.name, cluster.labels) for each in (placement, within))


def _nowhere(_: ClusterFacts) -> bool:
    return False


def _stays_home(facts: Facts) -> bool:
    """Whether nothing of this namespace is propagated, because the namespace is not."""
    return facts.namespace.state is NamespaceState.NOT_FEDERATED and facts.namespace_required


def _reason(facts: Facts, steps: tuple[Step, ...]) -> PropagationReason | None:
    if _stays_home(facts):
        return PropagationReason.NAMESPACE_NOT_FEDERATED
    return PropagationReason.CHECK_CLUSTERS if any(step.listed and step.status for step in steps) else None


def _place(case: _Case, cluster: ClusterFacts) -> Step:
    """A selected cluster: what it lacks is made, what differs is mended."""
    copy = cluster.copy
    if not cluster.ready:
        return _not_ready(cluster, case.now)
    if cluster.under_way is not None:
        return _on_its_way(cluster, cluster.under_way, case.now)
    if not cluster.known:
        return _unread(cluster)
    if copy is not None and foreign(copy, case.owner):
        return Step(
            cluster.name, status=PropagationStatus.ALREADY_EXISTS, explanation="the copy belongs to another federation"
        )
    if copy is not None and copy.terminating:
        return Step(cluster.name, status=PropagationStatus.WAITING_FOR_REMOVAL)
    return _keep_in_shape(case, cluster)


def _not_ready(cluster: ClusterFacts, now: float) -> Step:
    """Right after a start nobody has been asked yet: that is no news to write into every status."""
    awaited = cluster.judged_by if cluster.judged_by is not None and cluster.judged_by > now else None
    return Step(
        cluster.name, status=PropagationStatus.CLUSTER_NOT_READY, pending=awaited is not None, look_again_at=awaited
    )


def _unread(cluster: ClusterFacts) -> Step:
    """The member's copies have not been read: yet, or because that does not work."""
    return Step(
        cluster.name,
        status=PropagationStatus.CACHED_RETRIEVAL_FAILED,
        pending=not cluster.trouble,
        explanation=cluster.trouble,
    )


def _on_its_way(cluster: ClusterFacts, under_way: UnderWay, now: float) -> Step:
    """An operation is queued or running. One that takes long is told as KubeFed told it, and goes on."""
    patience_s = PATIENCE_S if under_way.running else QUEUE_PATIENCE_S
    if now - under_way.since < patience_s:
        return Step(cluster.name, pending=True, look_again_at=under_way.since + patience_s)
    status = _TIMED_OUT.get(under_way.verb, PropagationStatus.UPDATE_TIMED_OUT)
    explanation = f"no answer for {int(now - under_way.since)} s" if under_way.running else "waiting for its turn"
    return Step(cluster.name, status=status, explanation=explanation)


PATIENCE_S = 5.0
"""How long a status waits for an operation that runs, before it tells of a cluster that takes its time."""
QUEUE_PATIENCE_S = 30.0
"""The same for one that waits in its lane's queue; KubeFed gave all operations of an object this long."""

_TIMED_OUT = {
    "create": PropagationStatus.CREATION_TIMED_OUT,
    "update": PropagationStatus.UPDATE_TIMED_OUT,
    "delete": PropagationStatus.DELETION_TIMED_OUT,
    "unlabel": PropagationStatus.LABEL_REMOVAL_TIMED_OUT,
}


def _keep_in_shape(case: _Case, cluster: ClusterFacts) -> Step:
    try:
        action = _due(case, cluster)
    except PatchFailed as problem:
        return Step(cluster.name, status=PropagationStatus.APPLY_OVERRIDES_FAILED, explanation=str(problem))
    except Misconfigured as problem:
        return Step(cluster.name, status=_unusable_part(case.intent), explanation=str(problem))
    if action is Action.KEEP:
        return Step(cluster.name)
    return _unless_tried(cluster, Step(cluster.name, action), case.now)


def _due(case: _Case, cluster: ClusterFacts) -> Action:
    """KubeFed's rule: any write to the copy that was not ours, or any change of what is wanted, makes an update due.

    Raises Misconfigured when the copy cannot be rendered.
    """
    rendering, copy = case.intent.rendering(cluster), cluster.copy
    if copy is None:
        rendering.to_create(case.owner)
        return Action.CREATE
    if cluster.recorded == copy.version + rendering.mark and not (copy.generation and rendering.metadata_differs(copy)):
        return Action.KEEP
    if not case.intent.needs_live:
        rendering.body()
    return Action.UPDATE


def _unusable_part(intent: Intent) -> PropagationStatus:
    """Whether it is the template or the overrides that cannot be used."""
    try:
        intent.template.get()
    except Misconfigured:
        return PropagationStatus.COMPUTE_RESOURCE_FAILED
    return PropagationStatus.APPLY_OVERRIDES_FAILED


# --- removing ---------------------------------------------------------------------------------------------------


def _displace(case: _Case, cluster: ClusterFacts) -> Step | None:
    """A cluster that is not selected: what it holds of ours goes. None when it holds nothing."""
    copy = cluster.copy
    if copy is not None and foreign(copy, case.owner):
        return None
    if not cluster.ready or not cluster.known:
        # Out of reach: nothing is shown, as under KubeFed, but what it may hold is remembered and goes when it is back.
        return Step(cluster.name, listed=False) if copy is not None or cluster.owes else None
    if copy is None and cluster.under_way is None:
        return None
    return replace(_remove(case, cluster), cause=_cause_of_displacement(case, cluster))


def _cause_of_displacement(case: _Case, cluster: ClusterFacts) -> Cause | None:
    """Why a wanted object is not wanted in this cluster any more; None when that is its own placement's edit."""
    facts, own, namespace = case.facts, case.intent.placement.get(), case.facts.namespace
    by_labels, by_namespace = Cause(CauseKind.CLUSTER, cluster.name), Cause(CauseKind.NAMESPACE, facts.key.namespace)
    if namespace.uid:
        return by_labels if deselected_by_labels(own, case.federated) else by_namespace
    if _stays_home(facts):
        return by_namespace
    if not own.selects(cluster.name, cluster.labels):
        return by_labels if deselected_by_labels(own, case.federated) else None
    within = namespace.placement or NOWHERE
    return by_labels if deselected_by_labels(within, namespace.federated) else by_namespace


def _remove(case: _Case, cluster: ClusterFacts) -> Step:
    """Take our hold off one member, whatever the reason. The host's own namespace is only ever let go of."""
    copy = cluster.copy
    if not cluster.ready:
        return Step(cluster.name, status=PropagationStatus.CLUSTER_NOT_READY)
    if cluster.under_way is not None:
        return _on_its_way(cluster, cluster.under_way, case.now)
    if copy is None:
        return _unread(cluster)
    step = Step(cluster.name, status=PropagationStatus.WAITING_FOR_REMOVAL, recorded=False)
    if copy.terminating:
        return step
    action = Action.UNLABEL if _is_host_namespace(case, copy) else Action.DELETE
    return _unless_tried(cluster, replace(step, action=action), case.now)


def _is_host_namespace(case: _Case, copy: Metadata) -> bool:
    return bool(case.facts.namespace.uid) and copy.uid == case.facts.namespace.uid


def _unless_tried(cluster: ClusterFacts, step: Step, now: float) -> Step:
    """Leave alone for a while what failed, or was undone, a moment ago."""
    attempt = cluster.attempt
    if attempt is None or not _concerns(attempt, step.action):
        return step
    if attempt.not_before is not None and attempt.not_before <= now:
        return step
    status, explanation = PropagationStatus(attempt.status), attempt.explanation
    return replace(
        step,
        action=Action.KEEP,
        status=status,
        recorded=True,
        explanation=explanation,
        look_again_at=attempt.not_before,
    )


def _concerns(attempt: Attempt, action: Action) -> bool:
    """Trouble with writing a copy is no reason to keep it, nor a failed removal to neglect it.

    An object that was not ours to take over is no reason either, once it has become a copy of ours.
    """
    if attempt.status in _REFUSALS:
        return action is Action.CREATE
    return action.removes == (attempt.status in _FAILED_REMOVALS)


_REFUSALS = frozenset({PropagationStatus.ALREADY_EXISTS, PropagationStatus.MANAGED_LABEL_FALSE})
_FAILED_REMOVALS = frozenset(
    {
        PropagationStatus.DELETION_FAILED,
        PropagationStatus.DELETION_TIMED_OUT,
        PropagationStatus.LABEL_REMOVAL_FAILED,
        PropagationStatus.LABEL_REMOVAL_TIMED_OUT,
    }
)
