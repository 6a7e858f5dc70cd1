"""What the bench does to the host: the person's side of each measurement."""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Mapping

import orjson

from bench.observers import FEDERATED_CONFIG_MAPS
from bench.rig import NAMESPACE
from kubefed.core.names import ObjectKey
from kubefed.kube.client import Client

PAYLOAD = "x" * 512
_AT_ONCE = 16


async def create(host: Client, name: str) -> float:
    """POST one FederatedConfigMap for all clusters; the monotonic time just before."""
    body = {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": "FederatedConfigMap",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"template": {"data": {"payload": PAYLOAD}}, "placement": {"clusterSelector": {}}},
    }
    started = time.monotonic()
    await host.create(FEDERATED_CONFIG_MAPS, NAMESPACE, orjson.dumps(body))
    return started


async def create_all(host: Client, names: Iterable[str]) -> float:
    """POST many, sixteen at a time; the monotonic time just before the first."""
    started = time.monotonic()
    await _in_turns(create(host, name) for name in names)
    return started


async def edit(host: Client, name: str, payload: str) -> float:
    """Change one template; the monotonic time just before."""
    body = orjson.dumps({"spec": {"template": {"data": {"payload": payload}}}})
    started = time.monotonic()
    await host.patch(FEDERATED_CONFIG_MAPS, ObjectKey(NAMESPACE, name), body)
    return started


async def delete_all(host: Client, uids: Mapping[str, str]) -> float:
    """DELETE many, sixteen at a time; the monotonic time just before the first."""
    started = time.monotonic()
    await _in_turns(host.delete(FEDERATED_CONFIG_MAPS, ObjectKey(NAMESPACE, name), uid=uid) for name, uid in uids.items())
    return started


async def _in_turns(work: Iterable[Awaitable[object]]) -> None:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(request: Awaitable[object]) -> None:
        async with turns:
            await request

    await asyncio.gather(*(one(request) for request in work))
