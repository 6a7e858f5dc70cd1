"""What the kopf frame may do: judge whether the main loop turns, and wake it. It keeps nothing and decides nothing."""

import asyncio
import base64
import threading

import kopf
import pytest

from kubefed.api.core_v1beta1 import KubeFedCluster
from kubefed.app.frame import Frame, Heartbeat, Wakeups
from kubefed.core.names import ResourceType
from kubefed.core.secret import Secret
from kubefed.kube.connection import Connection, Credentials
from tests.fakes.clock import FakeClock
from tests.fakes.waiting import eventually

CLUSTERS = KubeFedCluster.resource_type
CREDENTIALS = Credentials(Secret("t"), "certificate", Secret("key"))
CONNECTION = Connection("https://192.0.2.1:6443", "pem", CREDENTIALS)


def a_frame(clock: FakeClock, woken: list[tuple[ResourceType, str]]) -> Frame:
    def changed(resource: ResourceType, name: str) -> None:
        assert threading.current_thread() is threading.main_thread()
        woken.append((resource, name))

    wakeups = Wakeups(asyncio.get_running_loop(), changed)
    return Frame(CONNECTION, "kube-federation-system", "http://127.0.0.1:0/livez", wakeups, Heartbeat(clock))


async def test_a_main_loop_that_has_not_turned_for_half_a_minute_fails_liveness() -> None:
    clock = FakeClock()
    frame = a_frame(clock, [])
    clock.advance(29)
    assert await frame._probe() == 29.0
    clock.advance(2)
    with pytest.raises(kopf.PermanentError, match="has not turned for 31 s"):
        await frame._probe()


async def test_a_loop_that_turns_beats() -> None:
    clock = FakeClock()
    heart = Heartbeat(clock)
    clock.advance(100)
    beating = asyncio.ensure_future(heart.run())
    await eventually(lambda: heart.silence_s() == 0)
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)


async def test_a_change_wakes_the_main_loop_from_another_thread() -> None:
    woken: list[tuple[ResourceType, str]] = []
    frame = a_frame(FakeClock(), woken)
    wake = frame._waker(CLUSTERS)
    thread = threading.Thread(target=lambda: asyncio.run(_call(wake)))
    thread.start()
    await eventually(lambda: woken)
    thread.join()
    assert woken == [(CLUSTERS, "eu")]


async def _call(wake: object) -> None:
    assert callable(wake)
    await wake(name="eu", body={"spec": {"not": "looked at"}}, retry=0)


async def test_kopf_logs_in_with_what_the_process_itself_uses() -> None:
    given = a_frame(FakeClock(), [])._login()
    assert (given.server, given.token) == (CONNECTION.server, "t")
    for found, expected in (
        (given.ca_data, "pem"),
        (given.certificate_data, "certificate"),
        (given.private_key_data, "key"),
    ):
        assert base64.b64decode(str(found)).decode() == expected
    assert given.insecure is None


async def test_the_frame_only_listens() -> None:
    """Handlers that store, retry or diff would write annotations and keep copies of objects."""
    registry = a_frame(FakeClock(), [])._registry()
    assert list(registry._changing.get_all_handlers()) == []
    assert list(registry._spawning.get_all_handlers()) == []
    assert list(registry._indexing.get_all_handlers()) == []
    assert len(list(registry._watching.get_all_handlers())) == 3
