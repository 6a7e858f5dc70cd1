"""The calls that a client offers, as data: for tests that say the same of every read or of every write."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from kubefed.core.errors import ApiError
from kubefed.core.names import ObjectKey
from kubefed.kube import wire
from kubefed.kube.client import Client
from tests.fakes.objects import CONFIG_MAPS, CONFIG_MAPS_PATH, config_map

KEY = ObjectKey("shop", "web")
PATH = CONFIG_MAPS.object_path(KEY)
COLLECTION = CONFIG_MAPS.collection_path("shop")
BODY = orjson.dumps(config_map("web"))


async def everything(client: Client, **selection: Any) -> list[str]:
    """The names in a whole list."""
    pages = [one async for one in client.pages(CONFIG_MAPS, **selection)]
    return [client.projector.metadata(item).name for one in pages for item in one.items or ()]


async def failure(call: Awaitable[object]) -> ApiError | None:
    """What a call raises, None when it goes well. Nothing but an ApiError may come."""
    try:
        await call
    except ApiError as error:
        return error
    return None


async def watched(client: Client, since: str = "5") -> list[wire.WireEvent]:
    return [one async for one in client.watch(CONFIG_MAPS, since=since, timeout_s=300)]


def create(client: Client) -> Awaitable[object]:
    return client.create(CONFIG_MAPS, "shop", BODY)


def replace(client: Client) -> Awaitable[object]:
    return client.replace(CONFIG_MAPS, KEY, BODY)


def patch(client: Client) -> Awaitable[object]:
    return client.patch(CONFIG_MAPS, KEY, b"{}")


def delete(client: Client) -> Awaitable[object]:
    return client.delete(CONFIG_MAPS, KEY, uid="uid-web")


def get(client: Client) -> Awaitable[object]:
    return client.get_metadata(CONFIG_MAPS, KEY)


Call = Callable[[Client], Awaitable[object]]
WRITES: list[tuple[Call, str, str]] = [
    (create, "POST", COLLECTION),
    (replace, "PUT", PATH),
    (patch, "PATCH", PATH),
    (delete, "DELETE", PATH),
]
READS: list[tuple[Call, str, str]] = [
    (get, "GET", PATH),
    (lambda client: client.get_object(CONFIG_MAPS, KEY), "GET", PATH),
    (everything, "GET", CONFIG_MAPS_PATH),
    (watched, "WATCH", CONFIG_MAPS_PATH),
]
CALLS = [*WRITES, *READS]
