"""The port: what hostile and clumsy clients get, and that everybody else is answered all the same."""

import asyncio
import contextlib
import io
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson
import pytest

from kubefed.admission import server as serving
from kubefed.admission.certificates.identity import LiveIdentity
from kubefed.admission.certificates.issuing import issue
from kubefed.admission.certificates.rotation import Lives, Rotation
from kubefed.admission.kubefed_kinds import judge_cluster
from kubefed.admission.listening import Limits, listening
from kubefed.admission.review import AdmissionRequest
from kubefed.admission.server import LARGEST_REVIEW_BYTES, AdmissionServer
from kubefed.admission.verdict import Verdict
from tests.fakes.waiting import eventually
from tests.unit.admission.reviews import review

CLUSTERS, BROKEN = "/validate-kubefedcluster", "/broken"
ROTATION = Rotation(("127.0.0.1",), Lives(), issue)
JSON = {"Content-Type": "application/json"}
CLUSTER = {"kind": "KubeFedCluster", "spec": {"apiEndpoint": "https://eu", "secretRef": {"name": "eu"}}}


class Port:
    """A server that listens, and a client that trusts it."""

    def __init__(self, port: int, context: ssl.SSLContext, objection: list[str]) -> None:
        self.port = port
        self.context = context
        self.objection = objection
        self.session = aiohttp.ClientSession(
            f"https://127.0.0.1:{port}", connector=aiohttp.TCPConnector(ssl=context, force_close=True)
        )

    async def post(self, body: bytes, path: str = CLUSTERS, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Status and decoded body."""
        async with self.session.post(path, data=io.BytesIO(body), headers=headers or JSON) as response:
            return response.status, orjson.loads(await response.read())

    async def judges(self) -> bool:
        """Whether an ordinary review is answered as it should be."""
        status, answer = await self.post(orjson.dumps(review(CLUSTER)))
        return (status, answer["response"]["allowed"]) == (200, True)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection by hand, after its handshake."""
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=self.context)


def broken(_: AdmissionRequest) -> Verdict:
    raise ZeroDivisionError("hunter2")


@contextlib.asynccontextmanager
async def a_port(limits: Limits | None = None) -> AsyncIterator[Port]:
    material = ROTATION.settle(None, datetime.now(UTC), published=False)
    identity, objection = LiveIdentity(), [""]
    identity.use(material.current)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=material.bundle_pem)
    server = AdmissionServer({CLUSTERS: judge_cluster, BROKEN: broken}, lambda: objection[0])
    async with listening(server.handle, ("127.0.0.1", 0), identity.context, limits) as number:
        port = Port(number, context, objection)
        async with port.session:
            yield port


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    async with a_port() as opened:
        yield opened


async def test_a_review_is_answered_under_its_path_with_or_without_a_slash_and_a_timeout(port: Port) -> None:
    body = orjson.dumps(review(CLUSTER))
    for path in (CLUSTERS, f"{CLUSTERS}/", f"{CLUSTERS}?timeout=5s"):
        status, answer = await port.post(body, path)
        assert (status, answer["response"]["allowed"]) == (200, True)
        assert answer["response"]["uid"] == review(CLUSTER)["request"]["uid"]


@pytest.mark.parametrize(
    ("body", "headers", "path", "status"),
    [
        (b"", JSON, CLUSTERS, 400),
        (b"{}", JSON, CLUSTERS, 400),
        (b"\x00\xff" * 100, JSON, CLUSTERS, 400),
        (b"[" * 1_000_000, JSON, CLUSTERS, 400),
        (b'{"a":' * 200_000, JSON, CLUSTERS, 400),
        (b"{}", {"Content-Type": "text/plain"}, CLUSTERS, 415),
        (b"{}", {"Content-Type": "application/yaml"}, CLUSTERS, 415),
        (b"\x1f\x8b" * 10, {**JSON, "Content-Encoding": "gzip"}, CLUSTERS, 415),
        (b" " * (LARGEST_REVIEW_BYTES + 1), JSON, CLUSTERS, 413),
        (b"{}", JSON, "/", 404),
        (b"{}", JSON, "/validate-kubefedcluster/../x", 404),
    ],
)
async def test_what_is_no_review_gets_a_status_and_harms_nobody(
    port: Port, body: bytes, headers: dict[str, str], path: str, status: int
) -> None:
    with contextlib.suppress(aiohttp.ClientConnectionError):  # an answer may come before all of a large body was sent
        got, answer = await port.post(body, path, headers)
        assert (got, answer["kind"], answer["code"]) == (status, "Status", status)
    assert await port.judges()


async def test_a_body_without_an_announced_length_has_the_same_limit(port: Port) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_REVIEW_BYTES // 65536 + 2):
            yield b" " * 65536

    with contextlib.suppress(aiohttp.ClientConnectionError):
        async with port.session.post(CLUSTERS, data=chunks(), headers=JSON) as response:
            assert response.status == 413
    assert await port.judges()


async def test_other_methods_are_refused(port: Port) -> None:
    async with port.session.get(CLUSTERS) as response:
        assert response.status == 405


async def test_a_bug_in_a_verdict_costs_one_answer_and_betrays_nothing(port: Port) -> None:
    status, answer = await port.post(orjson.dumps(review(CLUSTER)), BROKEN)
    assert status == 500
    assert "hunter2" not in orjson.dumps(answer).decode()
    assert await port.judges()


async def test_readiness_says_what_speaks_against_it(port: Port) -> None:
    for path in ("/readyz", "/readyz/"):
        async with port.session.get(path) as response:
            assert response.status == 200
    port.objection[0] = "not yet"
    async with port.session.get("/readyz/") as response:
        assert (response.status, await response.text()) == (503, "not yet")


async def test_too_many_large_bodies_at_once_are_put_off_and_small_ones_are_not(port: Port) -> None:
    held = []
    head = f"POST {CLUSTERS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    for _ in range(serving.MOST_BODY_BYTES // LARGEST_REVIEW_BYTES):
        reader, writer = await port.connect()
        writer.write(f"{head}Content-Length: {LARGEST_REVIEW_BYTES}\r\n\r\n{{".encode())
        await writer.drain()
        held.append((reader, writer))

    async def put_off() -> bool:
        with contextlib.suppress(aiohttp.ClientConnectionError):
            return (await port.post(b" " * (64 * 1024)))[0] == 503
        return False

    for _ in range(100):
        if await put_off():
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("nobody was put off")
    for reader, writer in held:
        assert b" 408 " in await reader.readline(), "a body that does not come is not waited for"
        writer.close()
    assert await port.judges()


async def closed(reader: asyncio.StreamReader) -> bool:
    """The other end has closed, politely or not."""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        return await reader.read() == b""
    return True


@pytest.mark.parametrize("said", [b"", b"POST /validate", b"POST / HTTP/1.1\r\nHost: x\r\nX-A: "])
async def test_whoever_opens_a_connection_and_says_nothing_whole_is_shown_out(said: bytes) -> None:
    async with a_port(Limits(first_request_s=0.5)) as port:
        reader, writer = await port.connect()
        writer.write(said)
        await writer.drain()
        async with asyncio.timeout(10):
            assert await closed(reader)
        writer.close()
        assert await port.judges()


async def test_a_crowd_of_silent_connections_does_not_keep_others_out() -> None:
    async with a_port(Limits(most_connections=8)) as port:
        crowd = [await port.connect() for _ in range(40)]
        for _ in range(20):
            assert await port.judges()
        readers = [asyncio.ensure_future(closed(reader)) for reader, _ in crowd]
        await eventually(lambda: sum(task.done() for task in readers) >= 30)
        for task in readers:
            task.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        for _, writer in crowd:
            writer.close()


async def test_clients_without_tls_get_nothing_and_harm_nobody(port: Port) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
    writer.write(b"GET /readyz HTTP/1.1\r\n\r\n")
    await writer.drain()
    assert b"HTTP" not in await reader.read()
    writer.close()
    assert await port.judges()
