"""What the bench does to the host: the person's side of each measurement."""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from bench.rig import NAMESPACE
from bench.subjects import Subject
from kubefed.core.names import ObjectKey
from kubefed.kube.client import Client

PAYLOAD = "x" * 512
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works on federated objects of one type. Each call returns the monotonic time just before it."""

    host: Client
    subject: Subject

    async def create(self, name: str, clusters: Sequence[str] | None = None) -> float:
        """POST one federated object for these clusters, or for all."""
        federated = self.subject.federated
        named: dict[str, object] = {"clusters": [{"name": cluster} for cluster in clusters or ()]}
        body = {
            "apiVersion": federated.api_version,
            "kind": federated.kind,
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {
                "template": self.subject.template(PAYLOAD),
                "placement": {"clusterSelector": {}} if clusters is None else named,
            },
        }
        started = time.monotonic()
        await self.host.create(federated, NAMESPACE, orjson.dumps(body))
        return started

    async def create_all(self, names: Iterable[str]) -> float:
        """POST many, sixteen at a time."""
        started = time.monotonic()
        await _in_turns(self.create(name) for name in names)
        return started

    async def edit(self, name: str, payload: str) -> float:
        """Change one template."""
        body = orjson.dumps({"spec": {"template": self.subject.change(payload)}})
        started = time.monotonic()
        await self.host.patch(self.subject.federated, ObjectKey(NAMESPACE, name), body)
        return started

    async def delete_all(self, uids: Mapping[str, str]) -> float:
        """DELETE many, sixteen at a time."""
        federated, started = self.subject.federated, time.monotonic()
        await _in_turns(self.host.delete(federated, ObjectKey(NAMESPACE, name), uid=uid) for name, uid in uids.items())
        return started


async def _in_turns(work: Iterable[Awaitable[object]]) -> None:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(request: Awaitable[object]) -> None:
        async with turns:
            await request

    await asyncio.gather(*(one(request) for request in work))
