"""Writes a FederatedTypeConfig's finalizer and status, through the host's lane."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from kubefed.api.core_v1beta1 import ControllerState, FederatedTypeConfig
from kubefed.core.errors import KubefedError, LeadershipLost
from kubefed.core.markers import TYPE_CONFIG_FINALIZER
from kubefed.engine.lane import Operation
from kubefed.engine.pauses import Pauses
from kubefed.engine.priority import Priority
from kubefed.engine.queue import Queue
from kubefed.kube.store import Store
from kubefed.kube.wire import Object
from kubefed.sync.surroundings import Surroundings


class TypeConfigWriter:
    """One write at a time for each config; what fails has the config looked at again."""

    def __init__(self, around: Surroundings, configs: Store[Object], queue: Queue) -> None:
        self._around = around
        self._configs = configs
        self._queue = queue
        self._pauses = Pauses(around.rng)

    def report(self, config: Object, state: ControllerState, *, collects: bool = False) -> None:
        """Have finalizer and status say what is, if they do not. `collects`: statuses are collected in a type apart."""
        if TYPE_CONFIG_FINALIZER not in config.metadata.finalizers:
            self._submit(config, "add finalizer", lambda: self._write_finalizers(config, add=True))
            return
        wanted = {
            "observedGeneration": config.metadata.generation,
            "propagationController": str(state),
            "statusController": str(ControllerState.RUNNING if collects else ControllerState.NOT_RUNNING),
        }
        if (orjson.loads(config.status) if config.status else {}) != wanted:
            self._submit(config, "report", lambda: self._write_status(config, wanted))

    def release(self, config: Object) -> None:
        """The controller has stopped: let the config go."""
        if TYPE_CONFIG_FINALIZER in config.metadata.finalizers:
            self._submit(config, "remove finalizer", lambda: self._write_finalizers(config, add=False))

    def _submit(self, config: Object, verb: str, write: Callable[[], Awaitable[None]]) -> None:
        def ended(error: KubefedError | None) -> None:
            if error is None:
                self._pauses.over(config.key)
            elif not isinstance(error, LeadershipLost):
                self._queue.add_after(config.key, self._pauses.next_s(config.key))

        target = ("type config", config.key)
        self._around.host_lane.submit(Operation(target, verb, write, ended, Priority.EDIT))

    async def _write_finalizers(self, config: Object, *, add: bool) -> None:
        kept = [name for name in config.metadata.finalizers if name != TYPE_CONFIG_FINALIZER]
        finalizers = [*kept, TYPE_CONFIG_FINALIZER] if add else kept
        patch = {"metadata": {"finalizers": finalizers, "resourceVersion": str(config.resource_version)}}
        metadata = await self._around.host.patch(FederatedTypeConfig.resource_type, config.key, orjson.dumps(patch))
        if add:
            self._configs.apply(Object(metadata, config.spec, config.status))

    async def _write_status(self, config: Object, status: dict[str, Any]) -> None:
        body = orjson.dumps({"metadata": {"resourceVersion": str(config.resource_version)}, "status": status})
        metadata = await self._around.host.patch(FederatedTypeConfig.resource_type, config.key, body, subresource="status")
        self._configs.apply(Object(metadata, config.spec, orjson.dumps(status)))
