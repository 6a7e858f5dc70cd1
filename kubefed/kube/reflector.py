"""Keeps one store equal to one collection of one API server: list, then watch, for as long as it runs.

Contract: the store becomes complete only after a whole list; an error never empties it; a list that went back in time is
said and not believed silently. The reflector never gives up and never raises but when it is cancelled.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from kubefed.core.errors import ApiError, Expired, Retryable, Unintelligible
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.core.tasks import run_until
from kubefed.kube import wire
from kubefed.kube.client import Client
from kubefed.kube.store import Record, Store

R = TypeVar("R", bound=Record)

_FIRST_BACKOFF_S, _LONGEST_BACKOFF_S = 0.8, 30.0  # as client-go's reflector
_WATCH_TIMEOUT_RANGE_S = (300, 600)
_STABLE_S = 1.0
"""A stream that stood this long was worth opening; servers that end it sooner, again and again, are asked less often."""
_SHORT_ROUNDS_FORGIVEN = 1
_MOST_VAIN_RESUMPTIONS = 3
_SERVER_ERROR = 500
_MOST_QUARANTINED = 1_000
_ITEMS_PER_SLICE = 200  # decoded between two yields to the loop: about 2 ms


@dataclass(frozen=True, slots=True)
class Selection:
    """Which objects of which collection, and how much of each: everything, only metadata, or metadata with the status."""

    resource: ResourceType
    namespace: str = ""
    label_selector: str = ""
    field_selector: str = ""
    metadata_only: bool = False
    with_status: bool = False


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
        self.empty_lists = 0
        """So many whole lists in a row had nothing in them."""
        self.quarantined: set[ObjectKey] = set()
        """Objects that could not be decoded: they are there, but the store does not hold their newest state."""
        self._client = client
        self._decode = decode
        self._on_state = on_state
        self._rng = rng or random.Random()  # noqa: S311 - jitter
        self._newest = 0
        self._since = ""
        self._backoff_s = _FIRST_BACKOFF_S
        self._nudged = asyncio.Event()
        self._opened_at: float | None = None
        self._heard = False
        self._short_rounds = 0
        self._vain_resumptions = 0

    def use(self, client: Client) -> None:
        """Go on with another client of the same server, from the same resourceVersion."""
        self._client = client
        self.nudge()

    def nudge(self) -> None:
        """Drop the stream and any backoff and connect again: the server is known to be back, or may have gone."""
        self._nudged.set()

    def relist(self) -> None:
        """Read the whole collection again."""
        self._since = ""
        self.nudge()

    async def run(self) -> None:
        """List and watch until cancelled."""
        while True:
            self._nudged.clear()
            self._opened_at, self._heard = None, False
            try:
                await run_until(self._round(), self._nudged)
            except ApiError as error:
                await self._after(error)
            else:
                if not self._nudged.is_set():
                    await self._after(None)

    async def _after(self, error: ApiError | None) -> None:
        """Draw the conclusions from how a round ended, and wait if that is due. All streams end; too old is no trouble."""
        stood = self._stood()
        if stood:
            self._backoff_s = _FIRST_BACKOFF_S
        self._short_rounds = 0 if stood else self._short_rounds + 1
        self._doubt_store(error)
        self._doubt_resuming(error, stood=stood)
        if error is not None and not isinstance(error, Expired):
            self._report(error)
        elif self._short_rounds <= _SHORT_ROUNDS_FORGIVEN:
            return
        await self._pause(error)

    def _stood(self) -> bool:
        return self._opened_at is not None and asyncio.get_running_loop().time() - self._opened_at >= _STABLE_S

    def _doubt_store(self, error: ApiError | None) -> None:
        """After an error that does not pass by itself, be it that rights were taken away or that the type is not served any
        more, absence means nothing until a whole new list is in."""
        if error is None or isinstance(error, Retryable):
            return
        self._since = ""
        if not isinstance(error, Expired):
            self.store.complete = False

    def _doubt_resuming(self, error: ApiError | None, *, stood: bool) -> None:
        """A server that was set back in time takes our resourceVersion for one of its future: it accepts the watch and then
        says nothing, not even a bookmark, or it fails again and again. Only a new list shows that."""
        if self._heard:
            self._vain_resumptions = 0
        elif error is None:
            self._vain_resumptions += not stood
        elif error.reason == "Timeout" and self._opened_at is not None:
            self._vain_resumptions = _MOST_VAIN_RESUMPTIONS
        elif error.status >= _SERVER_ERROR:
            self._vain_resumptions += 1
        if self._vain_resumptions >= _MOST_VAIN_RESUMPTIONS:
            self._vain_resumptions = 0
            self._since = ""

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
        async with aclosing(events):
            async for event in events:
                self._heard = True
                self._take(event)

    async def _list(self) -> None:
        records: list[R] = []
        unreadable: set[ObjectKey] = set()
        listed_at = "0"
        selection = self.selection
        pages = self._client.pages(
            selection.resource,
            namespace=selection.namespace,
            label_selector=selection.label_selector,
            field_selector=selection.field_selector,
            metadata_only=selection.metadata_only,
        )
        async for page in pages:
            listed_at = page.metadata.resource_version
            for number, item in enumerate(page.items or ()):
                found = self._read(item)
                if isinstance(found, wire.Identity):
                    unreadable.add(found.key)
                else:
                    records.append(found)
                if number % _ITEMS_PER_SLICE == _ITEMS_PER_SLICE - 1:
                    await asyncio.sleep(0)
        version = self._list_version(listed_at)
        back = version < self._newest
        self.went_back = self.went_back or back
        there = unreadable if _NAMELESS.key not in unreadable else unreadable.union(self.store.known_keys())
        self.store.replace(records, version, unreadable=there, trust_ours=not back)
        self._newest, self._since = version, listed_at
        self.empty_lists = 0 if records or unreadable else self.empty_lists + 1
        self.quarantined = unreadable
        self._report(None)

    def _list_version(self, text: str) -> int:
        with suppress(ValueError):
            if version := wire.resource_version(text):
                return version
        raise Unintelligible(f"LIST {self.selection.resource}", status=200, reason="ResourceVersionUnordered")

    def _opened(self) -> None:
        self._opened_at = asyncio.get_running_loop().time()
        if self.trouble is not None:
            self._report(None)

    def _take(self, event: wire.WireEvent) -> None:
        match event.type:
            case "BOOKMARK":
                self._advance(self._bookmark(event))
            case "ADDED" | "MODIFIED":
                found = self._read(event.object)
                if not isinstance(found, wire.Identity):
                    self.store.apply(found)
                self._quarantine(found.key, unreadable=isinstance(found, wire.Identity))
                self._advance(found.resource_version)
            case "DELETED":
                gone = self._read(event.object)
                self.store.remove(gone.key, gone.resource_version)
                self._quarantine(gone.key, unreadable=False)
                self._advance(gone.resource_version)

    def _bookmark(self, event: wire.WireEvent) -> int:
        try:
            return self._client.projector.bookmark(event.object)
        except ValueError:
            return 0

    def _advance(self, version: int) -> None:
        if version > self._newest:
            self._newest = version
            self._since = str(version)

    def _read(self, item: msgspec.Raw) -> R | wire.Identity:
        """The record; or, of an object that does not decode, as much as can be said of it."""
        try:
            record = self._decode(item)
            if record.resource_version:
                return record
        except (ValueError, RecursionError):
            pass
        try:
            return wire.identify(item)
        except ValueError:
            return _NAMELESS

    def _quarantine(self, key: ObjectKey, *, unreadable: bool) -> None:
        if unreadable == (key in self.quarantined) or (unreadable and len(self.quarantined) >= _MOST_QUARANTINED):
            return
        if unreadable:
            self.quarantined.add(key)
        else:
            self.quarantined.discard(key)
        self._on_state(self)

    def _report(self, trouble: ApiError | None) -> None:
        self.trouble = trouble
        self._on_state(self)

    async def _pause(self, error: ApiError | None) -> None:
        """Wait out the backoff, or the server's own word when that is longer; a nudge ends it."""
        asked_s = getattr(error, "after_s", None) or 0.0
        delay_s = max(asked_s, self._rng.uniform(0.5, 1.0) * self._backoff_s)
        self._backoff_s = min(self._backoff_s * 2, _LONGEST_BACKOFF_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._nudged.wait()
                self._backoff_s = _FIRST_BACKOFF_S


_NAMELESS = wire.Identity(ObjectKey("", "?"), 0)
"""Something in a collection that is no object. It may be any of those that are known: none of them counts as gone."""
