"""All members, by their KubeFedCluster records. Features follow resource types here and hear what changes.

The registry never waits for a member. A record that goes takes its keeper with it; what the member holds is not touched.
"""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial

from kubefed.clusters.keeper import Keeper
from kubefed.clusters.member import Collection, Member, Read
from kubefed.clusters.ports import Listener
from kubefed.clusters.record import KUBEFED_CLUSTERS, ClusterRecord, read_record
from kubefed.clusters.surroundings import Surroundings
from kubefed.core.errors import Misconfigured, NotFound
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.loop import keep_running
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Metadata, Object

_LOG = logging.getLogger(__name__)

_SAID_TWICE = 2
_EMPTY_AT_FIRST_S, _EMPTY_AGAIN_S = 2.0, 30.0
"""How long after an empty list to ask once more, and how often for as long as there are no clusters."""


class Registry:
    """The members of the federation."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._keepers: dict[ClusterName, Keeper] = {}
        self._members: Mapping[ClusterName, Member] = {}
        self._running: dict[ClusterName, asyncio.Task[None]] = {}
        self._listeners: dict[Selection, list[Listener]] = {}
        self._readings: dict[Selection, Read] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._records: Store[Object] = Store(self._record_changed)
        self._reflector = Reflector(
            around.host,
            Selection(KUBEFED_CLUSTERS, around.settings.namespace),
            around.host.projector.object,
            self._records,
            on_state=self._records_known,
            rng=around.rng,
        )
        self._known = False

    @property
    def known(self) -> bool:
        """Whether all records have been read: before that, a cluster that is missing here may well exist.

        That there is none at all has to be said twice: a list that is empty by mistake would release what is being deleted.
        """
        return self._records.complete and (len(self._records) > 0 or self._reflector.empty_lists >= _SAID_TWICE)

    @property
    def members(self) -> Mapping[ClusterName, Member]:
        """Every registered member, sorted by name."""
        return self._members

    def record(self, cluster: ClusterName) -> Object | None:
        """The KubeFedCluster object itself."""
        return self._records.get(ObjectKey(self._around.settings.namespace, cluster))

    async def run(self) -> None:
        """Keep all members until cancelled."""
        _LOG.info("Starting cluster controller")
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            tasks.create_task(keep_running("cluster registry", self._reflector.run))
            tasks.create_task(self._doubt_emptiness())

    async def _doubt_emptiness(self) -> None:
        """As long as there are no clusters, read again: no later event would tell of those that a list left out."""
        while True:
            await asyncio.sleep(_EMPTY_AGAIN_S if self.known else _EMPTY_AT_FIRST_S)
            if self._records.complete and len(self._records) == 0:
                self._reflector.relist()

    async def read_again(self, cluster: ClusterName) -> None:
        """Read one record from the host, consistently: its labels decide what is placed there. Raises ApiError."""
        key = ObjectKey(self._around.settings.namespace, cluster)
        try:
            self._records.apply(await self._around.host.get_object(KUBEFED_CLUSTERS, key))
        except NotFound as answer:
            known = self._records.get(key)
            if answer.reason != "NotFound" or known is None:
                raise
            self._records.remove(key, known.resource_version)

    def look(self) -> None:
        """Somebody noticed that a record changed: make sure that our own watch is alive."""
        if self._reflector.trouble is not None:
            self._reflector.nudge()

    def suspect(self, cluster: ClusterName) -> None:
        """An operation got no answer: find out now whether the member is there."""
        keeper = self._keepers.get(cluster)
        if keeper is not None:
            keeper.look()

    # --- following objects in members --------------------------------------------------------------------------

    def follow(self, selection: Selection, listener: Listener, read: Read | None = None) -> None:
        """Watch a selection in every member, those to come included, until `unfollow`.

        `read` makes the records, for whoever needs more of the objects than metadata and status; the first to come says it.
        """
        listeners = self._listeners.setdefault(selection, [])
        listeners.append(listener)
        if read is not None:
            self._readings.setdefault(selection, read)
        if len(listeners) == 1:
            for keeper in self._keepers.values():
                self._follow_in(keeper, selection)

    def unfollow(self, selection: Selection, listener: Listener) -> None:
        """Stop telling `listener`; stop watching when nobody is left."""
        listeners = self._listeners.get(selection, [])
        if listener in listeners:
            listeners.remove(listener)
        if not listeners and self._listeners.pop(selection, None) is not None:
            self._readings.pop(selection, None)
            for keeper in self._keepers.values():
                keeper.unfollow(selection)

    def _follow_in(self, keeper: Keeper, selection: Selection) -> None:
        tell = partial(self._copy_changed, selection, keeper.member.name)
        keeper.follow(selection, Collection(tell, self._readings.get(selection)))

    def _copy_changed(
        self, selection: Selection, cluster: ClusterName, key: ObjectKey, old: Metadata | None, new: Metadata | None
    ) -> None:
        for listener in self._listeners.get(selection, ()):
            listener.copy_changed(cluster, key, old, new)

    def _cluster_changed(self, cluster: ClusterName) -> None:
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.cluster_changed(cluster)

    # --- following the records ---------------------------------------------------------------------------------

    def _record_changed(self, key: ObjectKey, _old: Object | None, new: Object | None) -> None:
        name = ClusterName(key.name)
        if new is None:
            self._let_go(name)
        else:
            keeper = self._keepers.get(name) or self._take_on(name)
            keeper.take_record(new, _read(new))

    def _records_known(self, _: Reflector[Object]) -> None:
        """Whenever all records are in, after the start or after doubts, decisions that waited for that can be made."""
        if self.known and not self._known:
            for cluster in self._keepers:
                self._cluster_changed(cluster)
        self._known = self.known

    def _take_on(self, name: ClusterName) -> Keeper:
        member = Member(name, self._around.open_lane(name), self._around.clock.monotonic())
        keeper = Keeper(member, self._around, partial(self._cluster_changed, name))
        self._keepers[name] = keeper
        self._recount()
        for selection in self._listeners:
            self._follow_in(keeper, selection)
        if self._tasks is not None:
            self._running[name] = self._tasks.create_task(keep_running(f"member {name}", keeper.run))
        self._cluster_changed(name)
        return keeper

    def _let_go(self, name: ClusterName) -> None:
        self._keepers.pop(name, None)
        self._recount()
        task = self._running.pop(name, None)
        if task is not None:
            task.cancel()
        self._cluster_changed(name)

    def _recount(self) -> None:
        self._members = {name: self._keepers[name].member for name in sorted(self._keepers)}


def _read(record: Object) -> ClusterRecord | Misconfigured:
    try:
        return read_record(record)
    except Misconfigured as problem:
        return problem
