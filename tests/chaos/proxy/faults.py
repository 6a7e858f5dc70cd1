"""The ways in which an API server, or whatever is before it, misbehaves. Each is one `Fault` that a proxy suffers."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson

from tests.chaos.proxy.messages import Answered, Asked, refusal
from tests.chaos.proxy.server import Cut, Exchange, Fault

Where = Callable[[Asked], bool]
_PROBES = ("/healthz", "/livez", "/readyz")
_PAGE = b"<html><body>Sign in to the network to continue</body></html>"
_PIECE = b"0123456789abcdef" * 4096


def anything(_: Asked) -> bool:
    """Every request."""
    return True


def but_probes(asked: Asked) -> bool:
    """Every request but those for the server's health, which API servers answer before all others."""
    return not asked.path.startswith(_PROBES)


def writes(asked: Asked) -> bool:
    """Requests for a change of an object."""
    return asked.is_write


def about(*plurals: str) -> Where:
    """Requests for objects of these types."""
    return lambda asked: not set(plurals).isdisjoint(asked.path.split("/"))


def lists_of(*plurals: str) -> Where:
    """Whole lists of these types; watches are none."""
    return lambda asked: asked.verb == "GET" and not asked.is_watch and asked.path.rsplit("/", 1)[-1] in plurals


class Refuse(Fault):
    """Nobody listens: the server is dead."""

    async def begin(self) -> None:
        await self.proxy.deafen()
        await self.proxy.cut()

    async def end(self) -> None:
        await self.proxy.listen()


class Flap(Fault):
    """There for a while, away for a while, again and again."""

    def __init__(self, *, up_s: float, down_s: float) -> None:
        self._up_s, self._down_s = up_s, down_s
        self._turning: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        self._turning = asyncio.create_task(self._turn())

    async def end(self) -> None:
        if self._turning is not None:
            self._turning.cancel()
            with suppress(asyncio.CancelledError):
                await self._turning
        await self.proxy.listen()

    async def _turn(self) -> None:
        while True:
            await self.proxy.deafen()
            await self.proxy.cut()
            await asyncio.sleep(self._down_s)
            await self.proxy.listen()
            await asyncio.sleep(self._up_s)


class Hang(Fault):
    """Takes requests and never answers; streams that stand say nothing any more."""

    def __init__(self, where: Where = anything) -> None:
        self._where = where

    async def asked(self, exchange: Exchange) -> Answered | None:
        if not self._where(exchange.asked):
            return None
        await self.over.wait()
        raise Cut

    async def told(self, asked: Asked, line: bytes) -> list[bytes]:
        if self._where(asked):
            await self.over.wait()
        return [line]


class SwallowPackets(Fault):
    """A network that loses everything: connections come about, not even TLS does."""

    async def connected(self) -> None:
        await self.over.wait()
        raise Cut

    async def asked(self, exchange: Exchange) -> Answered | None:
        del exchange
        await self.over.wait()
        raise Cut

    async def told(self, asked: Asked, line: bytes) -> list[bytes]:
        del asked, line
        await self.over.wait()
        raise Cut


class Slow(Fault):
    """Every answer takes its time. What is waited for has happened on the server long before."""

    def __init__(self, seconds: float, where: Where = anything) -> None:
        self._seconds, self._where = seconds, where

    async def asked(self, exchange: Exchange) -> Answered | None:
        if not self._where(exchange.asked):
            return None
        answer = None if exchange.asked.is_watch else await exchange.forward()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), self._seconds)
        return answer


class Refusal(Fault):
    """Says no, in an API server's words, to a share of the requests."""

    def __init__(self, code: int, reason: str, where: Where = anything, *, share: float = 1.0) -> None:
        self._answer, self._where, self._share = refusal(code, reason), where, share

    async def asked(self, exchange: Exchange) -> Answered | None:
        if self._where(exchange.asked) and self.proxy.rng.random() < self._share:
            return self._answer
        return None


class NotServed(Fault):
    """Does not know a type: what an API server says of a CRD that is gone is no Status."""

    def __init__(self, where: Where) -> None:
        self._where = where

    async def begin(self) -> None:
        await self.proxy.cut(streams_only=True)

    async def asked(self, exchange: Exchange) -> Answered | None:
        answer = Answered(404, b"404 page not found\n", {"Content-Type": "text/plain; charset=utf-8"})
        return answer if self._where(exchange.asked) else None


class Throttle(Fault):
    """429 for everything but probes, with a Retry-After."""

    def __init__(self, retry_after_s: int) -> None:
        self._answer = refusal(429, "TooManyRequests", Retry_After=str(retry_after_s))

    async def asked(self, exchange: Exchange) -> Answered | None:
        return self._answer if but_probes(exchange.asked) else None


class Html(Fault):
    """A captive portal: 200 and a page, whatever was asked for."""

    def __init__(self, where: Where = but_probes) -> None:
        self._where = where

    async def asked(self, exchange: Exchange) -> Answered | None:
        return Answered(200, _PAGE, {"Content-Type": "text/html"}) if self._where(exchange.asked) else None


class WrongKind(Fault):
    """200 and an object, but another one than was asked for."""

    def __init__(self, where: Where = but_probes) -> None:
        self._where = where

    async def asked(self, exchange: Exchange) -> Answered | None:
        found = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "another", "resourceVersion": "7", "uid": "other"}}
        return Answered(200, orjson.dumps(found)) if self._where(exchange.asked) else None


class TruncatedJson(Fault):
    """Answers that end in the middle, as if that were all."""

    def __init__(self, where: Where = but_probes) -> None:
        self._where = where

    async def asked(self, exchange: Exchange) -> Answered | None:
        if not self._where(exchange.asked) or exchange.asked.is_watch:
            return None
        answer = await exchange.forward()
        return Answered(answer.status, answer.body[: len(answer.body) // 2], answer.headers)

    async def told(self, asked: Asked, line: bytes) -> list[bytes]:
        return [line[: len(line) // 2] + b"\n"] if self._where(asked) else [line]


class Endless(Fault):
    """Answers that never end, and come as fast as they are taken."""

    def __init__(self, where: Where = but_probes) -> None:
        self._where = where
        self.sent_bytes = 0

    async def asked(self, exchange: Exchange) -> Answered | None:
        if not self._where(exchange.asked):
            return None
        await exchange.trickle(self._piece, self.over)
        return None

    def _piece(self) -> bytes:
        self.sent_bytes += len(_PIECE)
        return _PIECE


class LoseAnswers(Fault):
    """Has the server do what it is asked for, and loses its answer: every time, or the first `times` of each request."""

    def __init__(self, where: Where = writes, *, times: int | None = None) -> None:
        self._where, self._times = where, times
        self.lost: dict[str, int] = {}

    async def asked(self, exchange: Exchange) -> Answered | None:
        name = str(exchange.asked)
        if not self._where(exchange.asked) or (self._times is not None and self.lost.get(name, 0) >= self._times):
            return None
        self.lost[name] = self.lost.get(name, 0) + 1
        await exchange.forward()
        raise Cut


class CutStreams(Fault):
    """Resets every stream again and again."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._cutting: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        self._cutting = asyncio.create_task(self._cut())

    async def end(self) -> None:
        if self._cutting is not None:
            self._cutting.cancel()

    async def _cut(self) -> None:
        while True:
            await self.proxy.cut(streams_only=True)
            await asyncio.sleep(self._every_s)


class Gone(Fault):
    """The past is compacted away: streams and lists cannot go on where they were. Whole lists from the present work."""

    async def begin(self) -> None:
        await self.proxy.cut(streams_only=True)
        self.told_gone = 0

    async def asked(self, exchange: Exchange) -> Answered | None:
        if exchange.asked.is_watch or "continue" in exchange.asked.query:
            self.told_gone += 1
            return refusal(410, "Expired")
        return None


class RewriteLists(Fault):
    """Lists come with other items than the server has: `rewrite` says which."""

    def __init__(self, where: Where, rewrite: Callable[[list[Any]], list[Any]]) -> None:
        self._where, self._rewrite = where, rewrite
        self.rewritten = 0

    async def begin(self) -> None:
        await self.proxy.cut(streams_only=True)

    async def asked(self, exchange: Exchange) -> Answered | None:
        if exchange.asked.is_watch or not self._where(exchange.asked):
            return None
        answer = await exchange.forward()
        page = orjson.loads(answer.body)
        if answer.status != 200 or not isinstance(page.get("items"), list):
            return answer
        self.rewritten += 1
        return Answered(200, orjson.dumps({**page, "items": self._rewrite(page["items"])}), answer.headers)


class MixEvents(Fault):
    """Streams lose, repeat or swap events by chance. Bookmarks and errors pass as they are."""

    def __init__(self, *, drop: float = 0.0, repeat: float = 0.0, swap: float = 0.0, where: Where = anything) -> None:
        self._drop, self._repeat, self._swap, self._where = drop, repeat, swap, where
        self._kept_back: dict[str, bytes] = {}
        self.mixed = 0

    async def told(self, asked: Asked, line: bytes) -> list[bytes]:
        if not self._where(asked) or not line.startswith((b'{"type":"ADDED"', b'{"type":"MODIFIED"', b'{"type":"DELETED"')):
            return [line]
        kept_back = self._kept_back.pop(asked.target, None)
        if kept_back is not None:
            return [line, kept_back]
        chance = self.proxy.rng.random()
        if chance < self._drop + self._repeat + self._swap:
            self.mixed += 1
        if chance < self._drop:
            return []
        if chance < self._drop + self._repeat:
            return [line, line]
        if chance < self._drop + self._repeat + self._swap:
            self._kept_back[asked.target] = line
            return []
        return [line]
