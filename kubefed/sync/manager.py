"""Starts and stops the controllers of federated types as their FederatedTypeConfigs come, change and go.

Types do not disturb one another: each has its own queue, stores and tasks. Deleting a config stops its controller and
leaves federated objects and copies where they are.
"""

import asyncio
import logging
from dataclasses import dataclass
from functools import partial

from kubefed.api.core_v1beta1 import ControllerState, FederatedTypeConfig, Scope
from kubefed.api.defaults import NAMESPACES
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.engine.loop import CountOutcome, Done, Outcome, keep_running, run
from kubefed.engine.priority import Priority
from kubefed.engine.queue import Queue
from kubefed.federated.federated_type import FederatedType
from kubefed.federated.freezes import freeze_of_type
from kubefed.federated.type_configs import wish_of
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import TOO_LARGE, Object
from kubefed.sync.controller import TypeController
from kubefed.sync.guard import Guard
from kubefed.sync.surroundings import Surroundings
from kubefed.sync.type_status import TypeConfigWriter
from kubefed.sync.versions import federated_key

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Running:
    controller: TypeController
    task: asyncio.Task[None]


class TypeManager:
    """All federated types. Implements engine.loop.Reconciler for their configs."""

    def __init__(self, around: Surroundings, scope: Scope, leading: asyncio.Event, count: CountOutcome) -> None:
        self.queue = Queue(around.clock, around.rng)
        self._around = around
        self._scope = scope
        self._leading = leading
        self._count = count
        self._running: dict[str, _Running] = {}
        self._judged: set[ObjectKey] = set()
        self._tasks: asyncio.TaskGroup | None = None
        self._reading: ResourceType | None = None
        self._reader: asyncio.Task[None] | None = None
        self._configs: Store[Object] = Store(self._config_changed)
        self._reflector = Reflector(
            around.host,
            Selection(FederatedTypeConfig.resource_type, around.settings.namespace),
            around.host.projector.object,
            self._configs,
            on_state=lambda _: self.resync(),
            rng=around.rng,
        )
        self.guard = Guard(around, lambda: self.controllers)
        self._writer = TypeConfigWriter(around, self._configs, self.queue)

    @property
    def controllers(self) -> list[TypeController]:
        """The controllers that run."""
        return [running.controller for running in self._running.values()]

    @property
    def synced(self) -> bool:
        """Whether it is known which types run, and every one of them has read its federated objects."""
        return (
            self._configs.complete
            and self._judged.issuperset(self._configs.known_keys())
            and all(controller.federated.complete for controller in self.controllers)
        )

    async def run(self) -> None:
        """Serve until cancelled. Controllers start at once, so that a standby is warm; they decide only when leading."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            tasks.create_task(keep_running("federated types", self._reflector.run))
            tasks.create_task(run("federatedtypeconfig", self, self.queue, self._count))
            tasks.create_task(keep_running("deletion guard", self.guard.run))
            tasks.create_task(self._take_office())

    def reconcile(self, key: ObjectKey, _priority: Priority) -> Outcome:
        """Make one type's controller run or not run, as its config asks for."""
        config = self._configs.get(key)
        self._judged.add(key)
        if config is None or config.metadata.terminating:
            self._stop(key.name)
            if config is not None and self._leading.is_set():
                self._writer.release(config)
            return Done()
        state = self._apply(config)
        if self._leading.is_set():
            running = self._running.get(key.name)
            self._writer.report(
                config, state, collects=running is not None and running.controller.kind.statuses_in is not None
            )
        return Done()

    def resync(self) -> None:
        """Look at all configs again."""
        for key in self._configs.known_keys():
            self.queue.add(key, Priority.RESYNC)

    def resync_objects(self) -> None:
        """Look at all federated objects of all types again: something that they all depend on has become known."""
        for controller in self.controllers:
            controller.resync()

    def freeze_changed(self) -> None:
        """What must not be written to any member has changed."""
        for controller in self.controllers:
            controller.freeze_changed()

    def namespace_changed(self, namespace: str) -> None:
        """What is known of a namespace changed: tell every type that has objects in it."""
        for controller in self.controllers:
            if controller.kind.of_namespaces:
                controller.queue.add(ObjectKey(namespace, namespace), Priority.EVENT)
            elif controller.kind.federated.namespaced:
                controller.namespace_changed(namespace)

    def record_lost(self, record: ObjectKey) -> None:
        """A PropagatedVersion went: its object has its versions recorded again, if it is still there."""
        for controller in self.controllers:
            key = federated_key(controller.kind, record)
            if key is not None and controller.federated.get(key) is not None:
                controller.queue.add(key, Priority.RESYNC)

    async def _take_office(self) -> None:
        """On becoming leader, write what a standby only knew."""
        await self._leading.wait()
        self.resync()

    def _apply(self, config: Object) -> ControllerState:
        try:
            wish = wish_of(
                config,
                namespaces_enabled=self._namespaces_enabled(),
                control_plane=self._scope,
                raw_statuses=self._around.settings.raw_statuses,
            )
        except Misconfigured as problem:
            _LOG.warning("FederatedTypeConfig cannot be used: %s", problem, extra={"type": config.name})
            self._stop(config.name)
            return ControllerState.NOT_RUNNING
        running = self._running.get(config.name)
        if running is not None and (not wish.runs or running.controller.kind != wish.kind):
            self._stop(config.name)
        if not wish.runs:
            self._read_namespaces(wish.kind)
            return ControllerState.NOT_RUNNING
        if config.name not in self._running:
            self._start(wish.kind)
        started = self._running.get(config.name)
        if started is not None and config.metadata.annotations != TOO_LARGE:
            started.controller.freeze(freeze_of_type(config.metadata.annotation_map()))
        return ControllerState.RUNNING

    def _namespaces_enabled(self) -> bool:
        return self._configs.get(ObjectKey(self._around.settings.namespace, NAMESPACES)) is not None

    def _read_namespaces(self, kind: FederatedType) -> None:
        """FederatedNamespaces limit where everything else goes, also while they are not propagated themselves."""
        if self._tasks is None or not kind.of_namespaces or self._reading == kind.federated:
            return
        self._stop_reading()
        reflector = self._around.namespaces.read_only(kind.federated, self._around.settings.only_namespace)
        self._reading = kind.federated
        self._reader = self._tasks.create_task(keep_running("federated namespaces", reflector.run))

    def _stop_reading(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            self._reading = self._reader = None
            self._around.namespaces.use(None, None)

    def _start(self, kind: FederatedType) -> None:
        if self._tasks is None:
            return
        if kind.of_namespaces:
            self._stop_reading()
        controller = TypeController(kind, self._around, self.guard)
        if kind.of_namespaces:
            self._around.namespaces.use(kind.federated, controller.federated)
        self._around.registry.follow(controller.shop.selection, controller)
        task = self._tasks.create_task(
            keep_running(f"type {kind.name}", partial(controller.run, self._leading, self._count))
        )
        self._running[kind.name] = _Running(controller, task)
        _LOG.info('Started sync controller for "%s"', kind.federated.kind, extra={"type": kind.name})

    def _stop(self, name: str) -> None:
        if name == NAMESPACES:
            self._stop_reading()
        running = self._running.pop(name, None)
        if running is None:
            return
        controller = running.controller
        self._around.registry.unfollow(controller.shop.selection, controller)
        if controller.kind.of_namespaces:
            self._around.namespaces.use(None, None)
        running.task.cancel()
        _LOG.info('Stopped sync controller for "%s"', controller.kind.federated.kind, extra={"type": name})

    def _config_changed(self, key: ObjectKey, old: Object | None, new: Object | None) -> None:
        self.queue.add(key, Priority.EDIT)
        if key.name == NAMESPACES and (old is None) != (new is None):
            self.resync()
