"""Waiting for something to become true, instead of sleeping and hoping."""

import asyncio
from collections.abc import Callable


async def eventually(holds: Callable[[], object], *, within_s: float = 10.0, look_every_s: float = 0.002) -> None:
    """Return as soon as `holds()` is true. Fails the test when it is not in time.

    In virtual time each look takes about 2 ms of real time: where minutes pass, look every tenth of a second.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not holds():
        assert loop.time() < deadline, f"not true within {within_s} s"
        await asyncio.sleep(look_every_s)


async def settled(turns: int = 20) -> None:
    """Let everything run that can run without time passing."""
    for _ in range(turns):
        await asyncio.sleep(0)
