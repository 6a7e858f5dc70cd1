"""Talks to one API server. Every call has a deadline, a size limit, and one of core/errors.py when it fails.

Payloads go out as bytes that the caller encoded and come back as bytes or as records of wire.py. A client serves one
event loop. Before every write it asks its fence, so that a process which lost its lease cannot write by any path.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from typing import TypeVar
from urllib.parse import urlencode

import aiohttp
import orjson
from yarl import URL

from kubefed.core.clock import Clock, SystemClock
from kubefed.core.errors import ApiError, Expired, Unintelligible, Unreachable
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.core.tasks import being_cancelled
from kubefed.kube import errors, wire
from kubefed.kube.bodies import ANSWER_TOO_LARGE, LARGEST_OBJECT_BYTES, read_lines, read_whole
from kubefed.kube.connection import Connection
from kubefed.kube.handshakes import Handshakes
from kubefed.kube.messages import Answer, Request
from kubefed.kube.transport import CONNECT_TIMEOUT_S, Departure, open_session

DEADLINE_S = 30.0
LARGEST_PAGE_BYTES = 64 * 2**20
PAGE_ITEMS = 500
MOST_PAGES = 2_000
MOST_ITEMS = MOST_PAGES * PAGE_ITEMS
"""A list that goes on after a million objects goes on for ever."""
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
    User-Agent, because it names the leadership epoch. `stand_in`, if given, answers all writes in the server's place.
    Clients that share `handshakes` take turns in beginning connections.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        agent: Callable[[], str],
        fence: Callable[[], None] = _nothing,
        observe: Observe = _unobserved,
        clock: Clock | None = None,
        stand_in: "StandIn | None" = None,
        handshakes: Handshakes | None = None,
    ) -> None:
        """Opens nothing yet. Raises Misconfigured when the connection's certificates or address cannot be used."""
        self.connection = connection
        self.projector = wire.Projector(annotation_prefix="kubefed.io/")
        self._agent = agent
        self._fence = fence
        self._observe = observe
        self._clock = clock or SystemClock()
        self._stand_in = stand_in
        self._session = open_session(connection, handshakes)

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
    ) -> AsyncGenerator[wire.WirePage, None]:
        """A whole, consistent list, page by page. Raises Expired when it took too long to go on.

        A page that would be too large is asked for again as a smaller one.
        """
        selectors = _selectors(label_selector, field_selector)
        accept = wire.METADATA_LIST_ONLY if metadata_only else wire.JSON
        request = Request("GET", resource.collection_path(namespace), accept=accept)
        limit, go_on, items = PAGE_ITEMS, "", 0
        for _ in range(MOST_PAGES):
            query = selectors | {"limit": str(limit)} | ({"continue": go_on} if go_on else {})
            try:
                body = await self._ok(request._replace(query=query), largest_bytes=LARGEST_PAGE_BYTES)
            except Unintelligible as error:
                if error.reason != ANSWER_TOO_LARGE or limit == 1:
                    raise
                limit = max(1, limit // 10)
                continue
            page = await self._read_or_split(request, wire.read_page, wire.split_page, body)
            items += len(page.items or ())
            if items > MOST_ITEMS:
                break
            yield page
            go_on = page.metadata.continue_
            if not go_on:
                return
        raise Unintelligible(str(request), status=200, reason="ListTooLong")

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
    ) -> AsyncGenerator[wire.WireEvent, None]:
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
        async with aclosing(self._lines(request, opened)) as lines:
            async for line in lines:
                event = await self._read_or_split(request, wire.read_event, wire.split_event, line)
                if event.type == "ERROR":
                    raise self._watch_error(request, event)
                yield event

    async def fetch(self, path: str, *, accept: str = wire.JSON, deadline_s: float = DEADLINE_S) -> Answer:
        """GET any path and hand back the answer whatever its status: health probes, version, discovery."""
        return await self._send(
            Request("GET", path, accept=accept), deadline_s=deadline_s, largest_bytes=LARGEST_OBJECT_BYTES
        )

    # --- writing -----------------------------------------------------------------------------------------------

    async def create(
        self, resource: ResourceType, namespace: str, body: bytes, *, with_status: bool = False
    ) -> wire.Metadata:
        """POST one object. Raises AlreadyExists; the answer is the new object's metadata, `with_status` if need be."""
        request = Request("POST", resource.collection_path(namespace), _WRITE_QUERY, body)
        return await self._write(request, with_status=with_status)

    async def replace(
        self, resource: ResourceType, key: ObjectKey, body: bytes, *, subresource: str = "", with_status: bool = False
    ) -> wire.Metadata:
        """PUT one object, or its `subresource`. Raises Stale when the body's resourceVersion is not the newest."""
        request = Request("PUT", resource.object_path(key, subresource), _WRITE_QUERY, body)
        return await self._write(request, with_status=with_status)

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
        return await self._write(Request("PATCH", path, query, body, content_type=content_type))

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

    async def _write(self, request: Request, *, with_status: bool = False) -> wire.Metadata:
        if with_status:
            answer = await self._ok(request._replace(accept=wire.JSON))
            return self._decoded(request, self.projector.metadata_and_status, answer)
        return self._metadata(request, await self._ok(request._replace(accept=wire.METADATA_ONLY)))

    # --- the wire ----------------------------------------------------------------------------------------------

    async def _ok(
        self, request: Request, *, deadline_s: float = DEADLINE_S, largest_bytes: int = LARGEST_OBJECT_BYTES
    ) -> bytes:
        if request.is_write and self._stand_in is not None:
            return await self._stand_in(self, request)
        answer = await self._send(request, deadline_s=deadline_s, largest_bytes=largest_bytes)
        if 200 <= answer.status < 300:
            return answer.body
        raise errors.from_answer(str(request), answer.status, answer.headers, answer.body)

    async def _send(self, request: Request, *, deadline_s: float, largest_bytes: int) -> Answer:
        departure = self._departure(request)
        started, status = self._clock.monotonic(), 0
        try:
            async with asyncio.timeout(deadline_s), self._open(request, departure, _CALL_TIMEOUT) as response:
                status = response.status
                body = await read_whole(response, largest_bytes, str(request))
                return Answer(status, response.headers, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            may_have_happened = request.is_write and departure.left
            raise errors.from_fault(str(request), fault, may_have_happened=may_have_happened) from None
        except asyncio.CancelledError:
            raise self._cancelled(request) from None
        finally:
            self._observe(request.verb, status, self._clock.monotonic() - started)

    def _departure(self, request: Request) -> Departure:
        """Nothing is begun that may not be ended: the fence is asked now, and again when the request leaves."""
        if self._session.closed:
            raise Unreachable(str(request), reason="ClientClosed")
        if not request.is_write:
            return Departure(_nothing)
        self._fence()
        return Departure(self._fence)

    def _open(
        self, request: Request, departure: Departure, timeout: aiohttp.ClientTimeout
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
            trace_request_ctx=departure,
        )

    async def _lines(self, request: Request, opened: Callable[[], None]) -> AsyncGenerator[bytes, None]:
        """The lines of a stream that may last for minutes."""
        started, status = self._clock.monotonic(), 0
        try:
            async with self._open(request, self._departure(request), _STREAM_TIMEOUT) as response:
                status = response.status
                self._observe("WATCH", status, self._clock.monotonic() - started)
                if status != 200:
                    async with asyncio.timeout(DEADLINE_S):
                        body = await read_whole(response, LARGEST_OBJECT_BYTES, str(request))
                    raise errors.from_answer(str(request), status, response.headers, body)
                opened()
                async with aclosing(read_lines(response, str(request), silence_s=WATCH_SILENCE_S)) as lines:
                    async for line in lines:
                        yield line
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            if not status:
                self._observe("WATCH", 0, self._clock.monotonic() - started)
            raise errors.from_fault(str(request), fault, may_have_happened=False) from None
        except asyncio.CancelledError:
            raise self._cancelled(request) from None

    def _cancelled(self, request: Request) -> BaseException:
        """A pool that is closed cancels its look-ups of names, and with them whoever waits for one."""
        if self._session.closed and not being_cancelled():
            return Unreachable(str(request), reason="ClientClosed")
        return asyncio.CancelledError()

    async def _read_or_split(
        self, request: Request, read: Callable[[bytes], T], split: Callable[[bytes], T], body: bytes
    ) -> T:
        """Read a page or an event. One that does not decode may hold one bad object among good ones: that takes a while."""
        try:
            return read(body)
        except ValueError:
            try:
                return await asyncio.to_thread(split, body)
            except ValueError:
                raise Unintelligible(str(request), status=200, reason="NotKubernetes") from None

    def _metadata(self, request: Request, body: bytes) -> wire.Metadata:
        return self._decoded(request, self.projector.metadata, body)

    def _decoded(self, request: Request, decode: Callable[[bytes], T], body: bytes) -> T:
        try:
            return decode(body)
        except ValueError:
            raise Unintelligible(str(request), status=200, reason="NotKubernetes") from None

    def _watch_error(self, request: Request, event: wire.WireEvent) -> ApiError:
        status = errors.decode_status(bytes(event.object))
        if status is None:
            return Unintelligible(str(request), status=200, reason="NotKubernetes")
        if status.reason == "Expired":
            return Expired(str(request), status=410, reason=status.reason)
        return errors.from_status(str(request), status.code or 0, status)


StandIn = Callable[[Client, Request], Awaitable[bytes]]
"""Gives the body of the answer to a write, or raises ApiError."""

_WRITE_QUERY: Mapping[str, str] = {"fieldManager": "kubefed", "fieldValidation": "Ignore"}
"""Templates may hold fields of a newer API than a member's: what it does not know it drops, as under KubeFed."""

_CALL_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S)
_STREAM_TIMEOUT = aiohttp.ClientTimeout(
    total=None, connect=DEADLINE_S, sock_connect=CONNECT_TIMEOUT_S, sock_read=WATCH_SILENCE_S
)


def _selectors(label_selector: str, field_selector: str) -> dict[str, str]:
    given = {"labelSelector": label_selector, "fieldSelector": field_selector}
    return {name: selector for name, selector in given.items() if selector}
