"""A reflector that follows a fake server, with everything that it told; and stories of it in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from kubefed.core.names import ObjectKey
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Metadata
from tests.fakes.apiserver import Answer, FakeApiServer
from tests.fakes.clock import seeded
from tests.fakes.loop import virtually
from tests.fakes.objects import CONFIG_MAPS, CONFIG_MAPS_PATH
from tests.fakes.waiting import eventually

Told = tuple[str, int | None, int | None]


class Mirror:
    """A reflector of a server's ConfigMaps, and everything that its store and its state told."""

    def __init__(self, server: FakeApiServer) -> None:
        self.server = server
        self.told: list[Told] = []
        self.states: list[tuple[str, bool]] = []
        self.stream = server.stream(CONFIG_MAPS_PATH)
        self.store: Store[Metadata] = Store(self._changed)
        client = server.client()
        self.reflector = Reflector(
            client, Selection(CONFIG_MAPS), client.projector.metadata, self.store, on_state=self._state, rng=seeded()
        )

    def _changed(self, key: ObjectKey, old: Metadata | None, new: Metadata | None) -> None:
        self.told.append((key.name, old.resource_version if old else None, new.resource_version if new else None))

    def _state(self, reflector: Reflector[Metadata]) -> None:
        self.states.append((type(reflector.trouble).__name__, self.store.complete))

    @property
    def held(self) -> dict[str, int]:
        return {record.name: record.resource_version for record in self.store}

    def lists(self, *answers: Answer) -> None:
        """What lists are answered with, one after another, the last one again and again."""
        self.server.on("GET", CONFIG_MAPS_PATH, *answers)

    def watches(self, *answers: Answer) -> None:
        self.server.on("WATCH", CONFIG_MAPS_PATH, *answers)

    @property
    def listed(self) -> int:
        return len(self.server.seen("GET"))

    @property
    def watched_since(self) -> list[str]:
        return [seen.query["resourceVersion"] for seen in self.server.seen("WATCH")]


@asynccontextmanager
async def following(mirror: Mirror) -> AsyncIterator["asyncio.Task[None]"]:
    """Run the reflector; it must go on until it is stopped, and stop when it is."""
    task = asyncio.create_task(mirror.reflector.run())
    try:
        yield task
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


Story = Callable[[Mirror], Awaitable[None]]


def tell(story: Story) -> None:
    """Let a story happen in virtual time."""

    async def whole() -> None:
        async with FakeApiServer() as server:
            await story(Mirror(server))

    virtually(whole())


async def comes(what: Callable[[], object]) -> None:
    """Wait for it, for some minutes at most."""
    await eventually(what, within_s=300.0)


def now() -> float:
    return asyncio.get_running_loop().time()
