"""Calls that get no answer, come too late or are called off: they end, in time, and tell what may have happened."""

import asyncio
import dataclasses

import pytest

from kubefed.core.errors import OutcomeUnknown, Retryable, Unreachable
from kubefed.kube import client as limits
from tests.fakes.apiserver import Answer, FakeApiServer, reset_done, send, silence, truncated
from tests.fakes.calls import BODY, CALLS, PATH, READS, WRITES, Call, get
from tests.fakes.loop import virtually
from tests.fakes.objects import config_map
from tests.fakes.waiting import eventually

# --- deadlines, and what is known after them -------------------------------------------------------------------


@pytest.mark.parametrize(("call", "verb", "path"), CALLS)
def test_a_server_that_never_answers_is_left_in_time(call: Call, verb: str, path: str) -> None:
    async def story() -> None:
        async with FakeApiServer() as server:
            server.on(verb, path, silence)
            started = asyncio.get_running_loop().time()
            with pytest.raises(Retryable) as raised:
                await call(server.client())
            deadline_s = limits.WATCH_SILENCE_S if verb == "WATCH" else limits.DEADLINE_S
            assert asyncio.get_running_loop().time() - started <= deadline_s + 1.0
            is_write = (call, verb, path) in WRITES
            assert type(raised.value) is (OutcomeUnknown if is_write else Unreachable)
            assert raised.value.reason == "Timeout"

    virtually(story())


@pytest.mark.parametrize(("call", "verb", "path"), WRITES)
@pytest.mark.parametrize("answer", [reset_done, truncated(BODY, at=20)])
def test_a_write_without_a_whole_answer_may_have_happened(call: Call, verb: str, path: str, answer: Answer) -> None:
    async def story() -> None:
        async with FakeApiServer() as server:
            server.on(verb, path, answer)
            with pytest.raises(OutcomeUnknown):
                await call(server.client())

    virtually(story())


@pytest.mark.parametrize(("call", "verb", "path"), WRITES)
async def test_a_write_to_nobody_did_not_happen(server: FakeApiServer, call: Call, verb: str, path: str) -> None:
    client = server.client()
    await server.stop()
    with pytest.raises(Unreachable) as raised:
        await call(client)
    assert raised.value.reason == "ConnectionRefused"
    assert str(raised.value).startswith(f"{verb} {path}")


async def test_a_read_whose_answer_was_lost_did_not_happen_in_any_way_that_matters(server: FakeApiServer) -> None:
    server.on("GET", PATH, reset_done)
    with pytest.raises(Unreachable):
        await get(server.client())


async def test_a_connection_that_the_server_closed_meanwhile_costs_no_request(server: FakeApiServer) -> None:
    server.on("GET", PATH, send(config_map("web")))
    client = server.client()
    await get(client)
    await server.stop()
    async with server:
        await get(client)


# --- closing, measuring ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "verb", "path"), CALLS)
async def test_a_closed_client_reaches_nobody(server: FakeApiServer, call: Call, verb: str, path: str) -> None:
    server.on(verb, path, send(config_map("web")))
    client = server.client()
    await client.close()
    with pytest.raises(Unreachable) as raised:
        await call(client)
    assert raised.value.reason == "ClientClosed"
    assert server.requests == []


async def test_closing_ends_what_is_in_flight(server: FakeApiServer) -> None:
    for _, verb, path in CALLS:
        server.on(verb, path, silence)
    client = server.client()
    calls = [asyncio.ensure_future(call(client)) for call, _, _ in CALLS]
    await eventually(lambda: len(server.requests) == len(CALLS))
    await client.close()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OutcomeUnknown] * len(WRITES) + [Unreachable] * len(READS)


@pytest.mark.parametrize(("call", "verb", "path"), [CALLS[0], CALLS[-1]])
async def test_closing_while_a_name_is_looked_up_is_no_cancellation(
    server: FakeApiServer, call: Call, verb: str, path: str
) -> None:
    """The pool cancels its look-ups when it is closed. Whoever waited for one was not cancelled, and must not think so."""
    server.on(verb, path, silence)
    client = server.client(dataclasses.replace(server.connection, server=f"https://localhost:{server.port}"))
    calling = asyncio.ensure_future(call(client))
    await asyncio.sleep(0)
    await client.close()
    with pytest.raises(Unreachable) as raised:
        await calling
    assert raised.value.reason == "ClientClosed"


async def test_a_call_that_is_cancelled_is_cancelled(server: FakeApiServer) -> None:
    server.on("GET", PATH, silence)
    calling = asyncio.ensure_future(get(server.client()))
    await eventually(lambda: server.requests)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
