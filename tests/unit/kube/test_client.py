"""The client: what it sends, what it makes of every kind of answer, when it may write, and what it never shows."""

import logging

import orjson
import pytest

from kubefed.core import errors
from kubefed.core.errors import (
    AlreadyExists,
    ApiError,
    Expired,
    LeadershipLost,
    NotFound,
    Rejected,
    Retryable,
    Stale,
    Unintelligible,
)
from kubefed.kube import wire
from kubefed.kube.client import APPLY_PATCH, JSON_PATCH
from tests.fakes.apiserver import (
    AGENT,
    TOKEN,
    Answer,
    FakeApiServer,
    gzipped,
    html,
    redirect,
    refuse,
    reset_done,
    reset_unread,
    send,
    truncated,
)
from tests.fakes.calls import BODY, CALLS, KEY, PATH, WRITES, Call, everything, failure, get, replace, watched
from tests.fakes.objects import CONFIG_MAPS, CONFIG_MAPS_PATH, config_map, nested, page

# --- what is sent ----------------------------------------------------------------------------------------------


async def test_a_request_says_who_asks_and_what_for(server: FakeApiServer) -> None:
    server.on("GET", PATH, send(config_map("web", version=7)))
    found = await server.client().get_metadata(CONFIG_MAPS, KEY)
    assert (found.key, found.resource_version) == (KEY, 7)
    (seen,) = server.requests
    assert seen.headers["User-Agent"] == AGENT
    assert seen.headers["Authorization"] == f"Bearer {TOKEN}"
    assert seen.headers["Accept"] == wire.METADATA_ONLY
    assert seen.headers["Accept-Encoding"] == "identity"


async def test_the_agent_is_asked_for_each_request(server: FakeApiServer) -> None:
    epochs = iter("12")
    client = server.client(agent=lambda: f"leader={next(epochs)}")
    await client.fetch("/a")
    await client.fetch("/b")
    assert [seen.headers["User-Agent"] for seen in server.requests] == ["leader=1", "leader=2"]


async def test_writes_carry_the_bytes_they_were_given(server: FakeApiServer) -> None:
    client = server.client()
    for _, verb, path in WRITES:
        server.on(verb, path, send(config_map("web", version=8)))
    await client.create(CONFIG_MAPS, "shop", b'{"a": 1.0}')
    await client.replace(CONFIG_MAPS, KEY, b'{"b": 1e2}')
    await client.patch(CONFIG_MAPS, KEY, b"[ ]", content_type=JSON_PATCH)
    await client.patch(CONFIG_MAPS, KEY, b"{}", content_type=APPLY_PATCH)
    assert [seen.body for seen in server.requests] == [b'{"a": 1.0}', b'{"b": 1e2}', b"[ ]", b"{}"]
    assert all(seen.query["fieldManager"] == "kubefed" for seen in server.requests)
    assert [seen.query.get("force") for seen in server.requests] == [None, None, None, "true"]
    assert server.requests[2].headers["Content-Type"] == JSON_PATCH


async def test_a_delete_names_the_one_it_means_whatever_its_options_say(server: FakeApiServer) -> None:
    leaving = config_map("web", version=9, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    gone = [send({"kind": "Status", "status": "Success"}), send(config_map("web", version=9))]
    server.on("DELETE", PATH, *gone, send(leaving))
    client = server.client()
    options = {"preconditions": {"uid": "another", "resourceVersion": "5"}, "kind": "Pod", "propagationPolicy": "Orphan"}
    assert await client.delete(CONFIG_MAPS, KEY, uid="mine", options=options) is None
    assert await client.delete(CONFIG_MAPS, KEY, uid="mine") is None
    still_there = await client.delete(CONFIG_MAPS, KEY, uid="mine")
    assert still_there is not None
    assert still_there.resource_version == 9
    assert orjson.loads(server.requests[0].body) == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Orphan",
        "preconditions": {"uid": "mine", "resourceVersion": "5"},
    }


async def test_an_object_is_read_with_its_parts_as_they_are(server: FakeApiServer) -> None:
    server.on("GET", PATH, send(config_map("web", spec={"n": 1}, status={"ok": True})))
    found = await server.client().get_object(CONFIG_MAPS, KEY)
    assert (found.spec, found.status) == (b'{"n":1}', b'{"ok":true}')


# --- what is answered ------------------------------------------------------------------------------------------


_EMPTY = send(b"")
_HTML = html(200)
_ZIPPED = gzipped(config_map("web"))
_NO_LINE = (_EMPTY, _HTML, _ZIPPED)
"""A watch may find no line in these: then the stream just ended. It is opened again, and in the end a list tells."""


@pytest.mark.parametrize(("call", "verb", "path"), CALLS)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refuse(400, "BadRequest"), Rejected),
        (refuse(401, "Unauthorized"), errors.Unauthenticated),
        (refuse(403, "Forbidden"), errors.Forbidden),
        (refuse(404, "NotFound"), NotFound),
        (refuse(409, "Conflict"), Stale),
        (refuse(409, "AlreadyExists"), AlreadyExists),
        (refuse(410, "Expired"), Expired),
        (refuse(422, "Invalid"), Rejected),
        (refuse(429, "TooManyRequests", headers={"Retry-After": "7"}), Retryable),
        (refuse(500, "InternalError"), Retryable),
        (_HTML, Unintelligible),
        (html(502), Retryable),
        (html(403), errors.Forbidden),
        (redirect("https://127.0.0.1:1/"), Unintelligible),
        (_EMPTY, Unintelligible),
        (send(b"null\n"), Unintelligible),
        (send(b"[]\n"), Unintelligible),
        (send(b"{}\n"), Unintelligible),
        (send(b'{"metadata":{"resourceVersion":"7"}}\n'), Unintelligible),
        (send(b'{"metadata":5,"items":5,"type":5}\n'), Unintelligible),
        (_ZIPPED, Unintelligible),
        (send(nested(9000) + b"\n"), Unintelligible),
        (truncated(BODY, at=20), Retryable),
        (reset_done, Retryable),
        (reset_unread, Retryable),
    ],
)
async def test_every_answer_becomes_the_error_it_is(
    server: FakeApiServer, call: Call, verb: str, path: str, answer: Answer, kind: type[ApiError]
) -> None:
    server.on(verb, path, answer)
    error = await failure(call(server.client()))
    if verb == "WATCH" and answer in _NO_LINE and error is None:
        return
    assert isinstance(error, kind)
    assert TOKEN not in repr(error)


async def test_when_to_come_back_is_known(server: FakeApiServer) -> None:
    server.on("PUT", PATH, refuse(429, "TooManyRequests", headers={"Retry-After": "7"}))
    with pytest.raises(Retryable) as raised:
        await replace(server.client())
    assert raised.value.after_s == 7.0


async def test_no_redirect_is_followed_and_no_token_goes_along(server: FakeApiServer) -> None:
    async with FakeApiServer() as attacker:
        for code in (301, 302, 303, 307, 308):
            for call, verb, path in CALLS:
                server.on(verb, path, redirect(f"https://127.0.0.1:{attacker.port}{path}", code))
                with pytest.raises(Unintelligible) as raised:
                    await call(server.client())
                assert raised.value.reason == "Redirect"
        assert attacker.requests == []


async def test_probes_get_every_answer_as_it_is(server: FakeApiServer) -> None:
    server.on("GET", "/healthz", html(503), redirect("/elsewhere"), send(b"ok"))
    client = server.client()
    assert [(await client.fetch("/healthz")).status for _ in range(3)] == [503, 307, 200]


# --- the fence -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "verb", "path"), WRITES)
async def test_a_process_that_lost_its_lease_sends_no_write(
    server: FakeApiServer, call: Call, verb: str, path: str
) -> None:
    def fence() -> None:
        raise LeadershipLost

    server.on(verb, path, send(config_map("web")))
    with pytest.raises(LeadershipLost):
        await call(server.client(fence=fence))
    assert server.requests == []


@pytest.mark.parametrize(("call", "verb", "path"), WRITES)
async def test_the_fence_is_asked_again_when_the_connection_stands(
    server: FakeApiServer, call: Call, verb: str, path: str
) -> None:
    """Between the call and its first byte may lie a name look-up, a handshake, and the end of a lease."""
    asked: list[int] = []

    def fence() -> None:
        asked.append(len(server.requests))
        if len(asked) > 1:
            raise LeadershipLost

    server.on(verb, path, send(config_map("web")))
    with pytest.raises(LeadershipLost):
        await call(server.client(fence=fence))
    assert server.requests == []


async def test_reads_need_no_leadership(server: FakeApiServer) -> None:
    def fence() -> None:
        raise LeadershipLost

    server.on("GET", PATH, send(config_map("web")))
    server.on("GET", CONFIG_MAPS_PATH, send(page()))
    client = server.client(fence=fence)
    await get(client)
    await everything(client)


async def test_each_request_is_measured_once_with_its_outcome(server: FakeApiServer) -> None:
    measured: list[tuple[str, int]] = []
    client = server.client(observe=lambda verb, status, _: measured.append((verb, status)))
    server.on("GET", PATH, send(config_map("web")), refuse(403, "Forbidden"), reset_done)
    server.stream(CONFIG_MAPS_PATH).end()
    for call in (get, get, get, watched):
        await failure(call(client))
    assert measured == [("GET", 200), ("GET", 403), ("GET", 0), ("WATCH", 200)]


async def test_no_fault_shows_the_token(server: FakeApiServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (
        refuse(401, "Unauthorized", message=TOKEN),
        html(500),
        reset_done,
        redirect(f"https://x/?token={TOKEN}"),
    ):
        for call, verb, path in CALLS:
            server.on(verb, path, answer)
            with pytest.raises(ApiError) as raised:
                await call(server.client())
            assert TOKEN not in repr(raised.value)
            assert TOKEN not in str(raised.value)
            assert raised.value.__suppress_context__ or raised.value.__context__ is None
    assert TOKEN not in caplog.text
