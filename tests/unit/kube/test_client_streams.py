"""Answers that are large, long or without end: bodies, lists and watches."""

import asyncio

import orjson
import pytest

from kubefed.core.errors import ApiError, Expired, Retryable, Unintelligible, Unreachable
from kubefed.kube import client as limits
from kubefed.kube import wire
from kubefed.kube.bodies import LARGEST_OBJECT_BYTES
from tests.fakes.apiserver import FakeApiServer, endless, open_silence, refuse, send
from tests.fakes.calls import KEY, PATH, Call, everything, failure, get, replace, watched
from tests.fakes.loop import virtually
from tests.fakes.objects import (
    CONFIG_MAPS,
    CONFIG_MAPS_PATH,
    bookmark,
    config_map,
    deep_config_map,
    event,
    expired,
    nested,
    page,
    status,
)

# --- size ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status_code", [200, 500])
@pytest.mark.parametrize(("call", "verb", "path"), [(get, "GET", PATH), (replace, "PUT", PATH)])
async def test_an_endless_answer_ends(server: FakeApiServer, call: Call, verb: str, path: str, status_code: int) -> None:
    server.on(verb, path, endless(b"x" * 2**20, status=status_code))
    with pytest.raises(Unintelligible) as raised:
        await call(server.client())
    assert raised.value.reason == "AnswerTooLarge"


async def test_an_answer_that_announces_too_much_is_not_even_begun(server: FakeApiServer) -> None:
    server.on("GET", PATH, send(b"x" * (LARGEST_OBJECT_BYTES + 1)), send(b"x" * LARGEST_OBJECT_BYTES))
    client = server.client()
    with pytest.raises(Unintelligible) as raised:
        await client.get(CONFIG_MAPS, KEY)
    assert raised.value.reason == "AnswerTooLarge"
    assert len(await client.get(CONFIG_MAPS, KEY)) == LARGEST_OBJECT_BYTES


async def test_a_watch_event_that_never_ends_ends(server: FakeApiServer) -> None:
    server.on("WATCH", CONFIG_MAPS_PATH, endless(b"x" * 2**20))
    with pytest.raises(Unintelligible) as raised:
        await watched(server.client())
    assert raised.value.reason == "EventTooLarge"


# --- lists -----------------------------------------------------------------------------------------------------


async def test_a_list_is_read_page_by_page_with_the_same_selection(server: FakeApiServer) -> None:
    server.on(
        "GET",
        CONFIG_MAPS_PATH,
        send(page(config_map("a"), go_on="t1")),
        send(page(config_map("b"), go_on="t2")),
        send(page(config_map("c"))),
    )
    names = await everything(server.client(), label_selector="a=b", field_selector="metadata.name=x", metadata_only=True)
    assert names == ["a", "b", "c"]
    selection = {"labelSelector": "a=b", "fieldSelector": "metadata.name=x", "limit": "500"}
    assert [seen.query for seen in server.requests] == [
        selection,
        selection | {"continue": "t1"},
        selection | {"continue": "t2"},
    ]
    assert server.requests[0].headers["Accept"] == wire.METADATA_LIST_ONLY


async def test_a_list_that_expires_half_way_says_so(server: FakeApiServer) -> None:
    server.on("GET", CONFIG_MAPS_PATH, send(page(config_map("a"), go_on="t1")), refuse(410, "Expired"))
    with pytest.raises(Expired):
        await everything(server.client())


async def test_a_page_that_would_be_too_large_is_asked_for_again_as_a_smaller_one(server: FakeApiServer) -> None:
    too_large = send(b"x", headers={"Content-Length": str(limits.LARGEST_PAGE_BYTES + 1)})
    server.on(
        "GET",
        CONFIG_MAPS_PATH,
        send(page(config_map("a"), go_on="t1")),
        too_large,
        too_large,
        send(page(config_map("b"), go_on="t2")),
        send(page()),
    )
    assert await everything(server.client()) == ["a", "b"]
    asked = [(seen.query["limit"], seen.query.get("continue")) for seen in server.requests]
    assert asked == [("500", None), ("500", "t1"), ("50", "t1"), ("5", "t1"), ("5", "t2")]


async def test_one_object_that_is_too_large_is_too_large(server: FakeApiServer) -> None:
    server.on("GET", CONFIG_MAPS_PATH, send(b"x", headers={"Content-Length": str(limits.LARGEST_PAGE_BYTES + 1)}))
    with pytest.raises(Unintelligible):
        await everything(server.client())
    assert [seen.query["limit"] for seen in server.requests] == ["500", "50", "5", "1"]


async def test_a_list_without_end_ends(server: FakeApiServer) -> None:
    server.on("GET", CONFIG_MAPS_PATH, send(page(go_on="again")))
    with pytest.raises(Unintelligible) as raised:
        await everything(server.client())
    assert raised.value.reason == "ListTooLong"
    assert len(server.requests) == limits.MOST_PAGES


async def test_a_list_with_more_than_anybody_has_ends(server: FakeApiServer) -> None:
    """Pages of more than was asked for, again and again: the memory of whoever collects them has an end."""
    body = b'{"metadata":{"resourceVersion":"1","continue":"again"},"items":[' + b",".join([b"{}"] * 300_000) + b"]}"
    server.on("GET", CONFIG_MAPS_PATH, send(body))
    taken: list[int] = []

    async def take() -> None:
        async for one in server.client().pages(CONFIG_MAPS):
            taken.append(len(one.items or ()))  # noqa: PERF401 - what came before the error counts

    error = await failure(take())
    assert isinstance(error, Unintelligible)
    assert error.reason == "ListTooLong"
    assert sum(taken) <= limits.MOST_ITEMS


async def test_a_page_with_one_object_that_no_decoder_reads_is_still_a_page(server: FakeApiServer) -> None:
    body = orjson.dumps(page(config_map("a"), "deep")).replace(b'"deep"', deep_config_map("b", 5000))
    server.on("GET", CONFIG_MAPS_PATH, send(body))
    (found,) = [one async for one in server.client().pages(CONFIG_MAPS)]
    assert [wire.identify(item).key.name for item in found.items or ()] == ["a", "b"]


# --- watches ---------------------------------------------------------------------------------------------------


async def test_a_watch_gives_what_the_server_says_until_it_ends(server: FakeApiServer) -> None:
    opened: list[bool] = []
    stream = server.stream(CONFIG_MAPS_PATH)
    stream.send(event("ADDED", config_map("a"))[:30], event("ADDED", config_map("a"))[30:] + bookmark(9) + b"\n\n")
    stream.end()
    events = server.client().watch(
        CONFIG_MAPS, since="5", timeout_s=300, label_selector="a=b", metadata_only=True, opened=lambda: opened.append(True)
    )
    assert [one.type async for one in events] == ["ADDED", "BOOKMARK"]
    (seen,) = server.seen("WATCH")
    assert seen.query == {
        "watch": "1",
        "allowWatchBookmarks": "true",
        "resourceVersion": "5",
        "timeoutSeconds": "300",
        "labelSelector": "a=b",
    }
    assert opened == [True]


async def test_half_a_line_at_the_end_is_no_event(server: FakeApiServer) -> None:
    stream = server.stream(CONFIG_MAPS_PATH)
    stream.send(bookmark(9), event("ADDED", config_map("a"))[:-5])
    stream.end()
    assert [one.type for one in await watched(server.client())] == ["BOOKMARK"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (expired(), Expired),
        (event("ERROR", status(410, "Gone")), Expired),
        (event("ERROR", status(200, "Expired")), Expired),
        (event("ERROR", status(429, "TooManyRequests", retry_after_s=3)), Retryable),
        (event("ERROR", status(500, "InternalError")), Retryable),
        (event("ERROR", status(0, "")), Unintelligible),
        (event("ERROR", {}), Unintelligible),
        (event("ERROR", None), Unintelligible),
        (b"<html>\n", Unintelligible),
        (b'{"type":"ADDED"}\n', Unintelligible),
        (b'{"type":5,"object":{}}\n', Unintelligible),
        (nested(9000) + b"\n", Unintelligible),
    ],
)
async def test_a_watch_that_goes_wrong_half_way_says_how(server: FakeApiServer, line: bytes, kind: type[ApiError]) -> None:
    stream = server.stream(CONFIG_MAPS_PATH)
    stream.send(bookmark(9), line)
    stream.end()
    seen: list[str] = []

    async def take() -> None:
        async for one in server.client().watch(CONFIG_MAPS, since="5", timeout_s=300):
            seen.append(one.type)  # noqa: PERF401 - what came before the error counts

    assert type(await failure(take())) is kind
    assert seen == ["BOOKMARK"]


async def test_a_stream_that_is_cut_is_unreachable(server: FakeApiServer) -> None:
    stream = server.stream(CONFIG_MAPS_PATH)
    stream.send(bookmark(9))
    stream.cut()
    with pytest.raises(Unreachable):
        await watched(server.client())


def test_a_stream_that_says_nothing_is_dead_after_a_while() -> None:
    async def story() -> None:
        async with FakeApiServer() as server:
            server.on("WATCH", CONFIG_MAPS_PATH, open_silence)
            started = asyncio.get_running_loop().time()
            with pytest.raises(Unreachable) as raised:
                await watched(server.client())
            assert raised.value.reason == "Timeout"
            assert asyncio.get_running_loop().time() - started == pytest.approx(limits.WATCH_SILENCE_S, abs=1.0)

    virtually(story())


def test_bytes_that_never_become_a_line_are_silence_too() -> None:
    async def story() -> None:
        async with FakeApiServer() as server:
            stream = server.stream(CONFIG_MAPS_PATH)

            async def drip() -> None:
                while True:
                    stream.send(b" ")
                    await asyncio.sleep(5.0)

            dripping = asyncio.create_task(drip())
            with pytest.raises(Unreachable) as raised:
                await watched(server.client())
            dripping.cancel()
            assert raised.value.reason == "Timeout"

    virtually(story())


def test_bookmarks_keep_a_quiet_stream_alive() -> None:
    async def story() -> None:
        async with FakeApiServer() as server:
            stream = server.stream(CONFIG_MAPS_PATH)

            async def talk() -> None:
                for version in range(10, 20):
                    stream.send(bookmark(version))
                    await asyncio.sleep(60.0)
                stream.end()

            talking = asyncio.create_task(talk())
            assert len(await watched(server.client())) == 10
            await talking

    virtually(story())
