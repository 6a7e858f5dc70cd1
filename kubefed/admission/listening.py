"""Keeps the port open: TLS, few connections at once, and none for those that open one and then say nothing."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiohttp import web

from kubefed.core.errors import Misconfigured

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_IDLE_S = 120.0  # API servers close connections that they have not used for 90 s
_STOP_S = 5.0
_GOODBYE_S = 0.2


@dataclass(frozen=True, slots=True)
class Limits:
    """How much patience and room there is. A connection must bring its first request within `first_request_s`."""

    first_request_s: float = 10.0
    quiet_s: float = _IDLE_S + 30.0
    most_connections: int = 256


class _Closed(asyncio.Protocol):
    """The other end of a connection that is not wanted."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close it."""
        transport.close()


class _Doorkeeper:
    """Knows when each connection last asked something, and shows out those that only hold a place."""

    def __init__(self, handle: Handle, limits: Limits) -> None:
        self._limits = limits
        self._handle = handle
        self._loop = asyncio.get_running_loop()
        self._opened: dict[web.RequestHandler, float] = {}
        self._asked: dict[web.RequestHandler, float] = {}
        self._busy: set[web.RequestHandler] = set()
        self.server = web.Server(
            self._handle_noted,
            access_log=None,
            keepalive_timeout=_IDLE_S,
            lingering_time=0.0,
            auto_decompress=False,
        )

    def admit(self) -> asyncio.Protocol:
        """A protocol for a connection that was just accepted."""
        if len(self._opened) >= self._limits.most_connections and not self._make_room():
            return _Closed()
        connection = self.server()
        self._opened[connection] = self._loop.time()
        return connection

    async def sweep(self) -> None:
        """Show out who was quiet for too long, once a second, until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            self._forget_closed()
            now = self._loop.time()
            for connection in [each for each in self._opened if self._too_quiet(each, now)]:
                self._show_out(connection)

    async def close(self) -> None:
        """Let what is being answered end, then close all connections, and those by force that linger in goodbyes."""
        self.server.pre_shutdown()
        transports = [each.transport for each in self.server.connections if each.transport is not None]
        await self.server.shutdown(_STOP_S)
        if transports:
            await asyncio.sleep(_GOODBYE_S)
        for transport in transports:
            transport.abort()
        await asyncio.sleep(0)

    async def _handle_noted(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        self._busy.add(connection)
        try:
            return await self._handle(request)
        finally:
            self._busy.discard(connection)
            if connection in self._opened:
                self._asked[connection] = self._loop.time()

    def _forget_closed(self) -> None:
        """A connection has no transport before its handshake, which has a deadline of its own, and after its end."""
        now = self._loop.time()
        for connection, opened_at in list(self._opened.items()):
            begun = connection in self._asked or now - opened_at > self._limits.first_request_s
            if connection.transport is None and begun:
                self._show_out(connection)

    def _too_quiet(self, connection: web.RequestHandler, now: float) -> bool:
        if connection in self._busy:
            return False
        asked = self._asked.get(connection)
        if asked is None:
            return now - self._opened[connection] > self._limits.first_request_s
        return now - asked > self._limits.quiet_s

    def _make_room(self) -> bool:
        """Whether there is room now: whoever has been quiet for longest goes, those that never asked anything first."""
        self._forget_closed()
        if len(self._opened) < self._limits.most_connections:
            return True
        quiet = [each for each in self._opened if each not in self._busy and each.transport is not None]
        if quiet:
            self._show_out(min(quiet, key=lambda each: (self._asked.get(each, 0.0), self._opened[each])))
        return bool(quiet)

    def _show_out(self, connection: web.RequestHandler) -> None:
        self._opened.pop(connection, None)
        self._asked.pop(connection, None)
        self._busy.discard(connection)
        transport = connection.transport
        if transport is not None:
            transport.abort()


@asynccontextmanager
async def listening(
    handle: Handle, address: tuple[str, int], context: ssl.SSLContext, limits: Limits | None = None
) -> AsyncIterator[int]:
    """Serve while the context is open; gives the port. Raises Misconfigured when it cannot be bound."""
    doorkeeper = _Doorkeeper(handle, limits or Limits())
    loop = asyncio.get_running_loop()
    host, port = address
    try:
        listener = await loop.create_server(
            doorkeeper.admit, host or None, port, ssl=context, ssl_handshake_timeout=5.0, ssl_shutdown_timeout=2.0
        )
    except (OSError, OverflowError):
        raise Misconfigured(f"cannot listen on port {port}: free it, or choose another with --secure-port") from None
    sweeping = loop.create_task(doorkeeper.sweep())
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)
        listener.close()
        await doorkeeper.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                await listener.wait_closed()
