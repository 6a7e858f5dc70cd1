"""One controller process from start to end: waits for the host, runs the parts, and takes them down in order."""

import asyncio
import logging
from contextlib import AsyncExitStack, suppress

from kubefed.app.config import host_identity, load_configuration
from kubefed.app.frame import Frame, Heartbeat, Wakeups
from kubefed.app.options import Options, split_address
from kubefed.app.overslept import ending_when_overslept
from kubefed.app.parts import Foundation, Parts, lay_foundation
from kubefed.app.predecessor import Predecessor
from kubefed.app.servers import health_app, metrics_app, serving
from kubefed.core.clock import Clock
from kubefed.core.errors import ApiError
from kubefed.core.tasks import run_until
from kubefed.engine.loop import keep_running
from kubefed.kube.connection import Connection

_LOG = logging.getLogger(__name__)
_HOST_RETRY_S = 2.0
_DRAIN_S = 10.0
_PREDECESSOR_PERIOD_S = 30.0


class Process:
    """A controller process. `run` returns the exit code."""

    def __init__(self, options: Options, connection: Connection, clock: Clock) -> None:
        self._options = options
        self._base: Foundation = lay_foundation(connection, options.namespace, clock)
        self._heartbeat = Heartbeat(clock)
        self._predecessor = Predecessor(self._base.host, options.namespace, clock)
        self._waits_for = ""
        self._parts: Parts | None = None
        self._has_read = False
        self._frame: Frame | None = None

    async def run(self, stop: asyncio.Event) -> int:
        """Run until `stop` is set (0) or leadership is lost (1). Raises Misconfigured for what a person must mend."""
        options = self._options
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._base.host.close)
            await stack.enter_async_context(
                serving(health_app(self._not_ready_because), options.healthz_address, "--healthz-addr")
            )
            await stack.enter_async_context(serving(metrics_app(self._scrape), options.metrics_address, "--metrics-addr"))
            await run_until(self._find_host(), stop)
            if self._parts is None:
                return 0
            stack.push_async_callback(self._parts.host.close)
            return await self._serve(self._parts, stop)

    async def _find_host(self) -> None:
        """Wait for a host that answers and that nobody else controls, read what it says about us, and build the parts."""
        while self._parts is None:
            try:
                if await self._predecessor_runs():
                    await asyncio.sleep(_HOST_RETRY_S)
                    continue
                configuration = await load_configuration(
                    self._base.host, self._options.namespace, self._options.config_file
                )
                self._parts = Parts(self._base, configuration, await host_identity(self._base.host, configuration.model))
            except ApiError as error:
                _LOG.warning("the host cluster cannot be used yet: %s", error)
                await asyncio.sleep(_HOST_RETRY_S)

    async def _predecessor_runs(self) -> bool:
        """Whether a KubeFed still runs on this host; said when that changes."""
        reason = await self._predecessor.alive()
        if reason and reason != self._waits_for:
            _LOG.error("nothing is written while KubeFed runs on this host: %s", reason)
        elif self._waits_for and not reason:
            _LOG.info("KubeFed does not run on this host any more")
        self._waits_for = reason
        return bool(reason)

    async def _until_predecessor(self) -> None:
        """Ends when a KubeFed has come back: this process steps aside then, and waits at its next start."""
        while True:
            await asyncio.sleep(_PREDECESSOR_PERIOD_S)
            with suppress(ApiError):
                if await self._predecessor_runs():
                    return

    async def _serve(self, parts: Parts, stop: asyncio.Event) -> int:
        loop = asyncio.get_running_loop()
        host, port = split_address(self._options.liveness_address)
        self._frame = Frame(
            self._base.connection,
            self._options.namespace,
            f"http://{host}:{port}/livez",
            Wakeups(loop, parts.configuring_object_changed),
            self._heartbeat,
        )
        services = [
            ("heartbeat", self._heartbeat.run),
            ("frame", self._frame.run),
            ("events", parts.events.run),
            *parts.work(),
        ]
        if not parts.propagates:
            _LOG.warning("feature gate PushReconciler is Disabled: nothing is propagated")
        background = [loop.create_task(keep_running(name, work)) for name, work in services]
        leadership = loop.create_task(parts.leadership.run())
        ousted = loop.create_task(self._until_predecessor())
        try:
            with ending_when_overslept(lambda: parts.leading.is_set() and not parts.leadership.leading):
                await self._wait(parts, leadership, ousted, stop)
        finally:
            ousted.cancel()
            await self._shut_down(parts, background, leadership)
        if stop.is_set():
            return 0
        if parts.lost.is_set():
            _LOG.error("leader election lost")
        return 1

    @staticmethod
    async def _wait(
        parts: Parts, leadership: "asyncio.Task[None]", ousted: "asyncio.Task[None]", stop: asyncio.Event
    ) -> None:
        """Wait for the end: of our own wish, of our leadership, or because a KubeFed controls this host."""
        stopping = asyncio.ensure_future(stop.wait())
        promoted = asyncio.ensure_future(parts.leading.wait())
        try:
            await asyncio.wait({stopping, promoted, leadership, ousted}, return_when=asyncio.FIRST_COMPLETED)
            if promoted.done():
                _LOG.info("promoted as leader", extra={"epoch": parts.leadership.epoch})
                await asyncio.wait({stopping, leadership, ousted}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            promoted.cancel()

    async def _shut_down(
        self, parts: Parts, background: "list[asyncio.Task[None]]", leadership: "asyncio.Task[None]"
    ) -> None:
        """Decide nothing more, let what is on the wire end, give the lease back, close everything."""
        lanes = [parts.host_lane, *(member.lane for member in parts.registry.members.values())]
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                await asyncio.gather(*(lane.drain() for lane in lanes))
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await parts.host_lane.close()
        leadership.cancel()
        await asyncio.gather(leadership, return_exceptions=True)

    def _not_ready_because(self) -> str:
        """Why this process should get no traffic yet; empty when it may. A type enabled later does not take it back."""
        if self._waits_for:
            return self._waits_for
        if self._parts is None:
            return "the host cluster has not been read yet"
        self._has_read = self._has_read or self._parts.synced
        if not self._has_read:
            return "the federated objects have not been read yet"
        if self._frame is None or not self._frame.alive:
            return "the kopf frame is not running"
        return ""

    def _scrape(self) -> bytes:
        """The metrics, with the states of the moment."""
        if self._parts is not None:
            self._parts.measure()
        return self._base.metrics.render()
