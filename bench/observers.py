"""The outside clock: watches of the bench's own on every member, and the times at which objects appeared in them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import orjson

from bench.rig import NAMESPACE, Rig
from kubefed.core.names import ResourceType
from kubefed.kube.client import Client


class Observer:
    """What one cluster's watch of one collection has shown: the newest object of each name."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, object]] = {}
        self.opened = asyncio.Event()
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[float]]] = []

    async def until(self, condition: Callable[[], bool]) -> float:
        """The monotonic time at which the condition held, checked at each event."""
        if condition():
            return time.monotonic()
        waiter: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiters.append((condition, waiter))
        return await waiter

    def take(self, kind: str, raw: bytes) -> None:
        """One event."""
        now = time.monotonic()
        if kind == "BOOKMARK":
            return
        found = orjson.loads(raw)
        name = found["metadata"]["name"]
        if kind == "DELETED":
            self.objects.pop(name, None)
        else:
            self.objects[name] = found
        for condition, waiter in list(self._waiters):
            if not waiter.done() and condition():
                waiter.set_result(now)
        self._waiters = [pair for pair in self._waiters if not pair[1].done()]

    async def watch(self, client: Client, resource: ResourceType) -> None:
        """Follow a collection of the bench's namespace from now on."""
        async for page in client.pages(resource, namespace=NAMESPACE):
            since = page.metadata.resource_version
            for item in page.items or ():
                self.take("ADDED", bytes(item))
        async for event in client.watch(resource, since=since, timeout_s=3600, namespace=NAMESPACE, opened=self.opened.set):
            self.take(event.type, bytes(event.object))


Watched = tuple[Client, dict[str, Client], dict[str, Observer]]


@asynccontextmanager
async def observing(rig: Rig, only: Sequence[str] | None = None) -> AsyncIterator[Watched]:
    """The host's client, the clients of `only` these members or all, and observers; `host` observes federated objects."""
    members = rig.members if only is None else only
    clients = {context: rig.client(context) for context in ("host", *members)}
    observers = {context: Observer() for context in clients}
    watched = dict.fromkeys(members, rig.subject.target) | {"host": rig.subject.federated}
    tasks = [asyncio.create_task(observers[context].watch(client, watched[context])) for context, client in clients.items()]
    try:
        await asyncio.gather(*(observer.opened.wait() for observer in observers.values()))
        yield clients["host"], {name: clients[name] for name in members}, observers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(client.close() for client in clients.values()))
