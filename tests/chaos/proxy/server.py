"""The proxy itself: one listening port, one upstream, the faults of the moment. It runs in a thread and loop of its own."""

import asyncio
import random
import ssl
import struct
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socket import SO_LINGER, SOL_SOCKET, socket
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.chaos.proxy.messages import Answered, Asked, chunk, lines, read_answered, read_asked
from tests.fakes.pki import Authority

_STEP_S = 30.0
_TRICKLE_S = 0.003  # 64 KiB each time: a link of about 20 MB/s, not all that the loopback device gives
_LIMIT_BYTES = 2**20
_BROKEN = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError, OSError, ValueError)

Result = TypeVar("Result")


class Cut(ConnectionError):
    """This connection ends here, without a word."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """The real server on the loopback device, and the authority that vouches for it."""

    port: int
    ca_pem: bytes


@dataclass(slots=True)
class Seen:
    """One request that came by. `status` is what its client was told; 0 for nothing. Times are monotonic seconds."""

    asked: Asked
    came_at: float
    status: int = 0


class Fault:
    """A way to misbehave. What a fault does not override goes on as if nothing were wrong.

    All methods run in the proxy's loop. `proxy` and `over` are there from `begin` on; `over` is set at the fault's end.
    """

    proxy: "FaultProxy"
    over: asyncio.Event

    async def begin(self) -> None:
        """The fault sets in."""

    async def end(self) -> None:
        """The fault is lifted."""

    async def connected(self) -> None:
        """A connection was accepted and has not said anything yet. Raises Cut to end it."""

    async def asked(self, exchange: "Exchange") -> Answered | None:
        """A request came. Its answer, or None to let it pass; raises Cut to end the connection instead."""

    async def told(self, asked: Asked, line: bytes) -> list[bytes]:
        """A line of a stream is on its way: what goes on in its place. Raises Cut to end the stream."""
        del asked
        return [line]


class Exchange:
    """One request and its way onward."""

    def __init__(self, asked: Asked, line: "Line") -> None:
        self.asked = asked
        self._line = line

    async def forward(self) -> Answered:
        """Have the real server answer, whole. Raises Cut when it is not there."""
        return (await self._line.ask(self.asked, stream=False))[0]

    async def trickle(self, pieces: Callable[[], bytes], over: asyncio.Event) -> None:
        """Answer 200 with pieces without end, until the client has enough or the fault is over; then cut."""
        self._line.writer.write(Answered(200).stream_head())
        while not (over.is_set() or self._line.writer.transport.is_closing()):
            self._line.writer.write(chunk(pieces()))
            await self._line.writer.drain()
            await asyncio.sleep(_TRICKLE_S)
        raise Cut


class Line:
    """One client's connection, and the one to the real server that goes with it."""

    def __init__(self, proxy: "FaultProxy", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._reader = reader
        self.writer = writer
        self.streams = False
        self._onward: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def serve(self) -> None:
        """Answer request after request until one side has enough."""
        while (asked := await read_asked(self._reader)) is not None:
            seen = Seen(asked, time.monotonic())
            self._proxy.seen.append(seen)
            answer = await self._answer(Exchange(asked, self))
            if answer is None:
                seen.status = 200
                return
            seen.status = answer.status
            self.writer.write(answer.encoded())
            await self.writer.drain()

    async def _answer(self, exchange: Exchange) -> Answered | None:
        """The answer; None when it was a stream, and has ended."""
        for fault in self._proxy.faults:
            answer = await fault.asked(exchange)
            if answer is not None:
                return answer
        answer, more = await self.ask(exchange.asked, stream=exchange.asked.is_watch)
        if not more:
            return answer
        await self._stream(exchange.asked, answer)
        return None

    async def ask(self, asked: Asked, *, stream: bool) -> tuple[Answered, bool]:
        """Have the real server answer. Raises Cut when it is not there."""
        try:
            if self._onward is None:
                self._onward = await self._proxy.connect()
            reader, writer = self._onward
            writer.write(asked.encoded())
            await writer.drain()
            return await read_answered(reader, stream=stream)
        except _BROKEN:
            raise Cut from None

    async def _stream(self, asked: Asked, answer: Answered) -> None:
        assert self._onward is not None
        self.streams = True
        self.writer.write(answer.stream_head())
        async for line in lines(self._onward[0]):
            for told in await self._proxy.tell(asked, line):
                self.writer.write(chunk(told))
            await self.writer.drain()
        self.writer.write(chunk(b""))
        await self.writer.drain()

    def abort(self) -> None:
        """Reset both connections: no more bytes, no good-bye."""
        for writer in (self.writer, self._onward[1] if self._onward else None):
            if writer is None:
                continue
            plain: socket | None = writer.get_extra_info("socket")
            if plain is not None:
                with suppress(OSError):
                    plain.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


class FaultProxy:
    """Stands before one API server. `seen` holds what came by, in order; `rng` is for faults that strike by chance."""

    def __init__(self, name: str, upstream: Upstream, authority: Authority, *, seed: int = 0) -> None:
        self.name = name
        self.seen: list[Seen] = []
        self.faults: list[Fault] = []
        self.rng = random.Random(f"{seed}:{name}")  # noqa: S311 - chaos that can be repeated
        self._upstream = upstream
        self._authority = authority
        self._tls = authority.server()
        self._onward_tls = ssl.create_default_context(cadata=upstream.ca_pem.decode())
        self._lines: dict[asyncio.Task[None], Line] = {}
        self._server: asyncio.Server | None = None
        self._port = 0

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        return f"https://127.0.0.1:{self._port}"

    @property
    def ca_pem(self) -> str:
        """The authority that vouches for it."""
        return self._authority.ca_pem

    # --- in the hands of a test --------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"proxy before {self.name}", daemon=True)
        self._thread.start()
        self.call(self.listen())
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STEP_S)
        self._loop.close()

    @contextmanager
    def suffering(self, *faults: Fault) -> Iterator[None]:
        """Misbehave in all these ways, the first one first, for the length of a `with` block."""
        for fault in faults:
            self.call(self._begin(fault))
        try:
            yield
        finally:
            for fault in reversed(faults):
                self.call(self._lift(fault))

    def cut_all(self) -> None:
        """Reset every connection of the moment."""
        self.call(self.cut())

    def call(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Have something done in the proxy's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_STEP_S)

    # --- in its loop -------------------------------------------------------------------------------------------

    async def listen(self) -> None:
        """Take connections, always on the same port."""
        if self._server is None:
            self._server = await asyncio.start_server(
                self._accept, "127.0.0.1", self._port, limit=_LIMIT_BYTES, reuse_address=True
            )
            self._port = self._server.sockets[0].getsockname()[1]

    async def deafen(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.close()
            self._server = None
            await asyncio.sleep(0)

    async def cut(self, *, streams_only: bool = False) -> None:
        """Reset connections."""
        for task, line in list(self._lines.items()):
            if line.streams or not streams_only:
                line.abort()
                task.cancel()
        await asyncio.sleep(0)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the real server."""
        return await asyncio.open_connection("127.0.0.1", self._upstream.port, ssl=self._onward_tls, limit=_LIMIT_BYTES)

    async def tell(self, asked: Asked, line: bytes) -> list[bytes]:
        """What becomes of a line of a stream."""
        told = [line]
        for fault in self.faults:
            told = [each for one in told for each in await fault.told(asked, one)]
        return told

    async def _begin(self, fault: Fault) -> None:
        fault.proxy, fault.over = self, asyncio.Event()
        self.faults.append(fault)
        await fault.begin()

    async def _lift(self, fault: Fault) -> None:
        self.faults.remove(fault)
        fault.over.set()
        await fault.end()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task, line = asyncio.current_task(), Line(self, reader, writer)
        assert task is not None
        self._lines[task] = line
        try:
            for fault in self.faults:
                await fault.connected()
            await writer.start_tls(self._tls)
            await line.serve()
        except (*_BROKEN, asyncio.CancelledError):
            pass  # the client went, the server went, or a fault cut them
        finally:
            self._lines.pop(task, None)
            line.abort()

    async def _close(self) -> None:
        await self.deafen()
        await self.cut()
        for task in [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]:
            task.cancel()
            with suppress(BaseException):
                await task
