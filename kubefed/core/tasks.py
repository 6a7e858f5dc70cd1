"""Running one piece of async work under a condition. No feature's concern may live here."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any


async def run_until(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Await `work`, but leave and cancel it as soon as `stop` is set. What `work` raises is raised."""
    running = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
    finally:
        running.cancel()
        waiting.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)


def being_cancelled() -> bool:
    """Whether somebody wants the current task to end.

    A CancelledError that comes up while nobody does is another task's or a library's: an error like any other.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Once:
    """Work that several tasks need done and one of them does. When it fails, the next that needs it tries again."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._done = False
        self._lock = asyncio.Lock()

    async def __call__(self) -> None:
        """Return when the work has been done. Raises what doing it raised."""
        async with self._lock:
            if not self._done:
                await self._work()
                self._done = True
