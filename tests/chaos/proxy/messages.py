"""HTTP/1.1 as API servers and their clients speak it: whole requests, whole answers, and streams of lines."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_NO_OBJECTS = ("/apis/authentication.k8s.io/", "/apis/authorization.k8s.io/")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `path` is decoded and without the query."""

    verb: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """What is asked for."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        """With which options."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def is_watch(self) -> bool:
        """Whether the answer is a stream."""
        return self.query.get("watch", "") in ("1", "true")

    @property
    def is_write(self) -> bool:
        """Whether it asks for a change; questions that are POSTed ask for none."""
        return self.verb in _WRITES and not self.path.startswith(_NO_OBJECTS) and not self.path.endswith("/token")

    def encoded(self) -> bytes:
        """As it goes onward."""
        lines = [f"{self.verb} {self.target} HTTP/1.1", *_kept(self.headers), f"Content-Length: {len(self.body)}"]
        return _head(lines) + self.body

    def __str__(self) -> str:
        return f"{'WATCH' if self.is_watch else self.verb} {self.path}"


@dataclass(frozen=True, slots=True)
class Answered:
    """One whole answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})

    def encoded(self) -> bytes:
        """As it goes back."""
        return _head([self.status_line, *_kept(self.headers), f"Content-Length: {len(self.body)}"]) + self.body

    def stream_head(self) -> bytes:
        """How an answer begins whose body follows in chunks."""
        return _head([self.status_line, *_kept(self.headers), "Transfer-Encoding: chunked"])

    @property
    def status_line(self) -> str:
        """The first line."""
        known = self.status in HTTPStatus.__members__.values()
        return f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase if known else 'Unknown'}"


def refusal(code: int, reason: str, **headers: str) -> Answered:
    """What an API server answers when it says no. An underscore in a header's name is a dash."""
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "metadata": {}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answered(code, orjson.dumps(status), {"Content-Type": "application/json", **named})


def chunk(data: bytes) -> bytes:
    """A piece of a body that follows in chunks; of nothing: its end."""
    return b"%x\r\n%s\r\n" % (len(data), data)


async def read_asked(reader: asyncio.StreamReader) -> Asked | None:
    """The next request on a connection; None when its client has closed it."""
    head = await _read_head(reader)
    if head is None:
        return None
    verb, target, _ = head[0].split(" ", 2)
    headers = _fields(head[1:])
    return Asked(verb, target, headers, await reader.readexactly(int(_named(headers, "content-length") or 0)))


async def read_answered(reader: asyncio.StreamReader, *, stream: bool) -> tuple[Answered, bool]:
    """An answer, and whether its body follows in chunks, to be read with `lines`: only where a `stream` is expected."""
    head = await _read_head(reader)
    if head is None:
        raise ConnectionResetError
    status = int(head[0].split(" ", 2)[1])
    headers = _fields(head[1:])
    chunked = _named(headers, "transfer-encoding") == "chunked"
    if chunked and stream and status == HTTPStatus.OK:
        return Answered(status, b"", headers), True
    if chunked:
        body = b"".join([piece async for piece in _chunks(reader)])
    else:
        body = await reader.readexactly(int(_named(headers, "content-length") or 0))
    return Answered(status, body, headers), False


async def lines(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The lines of a body that comes in chunks, each with its end."""
    rest = b""
    async for piece in _chunks(reader):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int((await reader.readline()).split(b";")[0] or b"0", 16):
        yield await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readline()


async def _read_head(reader: asyncio.StreamReader) -> list[str] | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise ConnectionResetError from None
        return None
    return head.decode("latin-1").rstrip("\r\n").split("\r\n")


def _fields(lines_of_head: list[str]) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in lines_of_head)
    return {name.strip(): value.strip() for name, value in pairs}


def _named(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _kept(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items() if name.lower() not in _HOP_BY_HOP]


def _head(all_lines: list[str]) -> bytes:
    return ("\r\n".join(all_lines) + "\r\n\r\n").encode("latin-1")
