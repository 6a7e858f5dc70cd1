"""Keeps one store equal to one collection of one API server: list, then watch, for as long as it runs.

Contract: the store becomes complete only after a whole list; an error never empties it; a list that went back in time is
said and not believed silently. The reflector never gives up and never raises but when it is cancelled.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from kubefed.core.errors import ApiError, Expired, Forbidden, NotFound, Unauthenticated, Unintelligible
from kubefed.core.names import ResourceType
from kubefed.core.tasks import run_until
from kubefed.kube import wire
from kubefed.kube.client import Client
from kubefed.kube.store import Record, Store

R = TypeVar("R", bound=Record)

_FIRST_BACKOFF_S, _LONGEST_BACKOFF_S = 0.8, 30.0  # as client-go's reflector
_WATCH_TIMEOUT_RANGE_S = (300, 600)
_DOUBTFUL = (Forbidden, NotFound, Unauthenticated, Unintelligible)
"""After these, what the store holds may be of another time: absence means nothing until a whole new list is in."""
_ITEMS_PER_SLICE = 200  # decoded between two yields to the loop: about 2 ms


@dataclass(frozen=True, slots=True)
class Selection:
    """Which objects of which collection, and how much of each."""

    resource: ResourceType
    namespace: str = ""
    label_selector: str = ""
    field_selector: str = ""
    metadata_only: bool = False


def _unheard(reflector: "Reflector[R]") -> None:
    """The listener of a reflector whose owner only reads its store."""


class Reflector(Generic[R]):
    """List and watch of one selection into one store.

    `decode` turns one item's bytes into a record. `on_state` is called whenever `trouble`, `quarantined` or the store's
    completeness changed.
    """

    def __init__(
        self,
        client: Client,
        selection: Selection,
        decode: Callable[[bytes | msgspec.Raw], R],
        store: Store[R],
        *,
        on_state: "Callable[[Reflector[R]], None]" = _unheard,
        rng: random.Random | None = None,
    ) -> None:
        self.selection = selection
        self.store = store
        self.trouble: ApiError | None = None
        """Why the store may be behind; None while the watch runs."""
        self.went_back = False
        """A list was older than what had been seen before: the server was restored from a backup."""
        self.quarantined: set[str] = set()
        """`namespace/name` of objects that could not be decoded; the store does not hold their newest state."""
        self._client = client
        self._decode = decode
        self._on_state = on_state
        self._rng = rng or random.Random()  # noqa: S311 - jitter
        self._newest = 0
        self._since = ""
        self._backoff_s = _FIRST_BACKOFF_S
        self._nudged = asyncio.Event()

    def use(self, client: Client) -> None:
        """Go on with another client of the same server, from the same resourceVersion."""
        self._client = client
        self.nudge()

    def nudge(self) -> None:
        """Drop the stream and any backoff and connect again: the server is known to be back, or may have gone."""
        self._nudged.set()

    async def run(self) -> None:
        """List and watch until cancelled."""
        while True:
            self._nudged.clear()
            try:
                await run_until(self._round(), self._nudged)
            except Expired:
                self._since = ""
            except ApiError as error:
                if isinstance(error, _DOUBTFUL):
                    self.store.complete = False
                    self._since = ""
                self._report(error)
                await self._pause(error)

    async def _round(self) -> None:
        """One list if one is due, then one watch until the server ends it."""
        if not self._since:
            await self._list()
        timeout_s = self._rng.randint(*_WATCH_TIMEOUT_RANGE_S)
        selection = self.selection
        events = self._client.watch(
            selection.resource,
            since=self._since,
            timeout_s=timeout_s,
            namespace=selection.namespace,
            label_selector=selection.label_selector,
            field_selector=selection.field_selector,
            metadata_only=selection.metadata_only,
            opened=self._opened,
        )
        async for event in events:
            self._take(event)

    async def _list(self) -> None:
        records: list[R] = []
        quarantined: set[str] = set()
        listed_at = "0"
        selection = self.selection
        async for page in self._client.pages(
            selection.resource,
            namespace=selection.namespace,
            label_selector=selection.label_selector,
            field_selector=selection.field_selector,
            metadata_only=selection.metadata_only,
        ):
            listed_at = page.metadata.resource_version
            for number, item in enumerate(page.items or ()):
                record = self._record(item, quarantined)
                if record is not None:
                    records.append(record)
                if number % _ITEMS_PER_SLICE == _ITEMS_PER_SLICE - 1:
                    await asyncio.sleep(0)
        version = wire.resource_version(listed_at)
        back = version < self._newest
        self.went_back = self.went_back or back
        self.store.replace(records, version, trust_ours=not back)
        self._newest, self._since = version, listed_at
        self.quarantined = quarantined
        self._report(None)

    def _opened(self) -> None:
        self._backoff_s = _FIRST_BACKOFF_S
        if self.trouble is not None:
            self._report(None)

    def _take(self, event: wire.WireEvent) -> None:
        if event.type == "BOOKMARK":
            self._advance(self._bookmark(event))
            return
        record = self._record(event.object, self.quarantined)
        if record is None:
            return
        if event.type == "DELETED":
            self.store.remove(record.key, record.resource_version)
        else:
            self.store.apply(record)
        self._advance(record.resource_version)

    def _bookmark(self, event: wire.WireEvent) -> int:
        try:
            return self._client.projector.bookmark(event.object)
        except msgspec.DecodeError:
            return 0

    def _advance(self, version: int) -> None:
        if version > self._newest:
            self._newest = version
            self._since = str(version)

    def _record(self, item: msgspec.Raw, quarantined: set[str]) -> R | None:
        try:
            record = self._decode(item)
        except (msgspec.DecodeError, RecursionError, ValueError):
            quarantined.add(_name_of(item))
            self._on_state(self)
            return None
        if quarantined:
            quarantined.discard(str(record.key))
        return record

    def _report(self, trouble: ApiError | None) -> None:
        self.trouble = trouble
        self._on_state(self)

    async def _pause(self, error: ApiError) -> None:
        """Wait out the backoff, or the server's own word when that is longer; a nudge ends it."""
        asked_s = getattr(error, "after_s", None) or 0.0
        delay_s = max(asked_s, self._rng.uniform(0.5, 1.0) * self._backoff_s)
        self._backoff_s = min(self._backoff_s * 2, _LONGEST_BACKOFF_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._nudged.wait()
                self._backoff_s = _FIRST_BACKOFF_S


def _name_of(item: msgspec.Raw) -> str:
    """Best effort at naming an object that does not decode, from the first name and namespace in its bytes."""
    text = bytes(item[:_NAME_WINDOW_BYTES])
    name, namespace = _first_string(text, b'"name":"'), _first_string(text, b'"namespace":"')
    return f"{namespace}/{name}" if namespace else name


_NAME_WINDOW_BYTES = 65536


def _first_string(text: bytes, label: bytes) -> str:
    start = text.find(label)
    if start < 0:
        return "?"
    start += len(label)
    return text[start : text.find(b'"', start)][:253].decode("utf-8", "replace")
