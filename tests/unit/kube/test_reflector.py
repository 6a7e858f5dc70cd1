"""The reflector: one store equal to one collection, whatever the server and the network do, and never wiser than it is."""

import asyncio
import dataclasses

import orjson
import pytest

from tests.fakes.apiserver import Answer, FakeApiServer, html, lines, refuse, send, silence
from tests.fakes.mirrors import Mirror, comes, following, now, tell
from tests.fakes.objects import bookmark, config_map, event, expired, page
from tests.fakes.waiting import eventually

# --- list and watch --------------------------------------------------------------------------------------------


def test_a_store_is_complete_after_the_last_page_and_not_before() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(config_map("a", version=3), version=7, go_on="more")), silence)
        async with following(mirror):
            await comes(lambda: mirror.listed == 2)
            await asyncio.sleep(5.0)
            assert (mirror.held, mirror.store.complete) == ({}, False)

    tell(story)


def test_events_follow_the_list_without_a_gap() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(config_map("a", version=3), version=7)))
        async with following(mirror):
            await comes(lambda: mirror.watched_since)
            mirror.stream.send(
                event("ADDED", config_map("b", version=8)),
                event("MODIFIED", config_map("a", version=9)),
                event("DELETED", config_map("b", version=10)),
            )
            await comes(lambda: len(mirror.told) == 4)
        assert mirror.told == [("a", None, 3), ("b", None, 8), ("a", 3, 9), ("b", 8, None)]
        assert mirror.watched_since == ["7"]
        assert mirror.states[-1] == ("NoneType", True)

    tell(story)


def test_a_stream_that_ends_goes_on_from_the_last_event_or_bookmark() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(version=7)))
        async with following(mirror):
            await comes(lambda: mirror.stream.watchers)
            await asyncio.sleep(60.0)
            mirror.stream.send(event("ADDED", config_map("a", version=8)))
            mirror.stream.end()
            await comes(lambda: len(mirror.watched_since) == 2)
            await asyncio.sleep(60.0)
            mirror.stream.send(bookmark(20))
            mirror.stream.end()
            await comes(lambda: len(mirror.watched_since) == 3)
        assert mirror.watched_since == ["7", "8", "20"]
        assert mirror.listed == 1
        assert all(trouble == "NoneType" for trouble, _ in mirror.states)

    tell(story)


@pytest.mark.parametrize("how", ["duplicated", "swapped"])
def test_events_that_come_twice_or_in_another_order_change_nothing_that_was_newer(how: str) -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(version=7)))
        old, new = event("MODIFIED", config_map("a", version=8)), event("MODIFIED", config_map("a", version=9))
        gone = event("DELETED", config_map("a", version=10))
        async with following(mirror):
            mirror.stream.send(*((old, new, new, old, gone, new, gone) if how == "duplicated" else (new, old, gone, old)))
            mirror.stream.send(bookmark(11))
            mirror.stream.end()
            await comes(lambda: len(mirror.watched_since) == 2)
        assert mirror.held == {}
        assert [new for _, _, new in mirror.told][-2:] == [9, None]
        assert mirror.watched_since[1] == "11"

    tell(story)


def test_a_stream_that_is_dropped_every_few_seconds_costs_no_list() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(version=7)))
        async with following(mirror):
            for round_number in range(15):
                await comes(lambda: mirror.stream.watchers)
                await asyncio.sleep(5.0)
                mirror.stream.send(bookmark(8 + round_number))
                mirror.stream.cut()
                await asyncio.sleep(0.5)
        assert mirror.listed == 1
        assert mirror.store.complete

    tell(story)


def test_what_a_write_told_first_is_not_undone_by_an_older_event_or_list() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(config_map("a", version=5), version=7)))
        mirror.store.apply(mirror.server.client().projector.metadata(orjson.dumps(config_map("a", version=12))))
        async with following(mirror):
            mirror.stream.send(event("MODIFIED", config_map("a", version=10)), bookmark(15))
            mirror.stream.end()
            await comes(lambda: len(mirror.watched_since) == 2)
        assert mirror.told == [("a", None, 12)]

    tell(story)


# --- too old ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [refuse(410, "Expired"), refuse(410, "Gone"), lines(bookmark(7), expired()), html(410)])
def test_a_watch_from_too_long_ago_is_followed_by_a_list_and_is_no_trouble(answer: Answer) -> None:
    async def story(mirror: Mirror) -> None:
        first = page(config_map("a", version=3), config_map("b", version=4), version=7)
        second = page(config_map("a", version=3), config_map("c", version=90), version=99)
        mirror.lists(send(first), send(second))
        mirror.watches(answer, mirror.stream.answer)
        async with following(mirror):
            await comes(lambda: "99" in mirror.watched_since)
        assert mirror.held == {"a": 3, "c": 90}
        assert mirror.told[2:] == [("b", 4, None), ("c", None, 90)]
        assert all(state == ("NoneType", True) for state in mirror.states)

    tell(story)


def test_a_list_that_expires_half_way_is_begun_anew_and_nothing_of_it_is_believed() -> None:
    async def story(mirror: Mirror) -> None:
        half = send(page(config_map("a", version=3), version=7, go_on="more"))
        mirror.lists(half, refuse(410, "Expired"), send(page(config_map("b", version=4), version=8)))
        async with following(mirror):
            await comes(lambda: mirror.store.complete)
        assert mirror.told == [("b", None, 4)]
        assert [seen.query.get("continue") for seen in mirror.server.seen("GET")] == [None, "more", None]

    tell(story)


def test_a_server_on_which_everything_is_always_too_old_is_asked_less_and_less() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(version=7)))
        mirror.watches(refuse(410, "Expired"))
        async with following(mirror):
            await asyncio.sleep(600.0)
        assert mirror.listed < 40

    tell(story)


# --- pauses, nudges, other clients -----------------------------------------------------------------------------


def test_a_server_that_is_down_is_asked_less_and_less() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(refuse(500, "InternalError"))
        async with following(mirror):
            await asyncio.sleep(3.0)
            early = mirror.listed
            await asyncio.sleep(600.0 - 3.0)
        assert 2 <= early <= 5
        assert 20 <= mirror.listed <= 50

    tell(story)


def test_a_server_that_says_when_to_come_back_is_not_asked_before() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(refuse(429, "TooManyRequests", headers={"Retry-After": "120"}), send(page(version=7)))
        async with following(mirror):
            await asyncio.sleep(119.0)
            assert mirror.listed == 1
            await comes(lambda: mirror.store.complete)

    tell(story)


def test_after_a_long_good_stream_the_next_pause_is_short() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(*[refuse(500, "InternalError")] * 8, send(page(version=7)))
        async with following(mirror):
            await comes(lambda: mirror.stream.watchers)
            mirror.stream.send(bookmark(8))
            await asyncio.sleep(30.0)
            mirror.stream.cut()
            cut = now()
            await comes(lambda: len(mirror.watched_since) == 2)
            assert now() - cut <= 1.0

    tell(story)


def test_a_nudge_ends_a_pause_and_the_next_pause_is_short() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(*[refuse(500, "InternalError")] * 10, send(page(version=7)))
        async with following(mirror):
            await comes(lambda: mirror.listed == 9)
            nudged = now()
            mirror.reflector.nudge()
            await comes(lambda: mirror.listed == 10)
            assert now() - nudged <= 0.1
            await comes(lambda: mirror.store.complete)
            assert now() - nudged <= 2.0

    tell(story)


def test_a_nudge_drops_the_stream_and_goes_on_from_the_same_place() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(version=7)))
        async with following(mirror):
            await comes(lambda: mirror.stream.watchers)
            mirror.reflector.nudge()
            await comes(lambda: len(mirror.watched_since) == 2)
            assert now() <= 1.0
        assert (mirror.watched_since, mirror.listed) == (["7", "7"], 1)

    tell(story)


def test_another_client_goes_on_from_the_same_place() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(config_map("a", version=3), version=7)))
        renewed = mirror.server.client(agent=lambda: "renewed")
        async with following(mirror):
            await comes(lambda: mirror.stream.watchers)
            mirror.reflector.use(renewed)
            await comes(lambda: len(mirror.watched_since) == 2)
        assert mirror.server.seen("WATCH")[1].headers["User-Agent"] == "renewed"
        assert (mirror.watched_since, mirror.listed) == (["7", "7"], 1)
        assert mirror.store.complete

    tell(story)


async def test_a_client_that_is_closed_under_a_reflector_does_not_end_it() -> None:
    """Credentials are renewed while a name is looked up: the old pool cancels the look-up, not the reflector."""
    async with FakeApiServer() as server:
        mirror = Mirror(server)
        mirror.lists(send(page(version=7)))
        named = server.client(dataclasses.replace(server.connection, server=f"https://localhost:{server.port}"))
        mirror.reflector.use(named)
        async with following(mirror):
            for _ in range(3):
                await asyncio.sleep(0)
            mirror.reflector.use(server.client())
            await named.close()
            await eventually(lambda: mirror.store.complete)


def test_a_reflector_that_is_cancelled_leaves_no_stream_open() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(version=7)))
        async with following(mirror):
            await comes(lambda: mirror.stream.watchers)
        await comes(lambda: not mirror.stream.watchers)

    tell(story)
