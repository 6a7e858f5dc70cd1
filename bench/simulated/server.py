"""The HTTP of simulated clusters: one port each, all in one loop."""

import asyncio
import random
import ssl
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress

import orjson
from aiohttp import web

from bench.simulated.cluster import TOKEN, Cluster, Place, refused
from bench.simulated.collection import Event, Manifest, Refusal, seen_with

_BOOKMARK_S = 60.0
_JSON = "application/json"
_PARTIAL = "as=PartialObjectMetadata"
_META = {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata"}


class Front:
    """What one port serves. `latency_s` passes before each answer, as on the way to another region."""

    def __init__(self, cluster: Cluster, latency_s: float) -> None:
        """`cluster` is what it serves."""
        self.cluster = cluster
        self._latency_s = latency_s

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer any request."""
        self.cluster.requests += 1
        body = await request.read()
        await asyncio.sleep(self._latency_s)
        if page := self.cluster.page_without_objects(request.path):
            return web.Response(body=page[0], headers={"Content-Type": page[1]})
        try:
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                raise Refusal(401, "Unauthorized", "Unauthorized")
            place = self.cluster.place(request.path)
            if request.query.get("watch"):
                return await self._watch(request, place)
            code, answer = _answer(request, place, body)
        except Refusal as refusal:
            return _json(refused(refusal), refusal.code)
        return _json(answer, code)

    async def _watch(self, request: web.BaseRequest, place: Place) -> web.StreamResponse:
        version = int(request.query["resourceVersion"])
        place.collection.since(version)
        response = web.StreamResponse(headers={"Content-Type": _JSON})
        with suppress(ConnectionError):  # whoever watched went away
            await response.prepare(request)
            await self._tell(request, response, place, version)
        return response

    async def _tell(self, request: web.BaseRequest, response: web.StreamResponse, place: Place, version: int) -> None:
        """Write what happens after `version` until the time that was asked for is over."""
        labels, only_metadata = _labels(request), _PARTIAL in request.headers.get("Accept", "")
        loop = asyncio.get_running_loop()
        end = loop.time() + float(request.query["timeoutSeconds"])
        bookmark = loop.time() + _BOOKMARK_S * random.random()  # noqa: S311 - spread, not secret
        while loop.time() < end:
            for event in place.collection.since(version):
                version = event.version
                if line := _line(event, labels, place, only_metadata=only_metadata):
                    await response.write(line)
            if loop.time() >= bookmark:
                bookmark = loop.time() + _BOOKMARK_S
                version = max(version, self.cluster.versions.newest)
                await response.write(_bookmark(place, version, only_metadata=only_metadata))
            if not place.collection.since(version):
                await place.collection.wait(min(bookmark, end) - loop.time())


async def serve(clusters: Sequence[Cluster], tls: ssl.SSLContext, latency_s: float, stack: AsyncExitStack) -> list[int]:
    """Serve each cluster on a port of its own until `stack` is closed; the ports."""
    ports = []
    for cluster in clusters:
        runner = web.ServerRunner(web.Server(Front(cluster, latency_s).handle, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls, backlog=16).start()
        ports.append(int(runner.addresses[0][1]))
    return ports


def _answer(request: web.BaseRequest, place: Place, body: bytes) -> tuple[int, Manifest]:
    collection, namespace, name = place.collection, place.namespace, place.name
    manager = request.query.get("fieldManager", "unknown")
    match request.method:
        case "GET" if name:
            return 200, _shown(request, collection.get(namespace, name))
        case "GET":
            return 200, _page(request, place)
        case "POST":
            return 201, _shown(request, collection.create(namespace, orjson.loads(body), manager))
        case "PUT":
            return 200, _shown(request, collection.replace(namespace, name, orjson.loads(body), manager))
        case "DELETE":
            uid = (orjson.loads(body or b"{}").get("preconditions") or {}).get("uid")
            gone = collection.delete(namespace, name, uid)
            details = {"name": name, "kind": collection.resource, "uid": gone["metadata"]["uid"]}
            return 200, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
    raise Refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def _page(request: web.BaseRequest, place: Place) -> Manifest:
    name = request.query.get("fieldSelector", "").partition("metadata.name=")[2]
    found = place.collection.selected(place.namespace, _labels(request), name)
    begin = int(urlsafe_b64decode(request.query["continue"])) if request.query.get("continue") else 0
    end = begin + int(request.query.get("limit") or len(found) or 1)
    metadata: Manifest = {"resourceVersion": str(place.collection.versions.newest)}
    if end < len(found):
        metadata["continue"] = urlsafe_b64encode(str(end).encode()).decode()
        if not _labels(request):
            metadata["remainingItemCount"] = len(found) - end
    if _PARTIAL in request.headers.get("Accept", ""):
        items = [{**_META, "metadata": item["metadata"]} for item in found[begin:end]]
        return {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "items": items}
    items = [{key: value for key, value in item.items() if key not in ("apiVersion", "kind")} for item in found[begin:end]]
    kind, api_version = f"{place.collection.kind}List", place.collection.api_version
    return {"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": items}


def _shown(request: web.BaseRequest, manifest: Manifest) -> Manifest:
    if _PARTIAL in request.headers.get("Accept", ""):
        return {**_META, "metadata": manifest["metadata"]}
    return manifest


def _line(event: Event, labels: dict[str, str], place: Place, *, only_metadata: bool) -> bytes | None:
    seen = seen_with(event, labels)
    if seen is None or place.namespace not in ("", event.object["metadata"].get("namespace", "")):
        return None
    called, shown = seen
    if only_metadata:
        shown = {**_META, "metadata": shown["metadata"]}
    return orjson.dumps({"type": called, "object": shown}) + b"\n"


def _bookmark(place: Place, version: int, *, only_metadata: bool) -> bytes:
    types = _META if only_metadata else {"apiVersion": place.collection.api_version, "kind": place.collection.kind}
    metadata = {"resourceVersion": str(version), "creationTimestamp": None}
    return orjson.dumps({"type": "BOOKMARK", "object": {**types, "metadata": metadata}}) + b"\n"


def _labels(request: web.BaseRequest) -> dict[str, str]:
    """The label selector, of which only `name=value,...` is understood."""
    selector = request.query.get("labelSelector", "")
    return dict(part.split("=", 1) for part in selector.split(",") if part)


def _json(answer: Manifest, code: int) -> web.Response:
    return web.Response(body=orjson.dumps(answer), status=code, headers={"Content-Type": _JSON})
