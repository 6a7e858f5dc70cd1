"""Talks to one API server. Every call has a deadline, a size limit, and one of core/errors.py when it fails.

Payloads go out as bytes that the caller encoded and come back as bytes or as records of wire.py. A client serves one
event loop. Before every write it asks its fence, so that a process which lost its lease cannot write by any path.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec
import orjson
from yarl import URL

from kubefed.core.clock import Clock, SystemClock
from kubefed.core.errors import ApiError, Expired, Unintelligible
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.kube import errors, wire
from kubefed.kube.connection import Connection
from kubefed.kube.messages import Answer, Request
from kubefed.kube.transport import CONNECT_TIMEOUT_S, open_session, refuse_literal_address

DEADLINE_S = 30.0
LARGEST_OBJECT_BYTES = 8 * 2**20
LARGEST_PAGE_BYTES = 512 * 2**20
PAGE_ITEMS = 500
WATCH_SILENCE_S = 70.0
"""API servers send a bookmark about once a minute; a stream that is silent for longer is dead."""

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


T = TypeVar("T")


Observe = Callable[[str, int, float], None]
"""Called after each request with its verb, its HTTP status (0: no answer) and its seconds."""


def _nothing() -> None:
    """The fence of a client that may always write; the hook that nobody needs."""


def _unobserved(verb: str, status: int, seconds: float) -> None:
    """The observer of a client nobody measures."""


class Client:
    """One API server, one connection pool.

    `fence` is called before each write and raises when this process may not write. `agent` is called per request for the
    User-Agent, because it names the leadership epoch.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        agent: Callable[[], str],
        fence: Callable[[], None] = _nothing,
        observe: Observe = _unobserved,
        clock: Clock | None = None,
    ) -> None:
        """Opens nothing yet. Raises Misconfigured when the connection's certificates or address cannot be used."""
        refuse_literal_address(connection)
        self.connection = connection
        self.projector = wire.Projector(annotation_prefix="kubefed.io/")
        self._agent = agent
        self._fence = fence
        self._observe = observe
        self._clock = clock or SystemClock()
        self._session = open_session(connection)

    async def close(self) -> None:
        """Close the pool; calls in flight fail as Unreachable."""
        await self._session.close()

    # --- reading -----------------------------------------------------------------------------------------------

    async def get(self, resource: ResourceType, key: ObjectKey, *, deadline_s: float = DEADLINE_S) -> bytes:
        """One object as the server sent it: a consistent read."""
        return await self._ok(Request("GET", resource.object_path(key)), deadline_s=deadline_s)

    async def get_metadata(self, resource: ResourceType, key: ObjectKey) -> wire.Metadata:
        """One object's metadata: a consistent read."""
        request = Request("GET", resource.object_path(key), accept=wire.METADATA_ONLY)
        return self._metadata(request, await self._ok(request))

    async def get_object(self, resource: ResourceType, key: ObjectKey) -> wire.Object:
        """One object with its spec and status as bytes: a consistent read."""
        request = Request("GET", resource.object_path(key))
        return self._decoded(request, self.projector.object, await self._ok(request))

    async def pages(
        self,
        resource: ResourceType,
        *,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
        metadata_only: bool = False,
    ) -> AsyncIterator[wire.WirePage]:
        """A whole, consistent list, page by page. Raises Expired when it took too long to go on."""
        query = {"limit": str(PAGE_ITEMS)} | _selectors(label_selector, field_selector)
        accept = wire.METADATA_LIST_ONLY if metadata_only else wire.JSON
        request = Request("GET", resource.collection_path(namespace), query, accept=accept)
        while True:
            body = await self._ok(request, largest_bytes=LARGEST_PAGE_BYTES)
            page = self._decoded(request, wire.PAGE_DECODER.decode, body)
            yield page
            if not page.metadata.continue_:
                return
            request = request._replace(query={**query, "continue": page.metadata.continue_})

    async def watch(
        self,
        resource: ResourceType,
        *,
        since: str,
        timeout_s: int,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
        metadata_only: bool = False,
        opened: Callable[[], None] = _nothing,
    ) -> AsyncIterator[wire.WireEvent]:
        """Events after resourceVersion `since`, bookmarks included, until the server ends the stream.

        `opened` is called when the server has accepted the watch, which may be a minute before the first event.
        Raises Expired when `since` is too old, Unreachable when the stream breaks or is silent for WATCH_SILENCE_S.
        """
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": since,
            "timeoutSeconds": str(timeout_s),
        } | _selectors(label_selector, field_selector)
        accept = wire.METADATA_ONLY if metadata_only else wire.JSON
        request = Request("GET", resource.collection_path(namespace), query, accept=accept)
        async for line in self._lines(request, opened):
            event = self._decoded(request, wire.EVENT_DECODER.decode, line)
            if event.type == "ERROR":
                raise self._watch_error(request, event)
            yield event

    async def fetch(self, path: str, *, accept: str = wire.JSON, deadline_s: float = DEADLINE_S) -> Answer:
        """GET any path and hand back the answer whatever its status: health probes, version, discovery."""
        return await self._send(
            Request("GET", path, accept=accept), deadline_s=deadline_s, largest_bytes=LARGEST_OBJECT_BYTES
        )

    # --- writing -----------------------------------------------------------------------------------------------

    async def create(self, resource: ResourceType, namespace: str, body: bytes) -> wire.Metadata:
        """POST one object. Raises AlreadyExists; the answer is the new object's metadata."""
        request = Request("POST", resource.collection_path(namespace), _WRITE_QUERY, body, accept=wire.METADATA_ONLY)
        return self._metadata(request, await self._ok(request))

    async def replace(self, resource: ResourceType, key: ObjectKey, body: bytes, *, subresource: str = "") -> wire.Metadata:
        """PUT one object, or its `subresource`. Raises Stale when the body's resourceVersion is not the newest."""
        path = resource.object_path(key, subresource)
        request = Request("PUT", path, _WRITE_QUERY, body, accept=wire.METADATA_ONLY)
        return self._metadata(request, await self._ok(request))

    async def patch(
        self,
        resource: ResourceType,
        key: ObjectKey,
        body: bytes,
        *,
        content_type: str = MERGE_PATCH,
        subresource: str = "",
    ) -> wire.Metadata:
        """PATCH one object, or its `subresource`, with a body of `content_type`."""
        path = resource.object_path(key, subresource)
        query = {**_WRITE_QUERY, "force": "true"} if content_type == APPLY_PATCH else _WRITE_QUERY
        request = Request("PATCH", path, query, body, content_type=content_type, accept=wire.METADATA_ONLY)
        return self._metadata(request, await self._ok(request))

    async def delete(
        self, resource: ResourceType, key: ObjectKey, *, uid: str, options: Mapping[str, object] | None = None
    ) -> wire.Metadata | None:
        """DELETE one object if it still is the one with `uid`; Stale when another has taken its name.

        None when it is gone; its metadata when finalizers or a grace period keep it a while.
        """
        given = dict(options or {})
        preconditions = given.get("preconditions")
        given["preconditions"] = {**(preconditions if isinstance(preconditions, dict) else {}), "uid": uid}
        given |= {"apiVersion": "v1", "kind": "DeleteOptions"}
        request = Request("DELETE", resource.object_path(key), body=orjson.dumps(given), accept=wire.METADATA_ONLY)
        body = await self._ok(request)
        if errors.decode_status(body) is not None:
            return None
        left = self._metadata(request, body)
        return left if left.terminating else None

    async def post(self, path: str, body: bytes) -> bytes:
        """POST to any path, for subresources that are no objects, such as TokenRequest."""
        return await self._ok(Request("POST", path, body=body))

    # --- the wire ----------------------------------------------------------------------------------------------

    async def _ok(
        self, request: Request, *, deadline_s: float = DEADLINE_S, largest_bytes: int = LARGEST_OBJECT_BYTES
    ) -> bytes:
        answer = await self._send(request, deadline_s=deadline_s, largest_bytes=largest_bytes)
        if 200 <= answer.status < 300:
            return answer.body
        raise errors.from_answer(str(request), answer.status, answer.headers, answer.body)

    async def _send(self, request: Request, *, deadline_s: float, largest_bytes: int) -> Answer:
        if request.is_write:
            self._fence()
        started, status = self._clock.monotonic(), 0
        try:
            async with asyncio.timeout(deadline_s), self._open(request, _CALL_TIMEOUT) as response:
                status = response.status
                body = await _read(response, largest_bytes, str(request))
                return Answer(status, response.headers, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            raise errors.from_fault(str(request), fault, may_have_happened=request.is_write) from None
        finally:
            self._observe(request.verb, status, self._clock.monotonic() - started)

    def _open(
        self, request: Request, timeout: aiohttp.ClientTimeout
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        headers = {"User-Agent": self._agent(), "Accept": request.accept, "Accept-Encoding": "identity"}
        if token := self.connection.credentials.token:
            headers["Authorization"] = f"Bearer {token.reveal()}"
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        url = f"{self.connection.server}{request.path}"
        if request.query:
            url = f"{url}?{urlencode(request.query)}"
        return self._session.request(
            request.verb,
            URL(url, encoded=True),
            data=request.body,
            headers=headers,
            allow_redirects=False,
            server_hostname=self.connection.tls_server_name or None,
            proxy=self.connection.proxy_url or None,
            timeout=timeout,
        )

    async def _lines(self, request: Request, opened: Callable[[], None]) -> AsyncIterator[bytes]:
        """The lines of a stream that may last for minutes. What is left without a newline at its end is dropped."""
        started, status = self._clock.monotonic(), 0
        try:
            async with self._open(request, _STREAM_TIMEOUT) as response:
                status = response.status
                self._observe("WATCH", status, self._clock.monotonic() - started)
                if status != 200:
                    async with asyncio.timeout(DEADLINE_S):
                        body = await _read(response, LARGEST_OBJECT_BYTES, str(request))
                    raise errors.from_answer(str(request), status, response.headers, body)
                opened()
                async for line in _split_lines(response, str(request)):
                    yield line
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            if not status:
                self._observe("WATCH", 0, self._clock.monotonic() - started)
            raise errors.from_fault(str(request), fault, may_have_happened=False) from None

    def _metadata(self, request: Request, body: bytes) -> wire.Metadata:
        return self._decoded(request, self.projector.metadata, body)

    def _decoded(self, request: Request, decode: Callable[[bytes], T], body: bytes) -> T:
        try:
            return decode(body)
        except (msgspec.DecodeError, RecursionError, ValueError):
            raise Unintelligible(str(request), status=200, reason="NotKubernetes") from None

    def _watch_error(self, request: Request, event: wire.WireEvent) -> ApiError:
        status = errors.decode_status(bytes(event.object))
        if status is None:
            return Unintelligible(str(request), status=200, reason="NotKubernetes")
        if status.reason == "Expired":
            return Expired(str(request), status=410, reason=status.reason)
        return errors.from_status(str(request), status.code, status)


_WRITE_QUERY: Mapping[str, str] = {"fieldManager": "kubefed", "fieldValidation": "Ignore"}
"""Templates may hold fields of a newer API than a member's: what it does not know it drops, as under KubeFed."""

_CALL_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S)
_STREAM_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=WATCH_SILENCE_S)


def _selectors(label_selector: str, field_selector: str) -> dict[str, str]:
    given = {"labelSelector": label_selector, "fieldSelector": field_selector}
    return {name: selector for name, selector in given.items() if selector}


async def _read(response: aiohttp.ClientResponse, largest_bytes: int, request: str) -> bytes:
    """The whole body, refused as soon as it is larger than `largest_bytes`, before it fills our memory."""
    if response.content_length is not None and response.content_length <= largest_bytes:
        return await response.read()
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > largest_bytes:
            raise Unintelligible(request, status=response.status, reason="AnswerTooLarge")
    return bytes(body)


async def _split_lines(response: aiohttp.ClientResponse, request: str) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in response.content.iter_any():
        *lines, rest = (rest + chunk if rest else chunk).split(b"\n")
        for line in lines:
            if line:
                yield line
        if len(rest) > LARGEST_OBJECT_BYTES:
            raise Unintelligible(request, status=200, reason="EventTooLarge")
