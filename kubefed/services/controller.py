"""The controller of services: gather -> decide -> act. Each service is decided about as a whole, for all clusters.

Deciding is synchronous and reads only what is watched. Writes and questions are operations in the members' lanes; what they
change comes back through the watches, and the service is decided about anew.
"""

import asyncio
from functools import partial

from kubefed.api.core_v1beta1 import Scope
from kubefed.clusters.loss import lost_for_s
from kubefed.clusters.member import Member, MemberState
from kubefed.core.errors import KubefedError, LeadershipLost, Misconfigured
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.lane import Operation
from kubefed.engine.loop import Again, CountOutcome, Done, Outcome, run
from kubefed.engine.priority import Priority
from kubefed.engine.queue import Queue
from kubefed.services.damping import Damper
from kubefed.services.decide import decide
from kubefed.services.executor import carry_out, is_gone
from kubefed.services.facts import ClusterFacts, Facts, Part
from kubefed.services.memory import UNSEEN_S, Memory, target_of
from kubefed.services.merged import MergedServices
from kubefed.services.places import Places
from kubefed.services.plan import Plan, Question, Verb, Write
from kubefed.services.properties import PropertyWriter
from kubefed.services.surroundings import Surroundings
from kubefed.services.watching import Watching

NAME = "services"
FROZEN_S = 5.0
"""How often to see whether what is frozen may go on. Sooner when its cluster is let go on by itself."""
_ASK_AGAIN_S = 2.0


class ServicesController:
    """All services of the clusterset. Implements engine.loop.Reconciler."""

    def __init__(self, around: Surroundings, leading: asyncio.Event, count: CountOutcome) -> None:
        settings = around.settings
        self.queue = Queue(around.clock, around.rng)
        self._around = around
        self._leading = leading
        self._count = count
        self._places = Places(around.registry, settings.host_server)
        self.catalogue = MergedServices(self._is_complete, self._places.all)
        self._watching = Watching(
            around.registry, settings.owner, settings.only_namespace, self.queue.add, self._cluster_changed
        )
        self._memory = Memory(around.clock, around.rng)
        self._properties = PropertyWriter(settings.owner, around.holds)
        self._gone: dict[ObjectKey, dict[ClusterName, frozenset[Part]]] = {}
        self._dampers: dict[ObjectKey, Damper] = {}

    async def run(self) -> None:
        """Serve until cancelled. A standby decides as well, so that its catalogue is warm; only a leader writes."""
        self._watching.begin()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(run(NAME, self, self.queue, self._count))
                await self._leading.wait()
                for member in list(self._around.registry.members.values()):
                    self._cluster_changed(member.name)
        finally:
            self._watching.end()
            self.queue.close()

    # --- one reconcile -----------------------------------------------------------------------------------------

    def reconcile(self, key: ObjectKey, priority: Priority) -> Outcome:
        """Decide about one service, and have done what that takes."""
        if not self._around.registry.known:
            return Again(_ASK_AGAIN_S)
        plan = decide(self._gather(key))
        self.catalogue.put(key, plan.service)
        if not self._watching.has_trace(key):
            self._forget(key)
        if not self._leading.is_set():
            return Done()
        look_again_s = self._act(key, plan, priority)
        return Again(look_again_s) if look_again_s is not None else Done()

    def _gather(self, key: ObjectKey) -> Facts:
        """What is known."""
        members = self._around.registry.members.values()
        return Facts(
            key=key,
            owner=self._around.settings.owner,
            now=self._around.clock.now(),
            clusters=tuple(self._cluster(member, key) for member in members),
            policy=self._around.settings.staleness,
        )

    def _cluster(self, member: Member, key: ObjectKey) -> ClusterFacts:
        watching = self._watching
        imported = watching.any_import(member, key)
        ours = imported is not None and watching.is_ours(imported)
        return ClusterFacts(
            name=member.name,
            writable=watching.may_be_written(member),
            has_namespace=watching.has_namespace(member, key.namespace),
            lost_s=self._lost_s(member),
            export=watching.export(member, key),
            service=watching.service(member, key),
            slices=watching.slices(member.name, key),
            known=watching.known(member),
            gone=self._confirmed(member, key),
            imported=imported if ours else None,
            derived=watching.derived(member, key),
            carried=watching.carried(member.name, key),
            theirs=imported is not None and not ours,
            rules=self._places.rules(member.name),
            troubles=self._memory.troubles(key, member.name),
        )

    def _confirmed(self, member: Member, key: ObjectKey) -> frozenset[Part]:
        """Which parts are known to be gone: what is seen again has to be asked about anew."""
        confirmed = self._gone.get(key, {}).get(member.name, frozenset())
        if not confirmed:
            return confirmed
        watching = self._watching
        seen = {
            Part.EXPORT: watching.export(member, key) is not None,
            Part.SERVICE: watching.service(member, key) is not None,
            Part.SLICES: bool(watching.slices(member.name, key)),
        }
        left = frozenset(part for part in confirmed if not seen[part])
        if left != confirmed:
            self._gone[key][member.name] = left
        return left

    def _lost_s(self, member: Member) -> float | None:
        """For how long a member has been out of reach, by its record; 0 while that cannot be told."""
        if member.ready:
            return None
        record = self._around.registry.record(member.name)
        if member.state is MemberState.JOINING or record is None:
            return 0.0
        try:
            lost_s = lost_for_s(record.status, self._around.clock.now())
        except Misconfigured:
            return 0.0
        return max(0.0, lost_s) if lost_s is not None and lost_s != float("inf") else 0.0

    # --- acting ------------------------------------------------------------------------------------------------

    def _act(self, key: ObjectKey, plan: Plan, priority: Priority) -> float | None:
        """Hand everything to the lanes; in how many seconds to look again at the latest."""
        waits = [plan.look_again_s, *(self._submit(key, write, priority) for write in plan.writes)]
        for question in plan.questions:
            self._ask(key, question, priority)
        return min((wait for wait in waits if wait is not None), default=None)

    def _submit(self, key: ObjectKey, write: Write, priority: Priority) -> float | None:
        """Have one object written, unless it has just been, or is, or is to be left alone for a while: for how long."""
        member, target = self._around.registry.members.get(write.cluster), target_of(write)
        if member is None or member.lane.under_way(target) is not None:
            return None
        if self._around.holds(member, removes=write.verb is Verb.DELETE):
            return FROZEN_S
        if self._memory.is_awaited(target, self._watching.stored(member, write.resource, write.key)):
            return UNSEEN_S
        pause_s = self._memory.pause_s(key, target)
        if not pause_s and write.repeats:
            pause_s = self._damper(key).wait_s(self._around.clock.monotonic())
        if pause_s:
            return pause_s
        run, ended = partial(self._write, member, write), partial(self._written, key, member, write)
        member.lane.submit(Operation(target, f"{write.verb} {write.resource.plural}", run, ended, priority, key.namespace))
        return None

    async def _write(self, member: Member, write: Write) -> None:
        if not self._around.holds(member, removes=write.verb is Verb.DELETE):
            self._memory.expect(write, await carry_out(member.client, write))

    def _written(self, key: ObjectKey, member: Member, write: Write, error: KubefedError | None) -> None:
        target = target_of(write)
        if error is None:
            self._memory.went_well(key, target)
            awaited = self._memory.is_awaited(target, self._watching.stored(member, write.resource, write.key))
            self.queue.add_after(key, UNSEEN_S if awaited else 0.0)
            return
        wait_s = self._memory.failed(key, target, error)
        if wait_s is not None:
            self.queue.add_after(key, wait_s)

    def _damper(self, key: ObjectKey) -> Damper:
        damper = self._dampers.get(key)
        if damper is None:
            damper = self._dampers[key] = Damper(self._around.settings.damping)
        return damper

    # --- asking ------------------------------------------------------------------------------------------------

    def _ask(self, key: ObjectKey, question: Question, priority: Priority) -> None:
        """Ask a server whether something is really gone, before anything is concluded from that."""
        member = self._around.registry.members.get(question.cluster)
        target = (NAME, question.part, key)
        if member is None or member.lane.under_way(target) is not None:
            return
        ask, ended = partial(self._find_out, member, key, question.part), partial(self._found_out, key)
        member.lane.submit(Operation(target, f"look for {question.part}", ask, ended, priority, key.namespace))

    async def _find_out(self, member: Member, key: ObjectKey, part: Part) -> None:
        if not await is_gone(member.client, key, part):
            self.queue.add_after(key, _ASK_AGAIN_S)
            return
        gone = self._gone.setdefault(key, {})
        gone[member.name] = gone.get(member.name, frozenset()) | {part}
        self.queue.add(key, Priority.EVENT)

    def _found_out(self, key: ObjectKey, error: KubefedError | None) -> None:
        if error is not None and not isinstance(error, LeadershipLost):
            self.queue.add_after(key, _ASK_AGAIN_S)

    # --- what makes services due -------------------------------------------------------------------------------

    def _cluster_changed(self, cluster: ClusterName) -> None:
        self._memory.reconsider(cluster)
        for gone in self._gone.values():
            gone.pop(cluster, None)
        for key in self._watching.subjects():
            self.queue.add(key, Priority.RESYNC)
        member = self._around.registry.members.get(cluster)
        if member is None:
            self._watching.forget(cluster)
        elif self._leading.is_set() and self._around.settings.scope is Scope.CLUSTER:
            self._properties.look_at(member)

    def _forget(self, key: ObjectKey) -> None:
        self._gone.pop(key, None)
        self._dampers.pop(key, None)
        self._memory.forget(key)

    def _is_complete(self) -> bool:
        """Whether every cluster that is expected to answer has been read, and everything read has been decided about."""
        registry, now = self._around.registry, self._around.clock.monotonic()
        if not registry.known or not self.queue.idle:
            return False
        for member in registry.members.values():
            judged_by = member.first_judged_by()
            if judged_by is not None and now < judged_by:
                return False
            if member.ready and not self._watching.is_read_or_troubled(member):
                return False
        return True
