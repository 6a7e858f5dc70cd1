"""A scripted API server over HTTPS, for answers that no real one can be made to give.

    async with FakeApiServer() as server:
        server.on("GET", "/api/v1/configmaps", send(page(config_map("a"))))   # the same answer, again and again
        server.on("PUT", path, send(status(503, "x"), status=503), send({}))  # one after another; the last one stays
        stream = server.stream("/api/v1/configmaps")                          # a watch that the test writes to
        client = server.client()                                              # closed with the server

Answers are functions from a request to a response; the ones below cover most faults. Whatever was not scripted is a 404.
"""

import asyncio
import gzip
import itertools
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import web

from kubefed.core.secret import Secret
from kubefed.kube.client import Client
from kubefed.kube.connection import Connection, Credentials
from tests.fakes.objects import status as status_object
from tests.fakes.pki import Authority

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

AGENT = "kubefed/tests"
TOKEN = "a-token-that-must-not-travel"  # noqa: S105 - it opens nothing


@dataclass(slots=True)
class Seen:
    """A request as it arrived. A list with `watch=1` counts as the verb WATCH."""

    verb: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    connection: int
    """Names the TCP connection it came by: the port at the other end."""
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


class FakeApiServer:
    """One server on the loopback device, under its own authority. `requests` holds what arrived, in order."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, authority: Authority | None = None) -> None:
        """`tls`: what it serves with; a good certificate of `authority` when not given."""
        self.requests: list[Seen] = []
        self.authority = authority or _common_authority()
        self._tls = tls or self.authority.server()
        self._answers: dict[tuple[str, str], Iterator[Answer]] = {}
        self._clients: list[Client] = []
        self._runner: web.ServerRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        server = web.Server(self._handle, loop=loop, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients:
            await client.close()
        await self.stop()

    async def stop(self) -> None:
        """Go away; every connection is cut. Entering again starts on the same port."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def port(self) -> int:
        return self._port

    @property
    def connection(self) -> Connection:
        """How a client reaches this server: by address, with its authority's certificate and TOKEN."""
        return Connection(f"https://127.0.0.1:{self._port}", self.authority.ca_pem, Credentials(Secret(TOKEN)))

    def client(self, connection: Connection | None = None, **options: Any) -> Client:
        """A client of this server, with `options` of its own; closed when the server is."""
        client = Client(connection or self.connection, **({"agent": lambda: AGENT} | options))
        self._clients.append(client)
        return client

    def on(self, verb: str, path: str, *answers: Answer) -> None:
        """What to answer: one after another, the last one again and again. Replaces what was said before."""
        self._answers[verb, path] = itertools.chain(answers, itertools.repeat(answers[-1]))

    def stream(self, path: str) -> "Stream":
        """Let every watch of `path` be written by the test."""
        stream = Stream()
        self.on("WATCH", path, stream.answer)
        return stream

    def seen(self, verb: str, path: str = "") -> list[Seen]:
        """The requests of one verb, of one path or all."""
        return [request for request in self.requests if request.verb == verb and path in ("", request.path)]

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        verb = "WATCH" if request.query.get("watch") == "1" else request.method
        peer = request.transport.get_extra_info("peername") if request.transport else ("", 0)
        seen = Seen(verb, request.raw_path.partition("?")[0], dict(request.query), request.headers, peer[1])
        self.requests.append(seen)
        answer = next(self._answers.get((verb, seen.path), _UNSCRIPTED))
        if answer not in _WITHOUT_READING:
            seen.body = await request.read()
        return await answer(request)


@contextmanager
def in_thread(server: FakeApiServer) -> Iterator[FakeApiServer]:
    """Let a server run in a thread of its own, for callers that block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fake API server")
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
        yield server
        asyncio.run_coroutine_threadsafe(_stop_and_settle(server), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop_and_settle(server: FakeApiServer) -> None:
    """Stop, and cut what still takes leave: a TLS connection waits half a minute for the other side's last word."""
    await server.stop()
    for transport in list(getattr(asyncio.get_running_loop(), "_transports", {}).values()):
        transport.abort()
    for _ in range(_TURNS_UNTIL_GONE):
        await asyncio.sleep(0)


_TURNS_UNTIL_GONE = 3


class Stream:
    """A watch that the test writes to, across however many connections. Lines wait until somebody watches."""

    def __init__(self) -> None:
        self.watchers = 0
        """So many connections are open on it."""
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()

    def send(self, *lines: bytes) -> None:
        """Write these bytes as they are: whole lines, halves, nonsense."""
        for line in lines:
            self._lines.put_nowait(line)

    def end(self) -> None:
        """Close the stream as a server does when its time is over."""
        self._lines.put_nowait(b"")

    def cut(self) -> None:
        """Reset the connection in the middle of the stream."""
        self._lines.put_nowait(None)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to a watch."""
        response = await _opened(request, 200, {"Content-Type": "application/json"})
        self.watchers += 1
        try:
            while line := await self._lines.get():
                await response.write(line)
            if line is None:
                return _cut(request)
        finally:
            self.watchers -= 1
        return response


# --- answers ---------------------------------------------------------------------------------------------------


def send(body: Any = b"", *, status: int = 200, headers: Mapping[str, str] | None = None, kind: str = "json") -> Answer:
    """A whole answer. `body` is bytes, or is made JSON; `kind` is the content type's second half."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    content_type = "text/html" if kind == "html" else f"application/{kind}"

    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=content, status=status, headers={"Content-Type": content_type, **(headers or {})})

    return answer


def refuse(code: int, reason: str, *, headers: Mapping[str, str] | None = None, **fields: Any) -> Answer:
    """A refusal in a server's own words: a metav1.Status with `fields` of objects.status."""
    return send(status_object(code, reason, **fields), status=code, headers=headers)


def html(code: int = 200) -> Answer:
    """What a load balancer says in a server's stead."""
    return send(b"<!DOCTYPE html><html><body>welcome</body></html>", status=code, kind="html")


def redirect(to: str, code: int = 307) -> Answer:
    """Somewhere else, please."""
    return send(status=code, headers={"Location": to})


def gzipped(body: Any) -> Answer:
    """A good answer, compressed although nobody asked for it."""
    return send(gzip.compress(orjson.dumps(body)), headers={"Content-Encoding": "gzip"})


def truncated(body: bytes, *, at: int) -> Answer:
    """The first `at` bytes of an answer that said it was longer, and then a reset."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = await _opened(request, 200, {"Content-Type": "application/json", "Content-Length": str(len(body))})
        await response.write(body[:at])
        return _cut(request)

    return answer


def endless(chunk: bytes, *, status: int = 200) -> Answer:
    """The same bytes again and again, for as long as anybody reads them."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = await _opened(request, status, {"Content-Type": "application/json"})
        while True:
            await response.write(chunk)
            await asyncio.sleep(0)

    return answer


def lines(*parts: bytes) -> Answer:
    """A watch that says this and ends."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = await _opened(request, 200, {"Content-Type": "application/json"})
        for part in parts:
            await response.write(part)
        return response

    return answer


async def silence(_request: web.BaseRequest) -> web.StreamResponse:
    """Read the request and say nothing."""
    await asyncio.Event().wait()
    raise AssertionError


async def open_silence(request: web.BaseRequest) -> web.StreamResponse:
    """Accept a watch and say nothing more."""
    await _opened(request, 200, {"Content-Type": "application/json"})
    return await silence(request)


async def reset_unread(request: web.BaseRequest) -> web.StreamResponse:
    """Cut the connection as soon as a request begins, without reading its body."""
    return _cut(request)


async def reset_done(request: web.BaseRequest) -> web.StreamResponse:
    """Read the whole request, do what it says as far as anybody knows, and cut the connection."""
    return _cut(request)


async def _not_found(request: web.BaseRequest) -> web.StreamResponse:
    return await refuse(404, "NotFound")(request)


_UNSCRIPTED: Iterator[Answer] = itertools.repeat(_not_found)
_WITHOUT_READING: tuple[Answer, ...] = (reset_unread,)


@cache
def _common_authority() -> Authority:
    return Authority()


async def _opened(request: web.BaseRequest, status: int, headers: Mapping[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers=headers)
    await response.prepare(request)
    return response


def _cut(request: web.BaseRequest) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
