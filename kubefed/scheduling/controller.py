"""The controller of ReplicaSchedulingPreferences: gather -> decide -> act -> report.

Deciding is synchronous and reads only what is remembered. Reading members and writing the federated object are operations
in lanes; their end has the key decided anew.
"""

import asyncio
from collections.abc import Iterable
from functools import partial

import orjson

from kubefed.clusters.member import Member
from kubefed.core.errors import ApiError, KubefedError, LeadershipLost, Misconfigured, NotFound, Stale
from kubefed.core.names import ObjectKey
from kubefed.engine.lane import Operation
from kubefed.engine.loop import Again, CountOutcome, Done, Outcome, keep_running, run
from kubefed.engine.pauses import Pauses
from kubefed.engine.priority import Priority
from kubefed.engine.queue import Queue
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Object
from kubefed.scheduling.decide import Decision, Keep, Read, Wait, Write, decide
from kubefed.scheduling.facts import ClusterFacts, Facts, Standing
from kubefed.scheduling.observer import Seen
from kubefed.scheduling.planner import Replicas
from kubefed.scheduling.preference import PREFERENCES, Preference, read_preference
from kubefed.scheduling.standing import standing_of
from kubefed.scheduling.surroundings import Surroundings
from kubefed.scheduling.target import Target
from kubefed.scheduling.types import SchedulableTypes
from kubefed.scheduling.voice import Voice

NAME = "replicaschedulingpreference"
_ABSENT = Seen(Replicas())


class SchedulingController:
    """All preferences. Implements engine.loop.Reconciler."""

    def __init__(self, around: Surroundings, leading: asyncio.Event, count: CountOutcome) -> None:
        self.queue = Queue(around.clock, around.rng)
        self._around = around
        self._leading = leading
        self._count = count
        self._preferences: Store[Object] = Store(self._preference_changed)
        self._named: dict[ObjectKey, str] = {}
        """The kind that each preference names."""
        self._types = SchedulableTypes(around, self._types_changed)
        self._targets: dict[str, tuple[Target, asyncio.Task[None]]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._voice = Voice(around.events)
        self._pauses = Pauses(around.rng)
        self._reflector = Reflector(
            around.host,
            Selection(PREFERENCES, around.settings.only_namespace),
            around.host.projector.object,
            self._preferences,
            on_state=lambda _: self._match_targets(),
            rng=around.rng,
        )

    @property
    def synced(self) -> bool:
        """Whether preferences, types and the objects of those that are named have been read once.

        Not before a host that serves no preferences has been found out: nothing waits for those.
        """
        if isinstance(self._reflector.trouble, NotFound):
            return True
        read = self._preferences.complete and self._types.known
        return read and all(target.federated.complete for target, _ in self._targets.values())

    async def run(self) -> None:
        """Serve until cancelled. Everything is watched at once, so that a standby is warm; only a leader decides."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                tasks.create_task(keep_running("scheduling preferences", self._reflector.run))
                tasks.create_task(keep_running("schedulable types", self._types.reflector.run))
                await self._leading.wait()
                tasks.create_task(run(NAME, self, self.queue, self._count))
        finally:
            self._tasks = None
            self._targets.clear()
            self.queue.close()

    # --- one reconcile -----------------------------------------------------------------------------------------

    def reconcile(self, key: ObjectKey, priority: Priority) -> Outcome:
        """Decide about one preference, and have done what that takes."""
        stored = self._preferences.get(key)
        if stored is None or stored.metadata.terminating:
            return Done()  # what it has written stays
        try:
            facts = self._gather(read_preference(stored))
        except Misconfigured as problem:
            self._voice.complains(stored, str(problem))
            return Done()
        decision = decide(facts)
        self._act(facts, decision, priority)
        return self._report(stored, decision)

    def _gather(self, preference: Preference) -> Facts:
        """What is known."""
        key, kind = preference.key, self._types.get(preference.target_kind)
        target, _ = self._targets.get(preference.target_kind, (None, None))
        usable = target if target is not None and target.kind == kind else None
        return Facts(
            preference=preference,
            kind=kind,
            federated=usable.federated.get(key) if usable is not None else None,
            federated_known=usable is not None and usable.federated.complete,
            types_known=self._types.known,
            clusters_known=self._around.registry.known,
            namespace=self._around.limit_of_namespace(key.namespace),
            clusters=tuple(self._cluster(member, usable, key) for member in self._around.registry.members.values()),
        )

    def _cluster(self, member: Member, target: Target | None, key: ObjectKey) -> ClusterFacts:
        around = self._around
        record = around.registry.record(member.name)
        standing, given_up_in_s = standing_of(
            member.state,
            record.status if record is not None else b"",
            around.clock.now(),
            around.settings.unavailable_delay_s,
        )
        ready = standing is Standing.READY and target is not None
        seen = _seen(member, target, key) if ready and target is not None else None
        return ClusterFacts(
            name=member.name,
            labels=member.labels,
            standing=standing,
            given_up_in_s=given_up_in_s,
            replicas=seen.replicas if seen is not None else None,
            trouble=seen.trouble if seen is not None else "",
            look_again_s=seen.look_again_s if seen is not None else None,
        )

    def _act(self, facts: Facts, decision: Decision, priority: Priority) -> None:
        key = facts.preference.key
        target, _ = self._targets.get(facts.preference.target_kind, (None, None))
        if target is None:
            return
        if isinstance(decision, Read):
            for name in decision.clusters:
                member = self._around.registry.members[name]
                copy = member.copy_of(target.selection, key)
                if copy is not None and member.knows(target.selection):
                    target.observer.read(member, copy, priority)
        elif isinstance(decision, Write) and facts.federated is not None:
            self._submit(target, facts.federated, decision, priority)

    def _report(self, stored: Object, decision: Decision) -> Outcome:
        match decision:
            case Keep(objection, look_again_s):
                self._voice.complains(stored, objection)
                return Again(look_again_s) if look_again_s is not None else Done()
            case Wait(explanation, look_again_s):
                if explanation:
                    self._voice.complains(stored, explanation)
                return Again(look_again_s) if look_again_s is not None else Done()
        return Done()

    # --- writing -----------------------------------------------------------------------------------------------

    def _submit(self, target: Target, federated: Object, decision: Write, priority: Priority) -> None:
        """Have the division written, unless a write is on the wire: its end has the key decided anew."""
        lane, about = self._around.host_lane, ("division", target.name, federated.key)
        under_way = lane.under_way(about)
        if under_way is None or not under_way.running:
            lane.submit(
                Operation(
                    about,
                    "divide replicas",
                    partial(self._write, target, federated, decision),
                    partial(self._written, federated.key),
                    priority,
                    federated.namespace,
                )
            )

    async def _write(self, target: Target, federated: Object, decision: Write) -> None:
        """One write, which the server takes only if the object is still the one that was decided about."""
        key = federated.key
        preference = self._preferences.get(key)
        if preference is None or preference.metadata.terminating or target.federated.get(key) is not federated:
            return
        patch = decision.rewriting.patch(federated.resource_version)
        try:
            metadata = await self._around.host.patch(target.kind.federated, key, orjson.dumps(patch))
        except NotFound as answer:
            if answer.reason == "NotFound":  # nobody is left to be told
                return
            raise
        spec = orjson.dumps(decision.rewriting.applied_to(decision.spec))
        target.federated.apply(Object(metadata, spec, federated.status))
        self._voice.tells(preference, decision.division)

    def _written(self, key: ObjectKey, error: KubefedError | None) -> None:
        if error is None:
            self._pauses.over(key)
            self.queue.add(key, Priority.EVENT)
        elif not isinstance(error, LeadershipLost):
            self.queue.add_after(key, self._pauses.next_s(key))
            stored = self._preferences.get(key)
            if stored is not None and isinstance(error, ApiError) and not isinstance(error, Stale):
                self._voice.complains(stored, f"the federated object cannot be written: {error.explanation()}")

    # --- what makes a key due ----------------------------------------------------------------------------------

    def namespace_changed(self, namespace: str) -> None:
        """Where the objects of a namespace may go may have changed."""
        self._look_at(self._preferences.known_keys_in(namespace), Priority.EVENT)

    def _due(self, kind: str, key: ObjectKey, priority: Priority, after_s: float = 0.0) -> None:
        if self._named.get(key) != kind:
            return
        if after_s:
            self.queue.add_after(key, after_s, priority)
        else:
            self.queue.add(key, priority)

    def _all_due(self, kind: str) -> None:
        self._look_at([key for key, named in self._named.items() if named == kind], Priority.RESYNC)

    def _look_at(self, keys: Iterable[ObjectKey], priority: Priority) -> None:
        for key in keys:
            self.queue.add(key, priority)

    def _preference_changed(self, key: ObjectKey, _old: Object | None, new: Object | None) -> None:
        before = self._named.pop(key, None)
        if new is None:
            self._voice.forget(key)
            self._pauses.over(key)
        else:
            self._named[key] = _target_kind(new)
        if before != self._named.get(key):
            self._forget_observations(key)
            self._match_targets()
        self.queue.add(key, Priority.EDIT if self._preferences.complete else Priority.RESYNC)

    def _forget_observations(self, key: ObjectKey) -> None:
        for target, _ in self._targets.values():
            target.observer.forget(key)

    def _types_changed(self) -> None:
        self._match_targets()
        self._look_at(self._preferences.known_keys(), Priority.RESYNC)

    # --- what is watched ---------------------------------------------------------------------------------------

    def _match_targets(self) -> None:
        """Watch the types that preferences name, and no others."""
        if self._tasks is None or not (self._preferences.complete and self._types.known):
            return
        named = {kind: self._types.get(kind) for kind in set(self._named.values())}
        for name, (target, task) in list(self._targets.items()):
            if named.get(name) != target.kind:
                del self._targets[name]
                task.cancel()
        for name, kind in named.items():
            if kind is not None and name not in self._targets:
                target = Target(kind, self._around, self._due, self._all_due)
                task = self._tasks.create_task(keep_running(f"replicas of {kind.name}", target.run))
                self._targets[name] = (target, task)


def _seen(member: Member, target: Target, key: ObjectKey) -> Seen | None:
    """What is known of a copy. One that the member does not hold, as a whole list said, runs nothing."""
    collection = member.collections.get(target.selection)
    if collection is None or not collection.known:
        trouble = collection.trouble if collection is not None else ""
        return Seen(trouble=trouble) if trouble else None
    copy = collection.store.get(key)
    return target.observer.seen(member.name, copy) if copy is not None else _ABSENT


def _target_kind(stored: Object) -> str:
    """The kind that a preference names; empty when it cannot be read."""
    try:
        return read_preference(stored).target_kind
    except Misconfigured:
        return ""
