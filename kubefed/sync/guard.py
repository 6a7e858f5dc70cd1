"""Counts what one shared cause would remove before the first copy goes, and waits for a person where that is too much.

What is counted comes from complete stores. Until it has been, nothing goes; afterwards the verdict holds for as long as the
cause is what it was, and for the clusters that could be counted.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import orjson

from kubefed.api.core_v1beta1 import GuardMode, KubeFedCluster
from kubefed.clusters.member import Member
from kubefed.clusters.survey import NAMESPACES
from kubefed.core.errors import KubefedError
from kubefed.core.markers import APPROVED_PLAN_ANNOTATION, REMOVAL_PLAN_ANNOTATION
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.engine.lane import Operation
from kubefed.engine.priority import Priority
from kubefed.engine.queue import Queue
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.store import Store
from kubefed.kube.wire import TOO_LARGE, Metadata, Object
from kubefed.observe.events import WARNING, Subject
from kubefed.sync.causes import Cause, CauseKind
from kubefed.sync.plan import Action, Plan, Step
from kubefed.sync.removals import Removal, excess, plan_id
from kubefed.sync.surroundings import Surroundings

_LOG = logging.getLogger(__name__)
_LOOK_S = 1.0
"""How soon an approval, or a cause that is not any more what it was, is noticed."""
_AT_ONCE = 50
"""So many objects are looked at before others get their turn."""
_MOST_GRANTED = 1_000
"""So many verdicts that hold nothing are remembered; a forgotten one is only counted again."""
_COUNTING = "what else would be removed with it is being counted"


class Counted(Protocol):
    """The controller of a type, as far as the guard needs it."""

    kind: FederatedType
    federated: Store[Object]
    queue: Queue

    def keys_under(self, cause: Cause) -> list[ObjectKey]:
        """The federated objects that a cause may take copies from."""

    def removals_under(self, cause: Cause, key: ObjectKey) -> list[Removal]:
        """The copies of one object that a cause takes away."""

    def copies_in(self, namespace: str, cluster: ClusterName) -> list[Removal]:
        """All copies in a member's namespace."""

    def copies_of(self, cluster: ClusterName) -> int:
        """How many copies a member has."""


@dataclass(frozen=True, slots=True)
class Held:
    """What waits for approval. `plan` names it, `why` says it in words; `objects` and `copies` are how much it is."""

    plan: str
    why: str
    objects: int
    copies: int
    clusters: tuple[ClusterName, ...]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """For a cause as it was, in the clusters that could be counted, with how many types' copies were known there.

    `approved` is the plan that a person agreed to.
    """

    identity: tuple[object, ...]
    clusters: Mapping[ClusterName, int]
    held: Held | None = None
    approved: Held | None = None


@dataclass(frozen=True, slots=True)
class _Carrier:
    """The object that a cause is, and whether a plan may be written on it."""

    resource: ResourceType
    metadata: Metadata
    writable: bool

    def annotation(self, name: str) -> str:
        return "" if self.metadata.annotations == TOO_LARGE else self.metadata.annotation_map().get(name, "")


class Guard:
    """All shared causes of one federation."""

    def __init__(self, around: Surroundings, controllers: Callable[[], Iterable[Counted]]) -> None:
        self._around = around
        self._settings = around.settings.guard
        self._controllers = controllers
        self._verdicts: dict[Cause, _Verdict] = {}
        self._due: dict[Cause, set[tuple[str, ObjectKey]]] = {}
        """What is to be counted, with the types and keys that wait for it."""
        self._wake = asyncio.Event()

    def held(self) -> Mapping[Cause, Held]:
        """Everything that waits for approval."""
        return {cause: verdict.held for cause, verdict in self._verdicts.items() if verdict.held is not None}

    def screen(self, kind: FederatedType, key: ObjectKey, plan: Plan) -> Plan:
        """The plan of one object without the removals that may not be made now."""
        if self._settings.mode is GuardMode.OFF:
            return plan
        return replace(plan, steps=tuple(self._screened(kind, key, step) for step in plan.steps))

    def _screened(self, kind: FederatedType, key: ObjectKey, step: Step) -> Step:
        if step.cause is None or step.action is not Action.DELETE:
            return step
        verdict = self._verdicts.get(step.cause)
        if verdict is None or not self._holds_for(verdict, step.cause, step.cluster):
            self._due.setdefault(step.cause, set()).add((kind.name, key))
            self._wake.set()
            return replace(step, action=Action.KEEP, recorded=True, pending=True, explanation=_COUNTING)
        if verdict.held is None:
            return step
        return replace(step, action=Action.KEEP, recorded=True, explanation=_told(step.cause, verdict.held))

    def _holds_for(self, verdict: _Verdict, cause: Cause, cluster: ClusterName) -> bool:
        member = self._around.registry.members.get(cluster)
        counted = verdict.clusters.get(cluster)
        return verdict.identity == self._identity(cause) and member is not None and counted == _types_known(member)

    async def run(self) -> None:
        """Count what is to be counted, and see to what is held, until cancelled."""
        while True:
            try:
                await asyncio.wait_for(self._wake.wait(), _LOOK_S)
            except TimeoutError:
                self._look_again()
            self._wake.clear()
            for cause in list(self._due):
                if self._all_read():
                    waiting = self._due.pop(cause)
                    await self._count(cause)
                    self._look_at(waiting)

    def _all_read(self) -> bool:
        return self._around.registry.known and all(each.federated.complete for each in self._controllers())

    def _look_again(self) -> None:
        """Verdicts that hold something, or let an approved plan go on, are made anew when anything about them changed."""
        for cause, verdict in self._verdicts.items():
            changed = verdict.identity != self._identity(cause) or verdict.clusters != self._countable()
            approved = verdict.held is not None and self._is_approved(cause, verdict.held)
            if verdict.approved is not None or ((changed or approved) and verdict.held is not None):
                self._due.setdefault(cause, set())
        if self._due:
            self._wake.set()

    # --- counting ----------------------------------------------------------------------------------------------

    async def _count(self, cause: Cause) -> None:
        """Find out what a cause removes, and judge it."""
        before, identity, clusters = self._verdicts.get(cause), self._identity(cause), self._countable()
        removals = await self._removals(cause)
        verdict = self._judge(cause, identity, clusters, removals, before)
        self._verdicts[cause] = verdict
        waiting = {(each.kind, each.key) for each in removals}
        if before is not None and (before.held, before.approved) == (verdict.held, verdict.approved):
            return
        self._tell(cause, verdict, before)
        self._look_at(waiting)
        self._forget_some()

    async def _removals(self, cause: Cause) -> list[Removal]:
        found: dict[tuple[ClusterName, str, str], Removal] = {}
        for controller in list(self._controllers()):
            for number, key in enumerate(controller.keys_under(cause)):
                if number % _AT_ONCE == 0:
                    await asyncio.sleep(0)
                found.update({(each.cluster, each.kind, each.uid): each for each in controller.removals_under(cause, key)})
        for cluster in {each.cluster for each in found.values() if each.own and cause.kind is CauseKind.NAMESPACE}:
            for controller in list(self._controllers()):
                inside = controller.copies_in(cause.name, cluster)
                found.update({(each.cluster, each.kind, each.uid): each for each in inside})
        return sorted(found.values())

    def _judge(
        self,
        cause: Cause,
        identity: tuple[object, ...],
        clusters: Mapping[ClusterName, int],
        removals: Collection[Removal],
        before: _Verdict | None,
    ) -> _Verdict:
        approved = before.approved if before is not None and before.identity == identity else None
        if not removals:
            return _Verdict(identity, clusters)
        copies = {name: sum(each.copies_of(name) for each in self._controllers()) for name in clusters}
        why = excess(removals, copies, self._settings.limits)
        if not why:
            return _Verdict(identity, clusters)
        held = _held(plan_id(identity, removals), why, removals)
        if approved is None and self._is_approved(cause, held):
            approved = held
        approved = approved or self._begun(cause, held)
        if approved is not None and len(removals) <= approved.copies:
            return _Verdict(identity, clusters, approved=approved)
        if self._only_warns(cause):
            self._warn(cause, held)
            return _Verdict(identity, clusters)
        return _Verdict(identity, clusters, held=held)

    def _only_warns(self, cause: Cause) -> bool:
        return self._settings.mode is GuardMode.WARN or (
            self._settings.warns_about_namespaces and cause.kind is CauseKind.NAMESPACE
        )

    def _countable(self) -> Mapping[ClusterName, int]:
        """The clusters whose copies are known, as far as they can be, and of how many types."""
        members = self._around.registry.members
        return {name: _types_known(each) for name, each in members.items() if each.ready and not each.settling}

    def _look_at(self, waiting: Collection[tuple[str, ObjectKey]]) -> None:
        queues = {each.kind.name: each.queue for each in self._controllers()}
        for kind, key in waiting:
            if kind in queues:
                queues[kind].add(key, Priority.EVENT)

    def _forget_some(self) -> None:
        granted = [cause for cause, verdict in self._verdicts.items() if verdict.held is verdict.approved is None]
        for cause in granted[: len(granted) - _MOST_GRANTED]:
            del self._verdicts[cause]

    # --- what a cause is, and what is written on it ------------------------------------------------------------

    def _identity(self, cause: Cause) -> tuple[object, ...]:
        """What the cause is like now: a verdict about something else says nothing."""
        if cause.kind is CauseKind.CLUSTER:
            record = self._around.registry.record(ClusterName(cause.name))
            return (record.metadata.uid, record.metadata.labels) if record is not None else ()
        namespaces = self._around.namespaces
        host, federated = namespaces.on_host(cause.name), self._federated_namespace(cause.name)
        identity: tuple[object, ...] = (host.uid, host.terminating) if host is not None else ("", False)
        if federated is not None:
            identity += (federated.uid, federated.generation, federated.terminating)
        return identity

    def _federated_namespace(self, name: str) -> Metadata | None:
        store = self._around.namespaces.federated
        found = store.get(ObjectKey(name, name)) if store is not None else None
        return found.metadata if found is not None else None

    def _carrier(self, cause: Cause) -> _Carrier | None:
        if cause.kind is CauseKind.CLUSTER:
            record = self._around.registry.record(ClusterName(cause.name))
            return _Carrier(KubeFedCluster.resource_type, record.metadata, True) if record is not None else None
        federated = self._federated_namespace(cause.name)
        if federated is not None:
            return _Carrier(self._around.namespaces.resource, federated, True)
        host = self._around.namespaces.on_host(cause.name)
        return _Carrier(NAMESPACES, host, False) if host is not None else None

    def _is_approved(self, cause: Cause, held: Held) -> bool:
        carrier = self._carrier(cause)
        return carrier is not None and carrier.annotation(APPROVED_PLAN_ANNOTATION) == held.plan

    def _begun(self, cause: Cause, now: Held) -> Held | None:
        """The approved plan that an earlier process had begun, of which what is left now is a part."""
        carrier = self._carrier(cause)
        if carrier is None:
            return None
        plan = carrier.annotation(APPROVED_PLAN_ANNOTATION)
        written = _read(carrier.annotation(REMOVAL_PLAN_ANNOTATION))
        if not plan or written.get("plan") != plan or plan.partition("-")[0] != now.plan.partition("-")[0]:
            return None
        copies = written.get("copies")
        return replace(now, plan=plan, copies=copies) if isinstance(copies, int) else None

    def _tell(self, cause: Cause, verdict: _Verdict, before: _Verdict | None) -> None:
        """Write what waits on the cause, and say it; or that nothing waits any more."""
        carrier = self._carrier(cause)
        if verdict.held is not None:
            self._warn(cause, verdict.held)
            if carrier is not None and carrier.writable:
                self._annotate(cause, carrier, {REMOVAL_PLAN_ANNOTATION: _written(verdict.held)})
        elif verdict.approved is not None:
            _LOG.warning("%s: plan %s is approved: %d copies go", cause, verdict.approved.plan, verdict.approved.copies)
        elif carrier is not None and carrier.writable and carrier.annotation(REMOVAL_PLAN_ANNOTATION):
            self._annotate(cause, carrier, {REMOVAL_PLAN_ANNOTATION: None, APPROVED_PLAN_ANNOTATION: None})
        if before is not None and before.held is not None and verdict.held is None:
            _LOG.info("%s: nothing waits for approval any more", cause)

    def _warn(self, cause: Cause, held: Held) -> None:
        text = _told(cause, held)
        _LOG.warning("%s", text, extra={"cause": str(cause)})
        carrier = self._carrier(cause)
        if carrier is not None:
            subject = Subject(carrier.resource, carrier.metadata.key, carrier.metadata.uid)
            self._around.events.emit(subject, WARNING, "ApprovalRequired", text, "deletion-guard-controller")

    def _annotate(self, cause: Cause, carrier: _Carrier, annotations: Mapping[str, str | None]) -> None:
        patch = orjson.dumps({"metadata": {"annotations": dict(annotations)}})

        async def write() -> None:
            await self._around.host.patch(carrier.resource, carrier.metadata.key, patch)

        def ended(error: KubefedError | None) -> None:
            if error is not None:
                _LOG.warning("%s: what waits for approval could not be written on it: %s", cause, error)

        self._around.host_lane.submit(Operation(("removal-plan", cause), "note removals", write, ended, Priority.EVENT))


def _types_known(member: Member) -> int:
    return sum(collection.known for collection in member.collections.values())


def _held(plan: str, why: str, removals: Collection[Removal]) -> Held:
    objects = {(each.kind, each.key) for each in removals if not each.own}
    clusters = tuple(sorted({each.cluster for each in removals}))
    return Held(plan, why, len(objects), len(removals), clusters)


def _told(cause: Cause, held: Held) -> str:
    return (
        f"ApprovalRequired: {cause} would remove {held.copies} copies of {held.objects} objects from "
        f"{len(held.clusters)} clusters ({held.why}): fedctl approve {cause} --plan {held.plan}"
    )


def _written(held: Held) -> str:
    content = {
        "plan": held.plan,
        "objects": held.objects,
        "copies": held.copies,
        "clusters": held.clusters[:20],
        "why": held.why,
    }
    return orjson.dumps(content).decode()


def _read(text: str) -> Mapping[str, Any]:
    try:
        content = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
