"""kopf around the process: start-up and clean-up, liveness seen from a second thread, and a second pair of eyes.

kopf runs in a thread and loop of its own, because it cancels every younger task of its loop when it stops. It watches the
few kinds that configure the federation and passes a wake-up on when one changes; nothing is decided from what it saw. When
it dies it is started again, readiness fails meanwhile, and sync goes on.
"""

import asyncio
import base64
import logging
import random
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import kopf

from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedCluster, KubeFedConfig
from kubefed.core.clock import Clock
from kubefed.core.names import ResourceType
from kubefed.engine.backoff import Backoff
from kubefed.engine.bugs import report_bug
from kubefed.kube.connection import Connection

_LOG = logging.getLogger(__name__)
_WATCHED = (KubeFedCluster.resource_type, FederatedTypeConfig.resource_type, KubeFedConfig.resource_type)
_STUCK_S = 30.0
_STOP_S = 15.0
_RESTART = Backoff(first_s=1.0, longest_s=60.0)


class _NoStorage(kopf.ProgressStorage, kopf.DiffBaseStorage):
    """kopf would otherwise keep copies of objects, and its own progress, in their annotations."""

    def build(self, **_: Any) -> kopf.BodyEssence:
        """No essence is kept."""
        return kopf.BodyEssence({})

    def fetch(self, **_: Any) -> None:
        """Nothing was stored."""

    def store(self, **_: Any) -> None:
        """Nothing is stored."""

    def purge(self, **_: Any) -> None:
        """Nothing is there to purge."""

    def touch(self, **_: Any) -> None:
        """Nothing is touched."""

    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        """Nothing of ours is in there."""
        return essence


@dataclass(frozen=True, slots=True)
class Wakeups:
    """What the frame calls, in the main loop, when an object of a configuring kind changed: its type and its name."""

    loop: asyncio.AbstractEventLoop
    changed: Callable[[ResourceType, str], None]

    def pass_on(self, resource: ResourceType, name: str) -> None:
        """Called in kopf's thread."""
        self.loop.call_soon_threadsafe(self.changed, resource, name)


class Heartbeat:
    """The main loop says regularly that it is not stuck; the frame's thread judges."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._beat_at = clock.monotonic()

    async def run(self) -> None:
        """Beat once a second, for as long as the loop lets us."""
        while True:
            self._beat_at = self._clock.monotonic()
            await asyncio.sleep(1.0)

    def silence_s(self) -> float:
        """For how long the loop has not turned."""
        return self._clock.monotonic() - self._beat_at


class Frame:
    """Runs kopf, again and again."""

    def __init__(
        self, connection: Connection, namespace: str, liveness_url: str, wakeups: Wakeups, heartbeat: Heartbeat
    ) -> None:
        self.alive = False
        """Whether kopf runs and watches."""
        self._connection = connection
        self._namespace = namespace
        self._liveness_url = liveness_url
        self._wakeups = wakeups
        self._heartbeat = heartbeat

    async def run(self) -> None:
        """Keep kopf running until cancelled; then stop it and wait for its thread."""
        loop, rng, failures = asyncio.get_running_loop(), random.Random(), 0  # noqa: S311 - jitter
        while True:
            stop, ended = threading.Event(), asyncio.Event()
            thread = threading.Thread(target=self._operate, args=(stop, loop, ended), name="kopf", daemon=True)
            thread.start()
            try:
                await ended.wait()
            finally:
                stop.set()
                await asyncio.to_thread(thread.join, _STOP_S)
            failures += 1
            _LOG.error("the kopf frame ended and is started again", extra={"failures": failures})
            await asyncio.sleep(_RESTART.delay_s(failures, rng))

    def _operate(self, stop: threading.Event, loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
        """One life of kopf, in its thread."""
        try:
            asyncio.run(
                kopf.operator(
                    registry=self._registry(),
                    settings=_settings(),
                    standalone=True,
                    namespaces=[self._namespace],
                    liveness_endpoint=self._liveness_url,
                    stop_flag=stop,
                )
            )
        except Exception as problem:  # noqa: BLE001 - whatever ends kopf must not end the process
            report_bug("kopf frame", problem)
        finally:
            self.alive = False
            with suppress(RuntimeError):  # the main loop may be closed already
                loop.call_soon_threadsafe(ended.set)

    def _registry(self) -> kopf.OperatorRegistry:
        registry = kopf.OperatorRegistry()
        kopf.on.login(registry=registry)(self._login)
        kopf.on.startup(registry=registry)(self._started)
        kopf.on.cleanup(registry=registry)(self._stopping)
        kopf.on.probe(id="main-loop", registry=registry)(self._probe)
        for resource in _WATCHED:
            kopf.on.event(resource.group, resource.version, resource.plural, id="wake-up", registry=registry)(
                self._waker(resource)
            )
        return registry

    def _login(self, **_: Any) -> kopf.ConnectionInfo:
        connection = self._connection
        credentials = connection.credentials
        return kopf.ConnectionInfo(
            server=connection.server,
            ca_data=base64.b64encode(connection.ca_pem.encode()).decode() or None,
            token=credentials.token.reveal() or None,
            certificate_data=base64.b64encode(credentials.client_certificate_pem.encode()).decode() or None,
            private_key_data=base64.b64encode(credentials.client_key_pem.reveal().encode()).decode() or None,
        )

    async def _started(self, **_: Any) -> None:
        self.alive = True
        _LOG.debug("the kopf frame watches")

    async def _stopping(self, **_: Any) -> None:
        self.alive = False

    async def _probe(self, **_: Any) -> float:
        """Seconds since the main loop last turned. Too many, and the process has to be restarted from outside."""
        silence_s = self._heartbeat.silence_s()
        if silence_s > _STUCK_S:
            raise kopf.PermanentError(f"the main loop has not turned for {silence_s:.0f} s")
        return round(silence_s, 1)

    def _waker(self, watched: ResourceType) -> Callable[..., Awaitable[None]]:
        async def wake(name: str, **_: Any) -> None:
            self._wakeups.pass_on(watched, name)

        return wake


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.persistence.progress_storage = _NoStorage()
    settings.persistence.diffbase_storage = _NoStorage()
    settings.networking.connect_timeout = 10
    settings.watching.connect_timeout = 10
    settings.watching.server_timeout = 300  # goes into a query as it is: a float would be refused
    settings.process.ultimate_exiting_timeout = None
    return settings
