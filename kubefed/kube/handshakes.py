"""Lets TLS connections begin a few at a time: one costs this process milliseconds, and thousands at once seconds.

A server that does not answer keeps its turn for a quarter of a second only, so it holds nobody up.
"""

import asyncio
from collections import deque

_AT_ONCE = 16
_PATIENCE_S = 0.25


class Turn:
    """A permission to begin one connection; given back when it stands, has failed, or has taken too long."""

    __slots__ = ("_handshakes", "_timer")

    def __init__(self, handshakes: "Handshakes") -> None:
        """Begins now."""
        self._handshakes = handshakes
        self._timer: asyncio.TimerHandle | None = asyncio.get_running_loop().call_later(_PATIENCE_S, self.end)

    def end(self) -> None:
        """Let the next one begin; a second time does nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._handshakes.ended()


class Handshakes:
    """All connections that one event loop begins, whichever the server."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        """`at_once`: so many may be beginning at a time."""
        self._free = at_once
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def turn(self) -> Turn:
        """Wait for a turn, in order."""
        if self._free > 0 and not self._waiting:
            self._free -= 1
            return Turn(self)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.ended()  # it was our turn just when nobody wanted it any more
            raise
        return Turn(self)

    def ended(self) -> None:
        """A turn is over: the next who still waits begins."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1
