"""What the process answers over HTTP, and where it listens."""

import socket

import aiohttp
import pytest

from kubefed.app.options import split_address
from kubefed.app.servers import health_app, metrics_app, serving
from kubefed.core.errors import Misconfigured


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def answer(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.request(method, f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.text()


async def test_liveness_does_not_depend_on_readiness(port: int) -> None:
    async with serving(health_app(lambda: "the host has not been read yet"), f"127.0.0.1:{port}", "--healthz-addr"):
        assert await answer(port, "/healthz") == await answer(port, "/livez") == (200, "OK")
        assert await answer(port, "/readyz") == (503, "the host has not been read yet")


async def test_readiness_follows_what_speaks_against_it(port: int) -> None:
    objections = ["not yet"]
    async with serving(health_app(lambda: objections[0]), f"127.0.0.1:{port}", "--healthz-addr"):
        assert (await answer(port, "/readyz"))[0] == 503
        objections[0] = ""
        assert await answer(port, "/readyz") == (200, "OK")


async def test_metrics_are_rendered_when_they_are_asked_for(port: int) -> None:
    scrapes = iter([b"first 1\n", b"second 2\n"])
    async with serving(metrics_app(lambda: next(scrapes)), f"127.0.0.1:{port}", "--metrics-addr"):
        assert await answer(port, "/metrics") == (200, "first 1\n")
        assert await answer(port, "/metrics") == (200, "second 2\n")


async def test_nothing_can_be_changed_and_nothing_else_is_there(port: int) -> None:
    async with serving(health_app(lambda: ""), f"127.0.0.1:{port}", "--healthz-addr"):
        assert (await answer(port, "/healthz", "POST"))[0] == 405
        assert (await answer(port, "/debug/pprof"))[0] == 404


async def test_a_port_that_is_taken_is_named_with_its_flag_and_given_up() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Misconfigured, match=f"{address}.*--metrics-addr"):
            async with serving(metrics_app(lambda: b""), address, "--metrics-addr"):
                pass


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (":8080", ("0.0.0.0", 8080)),  # noqa: S104 - what an empty host means
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:8080", ("::1", 8080)),
        ("localhost:0", ("localhost", 0)),
    ],
)
def test_addresses_are_read_as_go_programs_read_them(address: str, expected: tuple[str, int]) -> None:
    assert split_address(address) == expected


@pytest.mark.parametrize("address", ["", ":", "localhost", ":http", ":-1", ":65536", ":99999", "::1]:", ":8080 ", ":²"])
async def test_an_address_that_is_none_is_said_so_before_anything_is_bound(address: str) -> None:
    with pytest.raises(Misconfigured):
        async with serving(health_app(lambda: ""), address, "--healthz-addr"):
            pass
