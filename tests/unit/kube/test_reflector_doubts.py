"""What a reflector does not believe: failures taken for absence, servers set back in time, objects that cannot be read."""

import asyncio

import orjson
import pytest

from kubefed.core.errors import ApiError, Forbidden, NotFound, Retryable, Unauthenticated, Unintelligible, Unreachable
from kubefed.core.names import ObjectKey
from kubefed.kube.client import WATCH_SILENCE_S
from tests.fakes.apiserver import (
    Answer,
    FakeApiServer,
    html,
    lines,
    open_silence,
    redirect,
    refuse,
    reset_done,
    send,
    silence,
    truncated,
)
from tests.fakes.mirrors import Mirror, comes, following, now, tell
from tests.fakes.objects import bookmark, config_map, deep_config_map, event, expired, page, status
from tests.fakes.waiting import eventually

# --- ignorance -------------------------------------------------------------------------------------------------

LASTING: list[tuple[Answer, type[ApiError]]] = [
    (refuse(401, "Unauthorized"), Unauthenticated),
    (refuse(403, "Forbidden"), Forbidden),
    (refuse(404, "NotFound"), NotFound),
    (send(b"404 page not found\n", status=404), NotFound),
    (html(200), Unintelligible),
    (redirect("https://127.0.0.1:1/"), Unintelligible),
    (send(page(version="abc")), Unintelligible),
    (send(page(version="")), Unintelligible),
    (send(page(version="0")), Unintelligible),
    (send({"metadata": {"resourceVersion": "9"}}), Unintelligible),
    (send(config_map("a", version=9)), Unintelligible),
    (send(b'{"kind":"Status","status":"Success","metadata":{}}'), Unintelligible),
]
PASSING: list[tuple[Answer, type[ApiError]]] = [
    (refuse(429, "TooManyRequests"), Retryable),
    (refuse(500, "InternalError"), Retryable),
    (html(502), Retryable),
    (reset_done, Unreachable),
    (truncated(orjson.dumps(page(version=9)), at=20), Unreachable),
    (silence, Unreachable),
]


@pytest.mark.parametrize(("answer", "kind"), [*LASTING, *PASSING])
def test_a_failed_list_is_ignorance_and_never_absence(answer: Answer, kind: type[ApiError]) -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(answer)
        async with following(mirror):
            await comes(lambda: mirror.reflector.trouble)
            await asyncio.sleep(60.0)
        assert isinstance(mirror.reflector.trouble, kind)
        assert not mirror.store.complete
        assert mirror.told == []
        assert mirror.listed < 20

    tell(story)


@pytest.mark.parametrize(("answer", "kind"), [*LASTING, *PASSING])
def test_what_is_known_stays_known_when_lists_begin_to_fail(answer: Answer, kind: type[ApiError]) -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(config_map("a", version=3), version=7)), answer)
        mirror.watches(refuse(410, "Expired"))
        async with following(mirror):
            await comes(lambda: mirror.reflector.trouble)
            await asyncio.sleep(60.0)
        assert mirror.held == {"a": 3}
        assert isinstance(mirror.reflector.trouble, kind)
        assert mirror.store.complete is issubclass(kind, Retryable)

    tell(story)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refuse(401, "Unauthorized"), Unauthenticated),
        (refuse(403, "Forbidden"), Forbidden),
        (refuse(404, "NotFound"), NotFound),
        (lines(event("ERROR", status(403, "Forbidden"))), Forbidden),
        (lines(b"<html>\n"), Unintelligible),
    ],
)
def test_a_watch_that_is_refused_for_good_casts_doubt_until_a_whole_list_is_in(
    answer: Answer, kind: type[ApiError]
) -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(config_map("a", version=3), version=7)), silence, send(page(version=9)))
        mirror.watches(answer, mirror.stream.answer)
        async with following(mirror):
            await comes(lambda: mirror.listed == 2)
            assert (mirror.held, mirror.store.complete) == ({"a": 3}, False)
            assert isinstance(mirror.reflector.trouble, kind)
            await comes(lambda: mirror.store.complete)
            assert mirror.held == {}
            await comes(lambda: mirror.reflector.trouble is None)

    tell(story)


@pytest.mark.parametrize("answer", [refuse(500, "InternalError"), refuse(429, "TooManyRequests"), reset_done, html(503)])
def test_a_watch_that_fails_for_a_while_goes_on_where_it_was(answer: Answer) -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(config_map("a", version=3), version=7)))
        mirror.watches(answer, answer, mirror.stream.answer)
        async with following(mirror):
            await comes(lambda: mirror.stream.watchers)
            await comes(lambda: mirror.reflector.trouble is None)
        assert mirror.watched_since == ["7", "7", "7"]
        assert mirror.listed == 1
        assert mirror.store.complete

    tell(story)


# --- a server that was set back in time ------------------------------------------------------------------------


def test_a_list_that_is_older_than_what_was_seen_is_said_and_then_it_is_all_there_is() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(
            send(page(config_map("a", version=50), config_map("b", version=90), version=99)),
            send(page(config_map("a", version=40), version=45)),
        )
        mirror.watches(refuse(410, "Expired"), mirror.stream.answer)
        async with following(mirror):
            await comes(lambda: "45" in mirror.watched_since)
            assert mirror.reflector.went_back
            assert mirror.held == {"a": 40}
            mirror.stream.send(event("MODIFIED", config_map("a", version=46)))
            await comes(lambda: mirror.held == {"a": 46})

    tell(story)


def test_a_server_that_never_went_back_is_not_said_to_have() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(version=7)), send(page(version=7)), send(page(version=8)))
        mirror.watches(refuse(410, "Expired"), refuse(410, "Expired"), mirror.stream.answer)
        async with following(mirror):
            await comes(lambda: mirror.stream.watchers)
            assert not mirror.reflector.went_back

    tell(story)


@pytest.mark.parametrize("answer", [open_silence, refuse(504, "Timeout"), lines()])
def test_a_server_that_takes_our_version_for_its_future_is_asked_for_a_list(answer: Answer) -> None:
    """It accepts the watch and never says a word; or it says that the version is too large; or it ends each stream."""

    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(config_map("a", version=50), version=99)), send(page(version=45)))
        mirror.watches(*[answer] * 3, mirror.stream.answer)
        async with following(mirror):
            await comes(lambda: mirror.reflector.went_back)
            assert mirror.held == {}

    tell(story)


def test_a_stream_that_is_silent_for_too_long_is_opened_again() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(version=7)))
        async with following(mirror):
            await comes(lambda: mirror.stream.watchers)
            mirror.stream.send(bookmark(8))
            opened = now()
            await comes(lambda: len(mirror.watched_since) == 2)
            assert now() - opened <= WATCH_SILENCE_S + 6.0
        assert mirror.watched_since == ["7", "8"]

    tell(story)


# --- bad objects -----------------------------------------------------------------------------------------------


def raw_page(*items: bytes, version: int) -> Answer:
    return send(b'{"metadata":{"resourceVersion":"%d"},"items":[' % version + b",".join(items) + b"]}")


def item(name: str, version: int) -> bytes:
    return orjson.dumps(config_map(name, version=version))


async def test_one_object_that_no_decoder_reads_costs_itself_alone() -> None:
    async with FakeApiServer() as server:
        mirror = Mirror(server)
        mirror.lists(raw_page(item("a", 3), deep_config_map("deep", 5000, version=4), item("b", 5), version=7))
        async with following(mirror):
            await eventually(lambda: mirror.store.complete)
            assert mirror.held == {"a": 3, "b": 5}
            assert mirror.reflector.quarantined == {ObjectKey("shop", "deep")}
            mirror.stream.send(b'{"type":"MODIFIED","object":' + deep_config_map("b", 5000, version=8) + b"}\n")
            await eventually(lambda: ObjectKey("shop", "b") in mirror.reflector.quarantined)
            assert mirror.held == {"a": 3, "b": 5}
            mirror.stream.send(
                event("MODIFIED", config_map("deep", version=9)), event("DELETED", config_map("b", version=10))
            )
            await eventually(lambda: not mirror.reflector.quarantined)
            assert mirror.held == {"a": 3, "deep": 9}
            mirror.stream.end()
            await eventually(lambda: len(mirror.watched_since) == 2)
            assert mirror.watched_since[1] == "10"
        assert mirror.reflector.trouble is None


def test_a_listed_object_that_cannot_be_read_any_more_is_not_taken_for_gone() -> None:
    async def story(mirror: Mirror) -> None:
        bad = orjson.dumps(config_map("a", version=20, metadata={"labels": 5}))
        mirror.lists(raw_page(item("a", 3), version=7), raw_page(bad, version=21))
        mirror.watches(refuse(410, "Expired"), mirror.stream.answer)
        async with following(mirror):
            await comes(lambda: mirror.reflector.quarantined)
            assert mirror.held == {"a": 3}
            assert mirror.reflector.quarantined == {ObjectKey("shop", "a")}

    tell(story)


@pytest.mark.parametrize(
    "bad", [b"null", b"5", b"{}", b'{"metadata":{"name":"a","resourceVersion":"abc"}}', b'{"metadata":{"name":5}}']
)
def test_a_list_with_something_nameless_in_it_proves_nobodys_absence(bad: bytes) -> None:
    """It may be any of those that are missing."""

    async def story(mirror: Mirror) -> None:
        mirror.lists(
            raw_page(item("a", 3), item("b", 4), version=7), raw_page(bad, item("b", 9), version=10), raw_page(version=11)
        )
        mirror.watches(refuse(410, "Expired"), mirror.stream.answer)
        async with following(mirror):
            await comes(lambda: mirror.reflector.quarantined)
            assert mirror.held == {"a": 3, "b": 9}
            mirror.stream.send(expired())
            await comes(lambda: not mirror.reflector.quarantined)
            assert mirror.held == {}

    tell(story)


@pytest.mark.parametrize(
    "line", [b'{"type":"ADDED","object":null}\n', event("BOOKMARK", {}), event("NEW", {}), event("DELETED", {}), b"\n\n"]
)
def test_an_event_that_says_nothing_is_survived(line: bytes) -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(config_map("a", version=3), version=7)))
        async with following(mirror):
            mirror.stream.send(line, event("ADDED", config_map("b", version=9)))
            await comes(lambda: "b" in mirror.held)
            assert mirror.held == {"a": 3, "b": 9}
        assert mirror.listed == 1

    tell(story)


def test_quarantine_has_an_end() -> None:
    async def story(mirror: Mirror) -> None:
        mirror.lists(send(page(version=7)))
        async with following(mirror):
            for number in range(1500):
                mirror.stream.send(event("ADDED", config_map(f"bad{number}", version=8 + number, metadata={"labels": 5})))
            mirror.stream.send(event("ADDED", config_map("good", version=9000)))
            await comes(lambda: "good" in mirror.held)
            assert len(mirror.reflector.quarantined) == 1000

    tell(story)
