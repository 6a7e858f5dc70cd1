"""One Lease on a fake server, kept as a real API server keeps it: by resourceVersion, one writer at a time."""

import asyncio
from typing import Any

import orjson
from aiohttp import web

from tests.fakes.apiserver import FakeApiServer, send
from tests.fakes.objects import status

NAMESPACE, NAME = "kube-federation-system", "controller"
COLLECTION = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"
PATH = f"{COLLECTION}/{NAME}"


class FakeLease:
    """The Lease `kube-federation-system/controller`. `current` is what the server stores, None before it is created.

    Whoever writes is added to `writers`, so that a test can ask who came after whom. `delays_s` is how long the next
    requests take before they are looked at: one number each, in the order of arrival.
    """

    def __init__(self, server: FakeApiServer) -> None:
        self.current: dict[str, Any] | None = None
        self.writers: list[str] = []
        self.delays_s: list[float] = []
        self.lost_answers = 0
        """So many of the next writes are done, and then nobody is told."""
        self._version = 0
        server.on("GET", PATH, self._get)
        server.on("PUT", PATH, self._put)
        server.on("POST", COLLECTION, self._create)

    @property
    def holder(self) -> str:
        """Who holds it, empty when nobody does."""
        return str(self.current["spec"]["holderIdentity"]) if self.current else ""

    async def _get(self, request: web.BaseRequest) -> web.StreamResponse:
        await self._take_time()
        if self.current is None:
            return await send(status(404, "NotFound"), status=404)(request)
        return await send(self.current)(request)

    async def _put(self, request: web.BaseRequest) -> web.StreamResponse:
        lease = orjson.loads(await request.read())
        await self._take_time()
        if self.current is None or lease["metadata"]["resourceVersion"] != self.current["metadata"]["resourceVersion"]:
            return await send(status(409, "Conflict"), status=409)(request)
        return await self._store(lease, request)

    async def _create(self, request: web.BaseRequest) -> web.StreamResponse:
        lease = orjson.loads(await request.read())
        await self._take_time()
        if self.current is not None:
            return await send(status(409, "AlreadyExists"), status=409)(request)
        return await self._store(lease, request)

    async def _take_time(self) -> None:
        if self.delays_s:
            await asyncio.sleep(self.delays_s.pop(0))

    async def _store(self, lease: dict[str, Any], request: web.BaseRequest) -> web.StreamResponse:
        self._version += 1
        lease["metadata"]["resourceVersion"] = str(self._version)
        self.current = lease
        self.writers.append(lease["spec"]["holderIdentity"])
        if self.lost_answers:
            self.lost_answers -= 1
            if request.transport is not None:
                request.transport.abort()
        return await send(lease)(request)
