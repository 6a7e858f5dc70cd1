"""Reads HTTP bodies, whole or line by line, and no further than a limit: what a server sends must not fill our memory."""

import asyncio
from collections.abc import AsyncGenerator

import aiohttp

from kubefed.core.errors import Unintelligible

ANSWER_TOO_LARGE = "AnswerTooLarge"
LARGEST_OBJECT_BYTES = 8 * 2**20


async def read_whole(response: aiohttp.ClientResponse, largest_bytes: int, request: str) -> bytes:
    """The whole body. Raises Unintelligible as soon as it is known to be larger than `largest_bytes`."""
    announced = response.content_length
    if announced is not None and announced <= largest_bytes:
        return await response.read()
    body = bytearray()
    if announced is None:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > largest_bytes:
                break
        else:
            return bytes(body)
    raise Unintelligible(request, status=response.status, reason=ANSWER_TOO_LARGE)


async def read_lines(response: aiohttp.ClientResponse, request: str, *, silence_s: float) -> AsyncGenerator[bytes, None]:
    """The lines of a stream, without newlines. What is left without one at the end is dropped.

    Raises TimeoutError when no whole line comes for `silence_s`: bytes that never become a line are silence, too.
    """
    loop = asyncio.get_running_loop()
    cutter = LineCutter(request)
    deadline = loop.time() + silence_s
    while True:
        async with asyncio.timeout_at(deadline):
            chunk = await response.content.readany()
        if not chunk:
            return
        lines = cutter.cut(chunk)
        for line in lines:
            yield line
        if lines:
            deadline = loop.time() + silence_s


class LineCutter:
    """Cuts a stream into lines, at the cost of its length, however small the pieces are in which it comes."""

    def __init__(self, request: str, longest_bytes: int = LARGEST_OBJECT_BYTES) -> None:
        self._request = request
        self._longest_bytes = longest_bytes
        self._begun = bytearray()

    def cut(self, chunk: bytes) -> list[bytes]:
        """The lines that this piece completes, but for empty ones. Raises Unintelligible when a line is too long."""
        *lines, rest = chunk.split(b"\n")
        if lines and self._begun:
            lines[0] = bytes(self._begun + lines[0])
            self._begun.clear()
        self._begun += rest
        if len(self._begun) > self._longest_bytes:
            raise Unintelligible(self._request, status=200, reason="EventTooLarge")
        return [line for line in lines if line]
