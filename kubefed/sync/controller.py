"""The controller of one federated type: gather -> decide -> act -> report.

Deciding is synchronous and reads only local stores. Acting and reporting hand operations to lanes: one lane per member, one
for the host. When the last operation of a key has ended, or one has failed, the key is decided anew.
"""

import asyncio
from functools import partial

from kubefed.api.types_v1beta1 import PropagationReason, PropagationStatus
from kubefed.clusters.member import Member
from kubefed.core.errors import ApiError, KubefedError, LeadershipLost, Stale
from kubefed.core.markers import MANAGED, MANAGED_LABEL
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.lane import Operation
from kubefed.engine.loop import Again, CountOutcome, Done, Outcome, run
from kubefed.engine.pauses import Pauses
from kubefed.engine.priority import Priority
from kubefed.engine.queue import Queue
from kubefed.federated.federated_type import Collected, FederatedType
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Metadata, Object
from kubefed.sync.attempts import Attempts
from kubefed.sync.book import VersionBook
from kubefed.sync.causes import Cause, CauseKind
from kubefed.sync.collection import StatusesApart, collected, statuses_apart
from kubefed.sync.decide import decide, wish
from kubefed.sync.executor import Workshop
from kubefed.sync.facts import Facts
from kubefed.sync.finalizer import FinalizerKeeper
from kubefed.sync.freshness import Reading, read_again
from kubefed.sync.gather import Gatherer
from kubefed.sync.guard import Guard
from kubefed.sync.intent import Intent, IntentCache
from kubefed.sync.marks import mark_of
from kubefed.sync.narrator import Narrator
from kubefed.sync.operation import CopyOperation, Due, Failure, failure_of, refusal_of
from kubefed.sync.plan import Action, Finalizer, Plan
from kubefed.sync.removals import Removal
from kubefed.sync.reporter import Reporter
from kubefed.sync.status import report_of
from kubefed.sync.surroundings import Surroundings
from kubefed.sync.versions import Recorded, resource_for


class TypeController:
    """Keeps the copies of one federated type. Implements engine.loop.Reconciler and clusters.ports.Listener."""

    def __init__(self, kind: FederatedType, around: Surroundings, guard: Guard) -> None:
        settings = around.settings
        namespace = settings.only_namespace
        managed = f"{MANAGED_LABEL}={MANAGED}"
        collects = kind.statuses is not Collected.NOT
        selection = Selection(
            kind.target, namespace, label_selector=managed, metadata_only=not collects, with_status=collects
        )
        self.kind = kind
        self.shop = Workshop(kind, selection, settings.owner, settings.adopt)
        self.queue = Queue(around.clock, around.rng)
        self.federated: Store[Object] = Store(self._federated_changed)
        self.reflector = Reflector(
            around.host,
            Selection(kind.federated, namespace),
            around.host.projector.object,
            self.federated,
            on_state=lambda _: self._federated_known(),
            rng=around.rng,
        )
        self._around = around
        self._guard = guard
        self._book = VersionBook(kind, around.versions.store(resource_for(kind)))
        self._attempts = Attempts(around.rng)
        self._intents = IntentCache(kind, version_may_change=settings.version_may_change)
        self._gatherer = Gatherer(kind, selection, self.federated, self._book, self._attempts, around)
        self._narrator = Narrator(kind, around.events)
        self._finalizers = FinalizerKeeper(kind, self.federated, around, self._finalizer_written)
        self._reporter = Reporter(kind, self.federated, self._book, around, self._host_write_ended, self.queue.add_after)
        self._apart = StatusesApart(kind, kind.statuses_in, around, self._host_write_ended) if kind.statuses_in else None
        self._pauses = Pauses(around.rng)
        self._under_way: dict[ObjectKey, set[ClusterName]] = {}
        self._was_known = False
        self._changes = 0
        """How often a cluster or a namespace has changed: what was decided before may not hold after."""

    async def run(self, leading: asyncio.Event, count: CountOutcome) -> None:
        """Read the federated objects, and look after them while this process leads; until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.reflector.run())
                if self._apart is not None:
                    tasks.create_task(self._apart.run())
                await leading.wait()
                tasks.create_task(run(self.kind.federated.kind.lower(), self, self.queue, count))
        finally:
            self._changes += 1  # what is still queued in lanes looks again before it acts, and finds nothing followed
            self.queue.close()

    # --- one reconcile -----------------------------------------------------------------------------------------

    def reconcile(self, key: ObjectKey, priority: Priority) -> Outcome:
        """Decide what to do about one federated object, and have it done."""
        facts, intent = self._gather(key)
        plan = self._decide(facts, intent)
        self._warn(facts, intent, plan)
        self._act(facts, plan, priority)
        self._report(facts, intent, plan)
        return self._outcome(plan)

    def _gather(self, key: ObjectKey, *, but_for: ClusterName | None = None) -> tuple[Facts, Intent | None]:
        """What is known. `but_for`: leave out what is under way there, because it is what asks."""
        federated = self.federated.get(key)
        intent = self._intents.of(federated) if federated is not None else None
        return self._gatherer.gather(key, federated, intent, but_for=but_for), intent

    def _decide(self, facts: Facts, intent: Intent | None) -> Plan:
        plan = decide(facts, intent, owner=self.shop.owner, now=self._around.clock.monotonic())
        return self._guard.screen(self.kind, facts.key, plan) if plan.removes else plan

    # --- what the guard asks -----------------------------------------------------------------------------------

    def keys_under(self, cause: Cause) -> list[ObjectKey]:
        """The federated objects that this cause may take copies from."""
        if cause.kind is CauseKind.CLUSTER:
            return list(self.federated.known_keys())
        return list(self.federated.known_keys_in(cause.name)) if self.kind.federated.namespaced else []

    def removals_under(self, cause: Cause, key: ObjectKey) -> list[Removal]:
        """The copies of one object that this cause takes away, whether or not that may be done now."""
        facts, intent = self._gather(key)
        plan = wish(facts, intent, owner=self.shop.owner, now=self._around.clock.monotonic())
        copies = {cluster.name: cluster.copy for cluster in facts.clusters}
        return [
            Removal(step.cluster, self.kind.name, key, copy.uid, own=self.kind.of_namespaces)
            for step in plan.steps
            if step.cause == cause and step.action is Action.DELETE and (copy := copies[step.cluster]) is not None
        ]

    def copies_in(self, namespace: str, cluster: ClusterName) -> list[Removal]:
        """All copies in a member's namespace, which go when it goes."""
        member = self._around.registry.members.get(cluster)
        store = member.store_of(self.shop.selection) if member is not None else None
        if store is None or self.kind.of_namespaces or not self.kind.target.namespaced:
            return []
        found = [(key, store.get(key)) for key in store.known_keys_in(namespace)]
        return [Removal(cluster, self.kind.name, key, copy.uid) for key, copy in found if copy is not None]

    def copies_of(self, cluster: ClusterName) -> int:
        """How many copies of this type a member has."""
        member = self._around.registry.members.get(cluster)
        store = member.store_of(self.shop.selection) if member is not None else None
        return len(store) if store is not None else 0

    def _warn(self, facts: Facts, intent: Intent | None, plan: Plan) -> None:
        """Tell what of a person's wish is not followed, whatever becomes of the copies."""
        federated = facts.federated
        if federated is None or intent is None:
            return
        if self.kind.of_namespaces and federated.name != federated.namespace:
            self._narrator.ignores(federated)
        template = intent.template.or_else(None)
        if template is not None and template.dropped and any(step.action.writes for step in plan.steps):
            self._narrator.drops(federated, template.dropped)

    def _act(self, facts: Facts, plan: Plan, priority: Priority) -> None:
        if plan.finalizer is not Finalizer.KEEP and facts.federated is not None:
            self._finalizers.submit(facts.federated, plan.finalizer, priority)
        refresh = Reading(lambda: read_again(self.kind, facts.key, plan, self.federated, self._around), self._around.clock)
        for step in plan.steps:
            member = self._around.registry.members.get(step.cluster)
            if step.action is not Action.KEEP and member is not None:
                operation = CopyOperation(
                    self.shop, facts.key, step, priority, refresh, self._still_due, (facts.federated, self._changes)
                )
                self._under_way.setdefault(facts.key, set()).add(step.cluster)
                self._narrator.begins(facts.federated, facts.key, step.cluster, step.action)
                member.lane.submit(
                    Operation(
                        self._gatherer.target(facts.key),
                        step.action.name.lower(),
                        operation.run,
                        partial(self._ended, operation),
                        priority,
                        facts.key.namespace,
                    )
                )

    def _report(self, facts: Facts, intent: Intent | None, plan: Plan) -> None:
        if not plan.reported or not plan.settled or facts.federated is None or intent is None:
            return
        statuses = collected(facts) if self.kind.statuses is Collected.IN_STATUS else {}
        report = report_of(plan, facts.federated.metadata.generation, statuses)
        if self._apart is not None:
            self._apart.submit(facts.federated, statuses_apart(facts))
        told = self._reporter.submit(facts.federated, report, self._recorded(intent, plan))
        if told:
            self._narrator.concludes(facts.federated, plan)

    def _recorded(self, intent: Intent, plan: Plan) -> Recorded | None:
        """What to record: the versions of clusters that are selected, or out of reach.

        None when that cannot be told: a slip of the pen in a placement must not cost the records of all copies.
        """
        versions = intent.versions_or_none()
        if versions is None or plan.reason is PropagationReason.COMPUTE_PLACEMENT_FAILED:
            return None
        current = self._book.current(intent.key)
        known = current.carried_to(versions) if current is not None else {}
        kept = {step.cluster for step in plan.steps if step.recorded}
        return Recorded(versions, {cluster: version for cluster, version in known.items() if cluster in kept})

    def _outcome(self, plan: Plan) -> Outcome:
        appointments = [step.look_again_at for step in plan.steps if step.look_again_at is not None]
        waits_s = [max(0.0, due - self._around.clock.monotonic()) for due in appointments]
        return Again(min(waits_s)) if waits_s else Done()

    # --- operations --------------------------------------------------------------------------------------------

    def _still_due(self, operation: CopyOperation) -> Due | None:
        """Decide once more, now that the operation may run: only what comes out the same is done.

        A write whose object, cluster and namespace are as they were would come out the same.
        """
        cluster = operation.step.cluster
        member = self._around.registry.members.get(cluster)
        federated = self.federated.get(operation.key)
        unchanged = operation.decided_on[0] is federated and operation.decided_on[1] == self._changes
        if unchanged and member is not None and federated is not None and not operation.step.action.removes:
            namespace = self._around.namespaces.facts_for(self.kind, operation.key)
            return Due(member, self._intents.of(federated), None, namespace.uid, {})
        facts, intent = self._gather(operation.key, but_for=cluster)
        step = self._decide(facts, intent).step(cluster)
        if member is None or step is None or step.action is not operation.step.action:
            return None
        being_deleted = federated is not None and federated.metadata.terminating
        return Due(
            member=member,
            intent=intent,
            copy=next((facts.copy for facts in facts.clusters if facts.name == cluster), None),
            host_namespace_uid=facts.namespace.uid,
            delete_annotations=federated.metadata.annotation_map() if federated is not None and being_deleted else {},
        )

    def _ended(self, operation: CopyOperation, error: KubefedError | None) -> None:
        """An operation is over: remember what came of it, and decide anew when it was the last one, or failed."""
        key = operation.key
        left = self._no_longer_under_way(key, operation.step.cluster)
        if isinstance(error, LeadershipLost):
            return
        failure = self._failure(operation, error)
        if failure is not None:
            self._remember_failure(operation, failure)
        elif operation.written is not None:
            self._remember_success(operation, operation.written.version)
        if failure is not None or not left:
            self.queue.add(key, operation.priority)

    def _no_longer_under_way(self, key: ObjectKey, cluster: ClusterName) -> bool:
        """Whether operations on other copies of the object are."""
        clusters = self._under_way.get(key, set())
        clusters.discard(cluster)
        if not clusters:
            self._under_way.pop(key, None)
        return bool(clusters)

    @staticmethod
    def _failure(operation: CopyOperation, error: KubefedError | None) -> Failure | None:
        if error is not None:
            return failure_of(operation.step.action, error)
        if operation.written is not None and operation.written.status is not PropagationStatus.OK:
            return refusal_of(operation.step.cluster, operation.written.status)
        return None

    def _remember_failure(self, operation: CopyOperation, failure: Failure) -> None:
        key, step, now = operation.key, operation.step, self._around.clock.monotonic()
        self._attempts.failed(key, step.cluster, failure.status, failure.explanation, now, retry=failure.retry)
        self._narrator.failed(self.federated.get(key), key, step.cluster, step.action, failure.explanation)

    def _remember_success(self, operation: CopyOperation, version: str) -> None:
        key, cluster = operation.key, operation.step.cluster
        self._attempts.succeeded(key, cluster)
        versions = operation.intent.versions_or_none() if operation.intent is not None else None
        if versions is None or not version or self.federated.get(key) is None:
            return
        current = self._book.current(key)
        was = current.valid_for(versions).get(cluster, "") if current is not None else ""
        if was and mark_of(was) == mark_of(version):
            # It had been written as it is wanted, so somebody changed or removed it.
            self._attempts.repaired(key, cluster, self._around.clock.monotonic())
        self._book.note(key, versions, cluster, version)

    def _finalizer_written(self, key: ObjectKey, error: KubefedError | None) -> None:
        federated = self.federated.get(key)
        if federated is not None and isinstance(error, ApiError) and not isinstance(error, Stale):
            self._narrator.finalizer_failed(federated, error.explanation())
        self._host_write_ended(key, error)

    def _host_write_ended(self, key: ObjectKey, error: KubefedError | None) -> None:
        """The host was told something. What it did not take is decided anew, after a pause that grows."""
        if error is None:
            self._pauses.over(key)
        elif not isinstance(error, LeadershipLost):
            self.queue.add_after(key, self._pauses.next_s(key))

    # --- what makes a key due ----------------------------------------------------------------------------------

    @property
    def frozen(self) -> str:
        """Why no copy of this type may be written at the moment; empty when they may."""
        return self._gatherer.frozen

    def freeze(self, reason: str) -> None:
        """No copy of this type may be written from now on, or all may when `reason` is empty."""
        if reason != self._gatherer.frozen:
            self._gatherer.frozen = reason
            self.freeze_changed()

    def freeze_changed(self) -> None:
        """What must not be written has changed: look at all objects, and at copies that have none."""
        self._changes += 1
        self.resync()
        for member in self._around.registry.members.values():
            self._look_at_copies(member)

    def resync(self) -> None:
        """Look at everything again, behind whatever else there is to do."""
        for key in self.federated.known_keys():
            self.queue.add(key, Priority.RESYNC)

    def namespace_changed(self, namespace: str) -> None:
        """Placement of everything in a namespace may have changed."""
        self._changes += 1
        for key in self.federated.known_keys_in(namespace):
            self._attempts.reconsider(key)
            self.queue.add(key, Priority.EVENT)

    def cluster_changed(self, cluster: ClusterName) -> None:
        """A member came or went, is ready or not, known or not: see clusters.ports.Listener."""
        self._changes += 1
        self._attempts.reconsider_cluster(cluster)
        self.resync()
        member = self._around.registry.members.get(cluster)
        if member is None:
            self._forget_cluster(cluster)
        else:
            self._look_at_copies(member)

    def _look_at_copies(self, member: Member) -> None:
        store = member.store_of(self.shop.selection)
        for key in store.known_keys() if store is not None else ():
            self._look_at_copy(key, Priority.RESYNC)

    def _forget_cluster(self, cluster: ClusterName) -> None:
        """The member left the federation, and its lane with all that was under way there."""
        self._attempts.forget_cluster(cluster)
        for key in list(self._under_way):
            self._no_longer_under_way(key, cluster)

    def copy_changed(self, cluster: ClusterName, key: ObjectKey, old: Metadata | None, _new: Metadata | None) -> None:
        """A member's copy changed: see clusters.ports.Listener. What is still being read is looked at when it all is."""
        member = self._around.registry.members.get(cluster)
        if member is None or not member.knows(self.shop.selection):
            return
        self._look_at_copy(key, Priority.EVENT)
        if self.kind.of_namespaces and old is None:
            # A namespace appeared in a member: objects that failed for want of it need not wait out their backoff.
            self._around.namespaces.federated_changed(ObjectKey(key.name, key.name))

    def _look_at_copy(self, key: ObjectKey, priority: Priority) -> None:
        """Copies of a FederatedNamespace have no namespace; their federated object lies in the one they are."""
        self.queue.add(ObjectKey(key.name, key.name) if self.kind.of_namespaces else key, priority)

    def _federated_changed(self, key: ObjectKey, old: Object | None, new: Object | None) -> None:
        if new is None:
            self._book.forget(key)
            self._pauses.over(key)
        if old is None or new is None or _edited(old, new):
            self._attempts.reconsider(key)
        self.queue.add(key, Priority.EDIT if self.federated.complete else Priority.RESYNC)
        if self.kind.of_namespaces:
            self._around.namespaces.federated_changed(key)

    def _federated_known(self) -> None:
        """The first whole list is in: now absence means something, and copies without an object can be told."""
        if self.federated.complete and not self._was_known:
            for cluster in self._around.registry.members:
                self.cluster_changed(cluster)
            if self.kind.of_namespaces:
                self._around.namespaces.became_known()
        self._was_known = self.federated.complete


def _edited(old: Object, new: Object) -> bool:
    """Whether somebody changed what the object asks for, rather than its status or our finalizer."""
    return (old.metadata.generation, old.metadata.annotations, old.metadata.deletion_timestamp) != (
        new.metadata.generation,
        new.metadata.annotations,
        new.metadata.deletion_timestamp,
    )
