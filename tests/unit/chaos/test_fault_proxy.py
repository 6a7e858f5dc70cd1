"""The fault proxy: what passes untouched, and what each fault makes of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import pytest

from kubefed.core.errors import ApiError, Expired, NotFound, OutcomeUnknown, Retryable, Unintelligible, Unreachable
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.core.secret import Secret
from kubefed.kube.client import Client
from kubefed.kube.connection import Connection, Credentials
from tests.chaos.proxy import faults
from tests.chaos.proxy.server import Fault, FaultProxy, Upstream
from tests.fakes.apiserver import FakeApiServer, Stream, send
from tests.fakes.objects import config_map, event, page
from tests.fakes.pki import Authority

MAPS = ResourceType("", "v1", "configmaps", "ConfigMap", namespaced=True)
LIST, ONE = "/api/v1/configmaps", "/api/v1/namespaces/shop/configmaps/a"
KEY = ObjectKey("shop", "a")
AUTHORITY = Authority()


class Pair:
    """A scripted server, the proxy before it, and a client that knows only the proxy."""

    def __init__(self, server: FakeApiServer, proxy: FaultProxy) -> None:
        self.server, self.proxy, self._suffered = server, proxy, ExitStack()
        credentials = Credentials(Secret("a-token"))
        self.client = Client(Connection(proxy.endpoint, proxy.ca_pem, credentials), agent=lambda: "kubefed/tests")

    async def suffering(self, *suffered: Fault) -> None:
        """Let the proxy suffer until `relieve`. In a thread, because this waits for the proxy's own loop."""
        await asyncio.to_thread(self._suffered.enter_context, self.proxy.suffering(*suffered))

    async def relieve(self) -> None:
        """Lift all faults."""
        await asyncio.to_thread(self._suffered.close)

    async def names(self) -> list[str]:
        """Of all ConfigMaps."""
        pages = [each async for each in self.client.pages(MAPS)]
        return [self.client.projector.metadata(item).name for each in pages for item in each.items or ()]

    async def get(self, deadline_s: float = 10.0) -> bytes:
        """One ConfigMap."""
        return await self.client.get(MAPS, KEY, deadline_s=deadline_s)

    async def refused(self, error: type[ApiError]) -> None:
        """A GET fails in this way."""
        with pytest.raises(error):
            await self.get(deadline_s=0.3)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with FakeApiServer() as server:
        server.on("GET", LIST, send(page(config_map("a"), config_map("b"))))
        server.on("GET", ONE, send(config_map("a")))
        server.on("PUT", ONE, send(config_map("a")))
        server.on("POST", "/api/v1/namespaces/shop/configmaps", send(config_map("a")))
        proxy = FaultProxy("eu", Upstream(server.port, server.connection.ca_pem.encode()), AUTHORITY)
        await asyncio.to_thread(proxy.__enter__)
        found = Pair(server, proxy)
        try:
            yield found
        finally:
            await found.relieve()
            await found.client.close()
            await asyncio.to_thread(proxy.__exit__, None, None, None)


async def test_without_a_fault_requests_and_answers_pass_as_they_are(pair: Pair) -> None:
    assert await pair.names() == ["a", "b"]
    assert await pair.client.replace(MAPS, KEY, b'{"the": "body"}')
    [written] = pair.server.seen("PUT")
    assert written.body == b'{"the": "body"}'
    assert written.headers["Authorization"] == "Bearer a-token"
    assert [str(seen.asked) for seen in pair.proxy.seen] == [f"GET {LIST}", f"PUT {ONE}"]
    assert [seen.status for seen in pair.proxy.seen] == [200, 200]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.Refuse(), Unreachable),
        (faults.Hang(), Unreachable),
        (faults.SwallowPackets(), Unreachable),
        (faults.Slow(5), Unreachable),
        (faults.Refusal(503, "ServiceUnavailable"), Retryable),
        (faults.Throttle(7), Retryable),
        (faults.Html(), Unintelligible),
        (faults.Endless(), Unreachable),
        (faults.LoseAnswers(faults.anything), Unreachable),
        (faults.Refusal(404, "NotFound"), NotFound),
    ],
)
async def test_a_fault_lasts_until_it_is_lifted(pair: Pair, fault: Fault, error: type[ApiError]) -> None:
    await pair.suffering(fault)
    if isinstance(fault, faults.Html):
        assert (await pair.get()).startswith(b"<html>")
    else:
        await pair.refused(error)
    await pair.relieve()
    assert b'"a"' in await pair.get()


async def test_what_is_throttled_is_told_when_to_come_again(pair: Pair) -> None:
    await pair.suffering(faults.Throttle(7))
    with pytest.raises(Retryable) as caught:
        await pair.get()
    assert caught.value.after_s == 7
    assert (await pair.client.fetch("/healthz")).status == 404  # probes pass


async def test_an_answer_is_lost_after_the_write_has_happened(pair: Pair) -> None:
    await pair.suffering(faults.LoseAnswers(times=1))
    with pytest.raises(OutcomeUnknown):
        await pair.client.create(MAPS, "shop", b"{}")
    assert len(pair.server.seen("POST")) == 1
    assert await pair.client.create(MAPS, "shop", b"{}")


async def test_half_an_answer_is_no_json(pair: Pair) -> None:
    await pair.suffering(faults.TruncatedJson())
    with pytest.raises(Unintelligible):
        await pair.names()


async def test_lists_come_with_what_a_fault_makes_of_them(pair: Pair) -> None:
    await pair.suffering(faults.RewriteLists(faults.lists_of("configmaps"), lambda items: items[1:]))
    assert await pair.names() == ["b"]


async def test_the_past_is_gone_for_streams_and_for_what_is_left_of_a_list(pair: Pair) -> None:
    await pair.suffering(faults.Gone())
    assert await pair.names() == ["a", "b"]
    with pytest.raises(Expired):
        async for _ in pair.client.watch(MAPS, since="1", timeout_s=5):
            pass


async def events(pair: Pair, stream: Stream, count: int, *told: dict[str, Any]) -> list[str]:
    """The names in the first so many events that the client gets of those told."""
    found: list[str] = []

    async def read() -> None:
        async for each in pair.client.watch(MAPS, since="1", timeout_s=5):
            found.append(pair.client.projector.metadata(each.object).name)
            if len(found) == count:
                return

    stream.send(*(event("MODIFIED", each) for each in told))
    async with asyncio.timeout(5):
        await read()
    return found


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        (faults.MixEvents(), ["a", "b"]),
        (faults.MixEvents(repeat=1.0), ["a", "a", "b", "b"]),
        (faults.MixEvents(swap=1.0), ["b", "a"]),
    ],
)
async def test_events_are_repeated_and_swapped(pair: Pair, fault: Fault, names: list[str]) -> None:
    stream = pair.server.stream(LIST)
    await pair.suffering(fault)
    assert await events(pair, stream, len(names), config_map("a", version=2), config_map("b", version=3)) == names


async def test_chance_is_the_same_for_the_same_seed() -> None:
    drawn = [
        FaultProxy("eu", Upstream(1, AUTHORITY.ca_pem.encode()), AUTHORITY, seed=seed).rng.random() for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
