"""The connection of one member over its lifetime: made from record and Secret, swapped when either changes, closed.

Whoever reads streams from the member runs `while_up`, which starts over with each new client and rests while the member
is known to be gone.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from kubefed.clusters.member import Member
from kubefed.core.errors import Misconfigured
from kubefed.core.tasks import run_until
from kubefed.kube.client import Client
from kubefed.kube.connection import Connection

_CLOSE_AFTER_S = 35.0  # longer than any call's deadline, so that what is in flight ends by itself


class Link:
    """Holds the client that leads to one member, and says when it may be used."""

    def __init__(self, member: Member, open_client: Callable[[Connection], Client]) -> None:
        self.objection = ""
        """Why there is no connection: what is wrong with the record or its Secret."""
        self._member = member
        self._open_client = open_client
        self._connection: Connection | None = None
        self._changed = asyncio.Event()
        self._up = False
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def usable(self) -> bool:
        """Whether there is a client at all."""
        return self._connection is not None

    def connect(self, connection: Connection) -> bool:
        """Use this connection from now on. True when it is a new one; an equal one changes nothing."""
        self.objection = ""
        if connection == self._connection:
            return False
        try:
            client = self._open_client(connection)
        except Misconfigured as problem:
            self.refuse(str(problem))
            return True
        self._connection = connection
        self._retire(self._member.use(client))
        self._signal(up=True)
        return True

    def refuse(self, objection: str) -> None:
        """The record or its Secret cannot be used: there is no connection until they change."""
        self.objection = objection
        self._connection = None
        self._retire(self._member.use(None))
        self._signal(up=False)

    def mark(self, *, up: bool) -> None:
        """Probes say whether the member answers: streams rest while it does not."""
        if self.usable and up != self._up:
            self._signal(up=up)

    def restart(self) -> None:
        """Start over whatever runs while the member may be reached."""
        self._signal(up=self._up)

    async def while_up(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `work` whenever the member may be reached; it is cancelled and started anew when the link changes."""
        while True:
            changed = self._changed
            if not self._up:
                await changed.wait()
                continue
            await run_until(work(), changed)

    async def close(self) -> None:
        """Close the client of the moment and those still being retired."""
        self._up = False
        client = self._member.use(None)
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        if client is not None:
            await client.close()

    def _signal(self, *, up: bool) -> None:
        self._up = up
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _retire(self, client: Client | None) -> None:
        if client is None:
            return
        task = asyncio.get_running_loop().create_task(_close_later(client))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _close_later(client: Client) -> None:
    try:
        await asyncio.sleep(_CLOSE_AFTER_S)
    finally:
        await client.close()
