"""Kubernetes Events: aggregated, rate-limited, dropped when there are too many, and never in anybody's way."""

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from kubefed.core.clock import Clock, rfc3339
from kubefed.core.errors import KubefedError, NotFound
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.kube.client import Client

EVENTS = ResourceType("", "v1", "events", "Event", namespaced=True)
NORMAL, WARNING = "Normal", "Warning"

_MOST_WAITING = 1000
_PER_SECOND = 5.0
_SETTLE_S = 2.0  # events of the same burst are written once, with a count
_MOST_REMEMBERED = 5000


@dataclass(frozen=True, slots=True)
class Subject:
    """The object that an event is about."""

    resource: ResourceType
    key: ObjectKey
    uid: str


class EventSink(Protocol):
    """Where a controller says what it did."""

    def emit(self, subject: Subject, severity: str, reason: str, message: str, component: str) -> None:
        """Have an event written some time, or not at all. `message` must be safe to publish."""


class SilentSink:
    """Takes every event and writes none."""

    def emit(self, subject: Subject, severity: str, reason: str, message: str, component: str) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class _Said:
    subject: Subject
    severity: str
    reason: str
    message: str
    component: str


@dataclass(slots=True)
class _Series:
    """An event that has been written, so that the next of its kind only raises the count."""

    name: str
    count: int
    first_at: str


class EventWriter:
    """Writes events to one API server, in its own time."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self.dropped = 0
        """How many were lost because too many waited."""
        self._client = client
        self._clock = clock
        self._waiting: OrderedDict[_Said, int] = OrderedDict()
        self._written: OrderedDict[_Said, _Series] = OrderedDict()
        self._arrived = asyncio.Event()

    def emit(self, subject: Subject, severity: str, reason: str, message: str, component: str) -> None:
        """Have an event written some time, or not at all."""
        said = _Said(subject, severity, reason, message[:1024], component)
        if said not in self._waiting and len(self._waiting) >= _MOST_WAITING:
            self.dropped += 1
            return
        self._waiting[said] = self._waiting.get(said, 0) + 1
        self._arrived.set()

    async def run(self) -> None:
        """Write what waits, a few a second, until cancelled."""
        while True:
            self._arrived.clear()
            if not self._waiting:
                await self._arrived.wait()
                await asyncio.sleep(_SETTLE_S)
            while self._waiting:
                said, times = self._waiting.popitem(last=False)
                with suppress(KubefedError):
                    await self._write(said, times)
                await asyncio.sleep(1 / _PER_SECOND)

    async def _write(self, said: _Said, times: int) -> None:
        series = self._written.get(said)
        if series is None or not await self._counted_up(said, series, times):
            await self._create(said, times)

    async def _counted_up(self, said: _Said, series: _Series, times: int) -> bool:
        """Raise the count of an event that was written before. False when it is gone: servers drop them after an hour."""
        series.count += times
        key = ObjectKey(_namespace(said), series.name)
        try:
            await self._client.patch(EVENTS, key, orjson.dumps(_document(said, series, rfc3339(self._clock.now()))))
        except NotFound:
            del self._written[said]
            return False
        self._written.move_to_end(said)
        return True

    async def _create(self, said: _Said, times: int) -> None:
        now = self._clock.now()
        name = f"{said.subject.key.name[:200]}.{now.timestamp():.6f}".replace(".", "-").lower()
        series = _Series(name, times, rfc3339(now))
        await self._client.create(EVENTS, _namespace(said), orjson.dumps(_document(said, series, rfc3339(now))))
        self._written[said] = series
        if len(self._written) > _MOST_REMEMBERED:
            self._written.popitem(last=False)


def _namespace(said: _Said) -> str:
    """Where the event goes: beside its object, or where Kubernetes keeps those of cluster-scoped objects."""
    return said.subject.key.namespace or "default"


def _document(said: _Said, series: _Series, now: str) -> dict[str, Any]:
    subject = said.subject
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": series.name, "namespace": _namespace(said)},
        "involvedObject": {
            "apiVersion": subject.resource.api_version,
            "kind": subject.resource.kind,
            "namespace": subject.key.namespace,
            "name": subject.key.name,
            "uid": subject.uid,
        },
        "type": said.severity,
        "reason": said.reason,
        "message": said.message,
        "source": {"component": said.component},
        "firstTimestamp": series.first_at,
        "lastTimestamp": now,
        "count": series.count,
    }
