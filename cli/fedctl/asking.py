"""Asking servers asynchronously: many members at once, each with a deadline, and never more than a few at the same time.

Members are reached as the controller reaches them: by their record and the Secret in the host, under the same rules.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

from kubefed.core.names import ClusterName
from kubefed.kube.client import Client
from kubefed.kube.connection import Connection
from kubefed.kube.discovery import Catalog, discover
from kubefed.version import __version__

T = TypeVar("T")

DEADLINE_S = 3.0
_AT_ONCE = 64


@asynccontextmanager
async def client_of(connection: Connection) -> AsyncIterator[Client]:
    """A client for one server. Raises Misconfigured when its certificates cannot be used."""
    client = Client(connection, agent=lambda: f"fedctl/{__version__}")
    try:
        yield client
    finally:
        await client.close()


async def ask_all(
    clusters: Iterable[ClusterName], ask: Callable[[ClusterName], Awaitable[T]]
) -> dict[ClusterName, T | TimeoutError]:
    """Ask about every cluster, each for at most DEADLINE_S. What `ask` raises is the caller's to catch in it."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(cluster: ClusterName) -> T | TimeoutError:
        async with slots:
            try:
                async with asyncio.timeout(DEADLINE_S):
                    return await ask(cluster)
            except TimeoutError as late:
                return late

    names = list(clusters)
    return dict(zip(names, await asyncio.gather(*map(one, names)), strict=True))


def catalog_of(connection: Connection) -> Catalog:
    """Everything that one server serves."""

    async def look() -> Catalog:
        async with client_of(connection) as client:
            return await discover(client)

    return asyncio.run(look())
