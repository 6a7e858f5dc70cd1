"""Waiting for something to become true, instead of sleeping and hoping."""

import asyncio
from collections.abc import Callable

_FIRST_STEP_S, _STEP_SHARE = 0.002, 0.06


async def eventually(holds: Callable[[], object], *, within_s: float = 10.0) -> None:
    """Return soon after `holds()` is true. Fails the test when it is not in time.

    The longer it takes the less often is looked: the return is late by at most 6 % of the time waited. In virtual time
    each look takes a millisecond or two of real time.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    while not holds():
        waited_s = loop.time() - started
        assert waited_s < within_s, f"not true within {within_s} s"
        await asyncio.sleep(max(_FIRST_STEP_S, _STEP_SHARE * waited_s))


async def settled(turns: int = 20) -> None:
    """Let everything run that can run without time passing."""
    for _ in range(turns):
        await asyncio.sleep(0)
