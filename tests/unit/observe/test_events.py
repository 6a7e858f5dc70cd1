"""Events: counted where they repeat, a few a second, dropped when there are too many, and never in anybody's way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson

from kubefed.core.names import ObjectKey, ResourceType
from kubefed.observe.events import EVENTS, NORMAL, WARNING, EventWriter, Subject
from tests.builders.kinds import CLUSTER_ROLES, CONFIG_MAPS
from tests.builders.served import Served
from tests.fakes.apiserver import FakeApiServer, refuse, send, silence
from tests.fakes.clock import LoopClock
from tests.fakes.loop import virtually

COMPONENT = "federatedconfigmap-controller"
ACCEPTED = send({"metadata": {"name": "e", "namespace": "shop", "resourceVersion": "9"}})
PATH = EVENTS.collection_path("shop")


def subject(name: str = "web", resource: ResourceType = CONFIG_MAPS.federated) -> Subject:
    return Subject(resource, ObjectKey("shop" if resource.namespaced else "", name), f"uid-{name}")


class Stage:
    """A writer that runs, and what its server holds."""

    def __init__(self, server: FakeApiServer, writer: EventWriter) -> None:
        self.server = server
        self.writer = writer
        self.events = Served(server, EVENTS)
        self.events.accept_creations("shop")
        self.events.accept_creations("default")

    def emit(self, message: str = "Creating it", name: str = "web", severity: str = NORMAL) -> None:
        self.writer.emit(subject(name), severity, "CreateInCluster", message, COMPONENT)

    @property
    def written(self) -> list[dict[str, Any]]:
        return list(self.events.objects.values())


@asynccontextmanager
async def a_stage() -> AsyncIterator[Stage]:
    async with FakeApiServer() as server:
        writer = EventWriter(server.client(), LoopClock())
        running = asyncio.ensure_future(writer.run())
        await asyncio.sleep(1)
        yield Stage(server, writer)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def on_stage(play: Callable[[Stage], Any]) -> None:
    async def story() -> None:
        async with a_stage() as stage:
            await play(stage)

    virtually(story())


def test_an_event_says_who_did_what_to_whom() -> None:
    async def play(stage: Stage) -> None:
        stage.emit("Creating ConfigMap", severity=WARNING)
        await asyncio.sleep(5)
        (event,) = stage.written
        assert event["involvedObject"] == {
            "apiVersion": "types.kubefed.io/v1beta1",
            "kind": "FederatedConfigMap",
            "namespace": "shop",
            "name": "web",
            "uid": "uid-web",
        }
        assert (event["type"], event["reason"], event["message"]) == (WARNING, "CreateInCluster", "Creating ConfigMap")
        assert (event["source"], event["count"]) == ({"component": COMPONENT}, 1)
        assert event["metadata"]["namespace"] == "shop"

    on_stage(play)


def test_events_of_one_burst_are_written_once_with_their_count() -> None:
    async def play(stage: Stage) -> None:
        for _ in range(40):
            stage.emit()
        await asyncio.sleep(5)
        assert [event["count"] for event in stage.written] == [40]

    on_stage(play)


def test_an_event_that_comes_again_raises_the_count_and_keeps_its_beginning() -> None:
    async def play(stage: Stage) -> None:
        stage.emit()
        await asyncio.sleep(60)
        first = stage.written[0]["firstTimestamp"]
        stage.emit()
        stage.emit()
        patched = len(stage.server.seen("POST"))
        stage.server.on("PATCH", EVENTS.object_path(ObjectKey("shop", stage.written[0]["metadata"]["name"])), ACCEPTED)
        await asyncio.sleep(60)
        assert len(stage.server.seen("POST")) == patched
        (body,) = [orjson.loads(request.body) for request in stage.server.seen("PATCH")]
        assert (body["count"], body["firstTimestamp"]) == (3, first)
        assert body["lastTimestamp"] > first

    on_stage(play)


def test_an_event_that_the_server_has_dropped_is_written_anew() -> None:
    async def play(stage: Stage) -> None:
        stage.emit()
        await asyncio.sleep(10)
        stage.events.drop(stage.written[0]["metadata"]["name"], "shop")
        stage.server.on("PATCH", EVENTS.object_path(ObjectKey("shop", "x")), refuse(404, "NotFound"))
        stage.emit()
        await asyncio.sleep(10)
        assert [event["count"] for event in stage.written] == [1]

    on_stage(play)


def test_no_more_than_five_a_second_are_written() -> None:
    async def play(stage: Stage) -> None:
        for number in range(200):
            stage.emit(name=f"n{number}")
        await asyncio.sleep(2 + 10)
        assert 40 <= len(stage.written) <= 52

    on_stage(play)


def test_more_than_a_thousand_that_wait_are_dropped_and_counted() -> None:
    async def play(stage: Stage) -> None:
        for number in range(1500):
            stage.emit(name=f"n{number}")
        assert stage.writer.dropped == 500
        stage.emit(name="n3")
        assert stage.writer.dropped == 500

    on_stage(play)


def test_a_server_that_refuses_or_does_not_answer_costs_its_events_and_nothing_else() -> None:
    async def play(stage: Stage) -> None:
        stage.server.on("POST", PATH, refuse(403, "Forbidden"), silence, stage.events._create)
        for name in ("a", "b", "c"):
            stage.emit(name=name)
        await asyncio.sleep(60)
        assert [event["involvedObject"]["name"] for event in stage.written] == ["c"]

    on_stage(play)


def test_events_of_cluster_scoped_objects_lie_where_kubernetes_keeps_them() -> None:
    async def play(stage: Stage) -> None:
        stage.writer.emit(subject("reader", CLUSTER_ROLES.federated), NORMAL, "CreateInCluster", "x", COMPONENT)
        await asyncio.sleep(5)
        (event,) = stage.written
        assert (event["metadata"]["namespace"], event["involvedObject"]["namespace"]) == ("default", "")

    on_stage(play)


def test_names_and_messages_stay_within_what_a_server_takes() -> None:
    async def play(stage: Stage) -> None:
        stage.emit("m" * 5000, name="n" * 253)
        stage.emit("m" * 5000, name="with.dots.in.it")
        await asyncio.sleep(5)
        for event in stage.written:
            assert len(event["message"]) <= 1024
            assert len(event["metadata"]["name"]) <= 253
            assert event["metadata"]["name"].replace("-", "").isalnum()
        assert len(stage.written) == 2

    on_stage(play)
