"""Work that ends when it should, whoever ends it, and leaves nothing running."""

import asyncio
from contextlib import suppress

import pytest

from kubefed.core.tasks import Once, being_cancelled, run_until
from tests.fakes.waiting import settled


def alone() -> bool:
    """Whether nothing but this very test runs."""
    return len(asyncio.all_tasks()) == 1


async def test_work_that_ends_by_itself_is_waited_for() -> None:
    done: list[str] = []

    async def work() -> None:
        await settled()
        done.append("work")

    await run_until(work(), asyncio.Event())
    assert done == ["work"]
    assert alone()


async def test_work_is_cancelled_and_cleaned_up_before_anybody_goes_on() -> None:
    stop = asyncio.Event()
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await settled()
            seen.append("clean")

    asyncio.get_running_loop().call_soon(stop.set)
    await run_until(work(), stop)
    assert seen == ["clean"]
    assert alone()


async def test_what_work_raises_is_raised() -> None:
    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await run_until(work(), asyncio.Event())
    assert alone()


async def test_work_that_fails_at_the_very_moment_of_stopping_is_not_lost() -> None:
    stop = asyncio.Event()

    async def work() -> None:
        stop.set()
        raise LookupError

    with pytest.raises(LookupError):
        await run_until(work(), stop)


async def test_whoever_waits_may_be_cancelled_and_takes_the_work_along() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(run_until(work(), asyncio.Event()))
    await settled()
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    assert waiting.cancelled()
    assert ended.is_set()
    assert alone()


async def test_what_several_need_is_done_once() -> None:
    calls: list[int] = []

    async def work() -> None:
        calls.append(1)
        await settled()

    once = Once(work)
    await asyncio.gather(once(), once(), once())
    await once()
    assert calls == [1]


async def test_when_it_fails_the_next_that_needs_it_tries_again() -> None:
    outcomes = [LookupError(), asyncio.CancelledError(), None]

    async def work() -> None:
        if problem := outcomes.pop(0):
            raise problem

    once = Once(work)
    answers = await asyncio.gather(once(), once(), once(), return_exceptions=True)
    assert [type(answer) for answer in answers] == [LookupError, asyncio.CancelledError, type(None)]
    await once()
    assert outcomes == []


async def test_a_cancellation_that_nobody_asked_for_can_be_told_from_one_of_ours() -> None:
    told: list[bool] = []

    async def work(waited_for: "asyncio.Future[None]") -> None:
        try:
            await waited_for
        except asyncio.CancelledError:
            told.append(being_cancelled())

    others: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(work(others))
    await settled()
    others.cancel()
    await task
    task = asyncio.create_task(work(asyncio.get_running_loop().create_future()))
    await settled()
    task.cancel()
    await task
    assert told == [False, True]
