"""What is read of members, how seldom, and that what could not be read is not taken for nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from kubefed.clusters.member import Member
from kubefed.core.clock import rfc3339
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.lane import Lane
from kubefed.engine.priority import Priority
from kubefed.kube.wire import Metadata
from kubefed.scheduling.observer import PODS, Observer, Seen
from kubefed.scheduling.planner import Replicas
from tests.builders.kinds import DEPLOYMENTS
from tests.fakes.apiserver import FakeApiServer, refuse, send
from tests.fakes.clock import FakeClock, seeded
from tests.fakes.objects import page
from tests.fakes.waiting import eventually

WEB = ObjectKey("shop", "web")
COPY = DEPLOYMENTS.target.object_path(WEB)
POD_LIST = PODS.collection_path("shop")
EU = ClusterName("eu")


def metadata(version: int = 7) -> Metadata:
    return Metadata(WEB.namespace, WEB.name, "uid", version, 1, b"{}", b"{}", (), "")


def a_copy(wanted: int, ready: int, version: int = 7) -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "resourceVersion": str(version)},
        "spec": {"replicas": wanted, "selector": {"matchLabels": {"app": "web"}}},
        "status": {"readyReplicas": ready},
    }


@dataclass(slots=True)
class Scene:
    """A member on a fake server, and what its observer told."""

    server: FakeApiServer
    clock: FakeClock = field(default_factory=FakeClock)
    ended: list[ObjectKey] = field(default_factory=list)
    observer: Observer = field(init=False)
    member: Member = field(init=False)

    def __post_init__(self) -> None:
        self.observer = Observer(DEPLOYMENTS.target, self.clock, seeded(), self.ended.append)
        self.member = Member(EU, Lane(self.clock, seeded(), lambda _verb, _error, _seconds: None))
        self.member.use(self.server.client())

    async def read(self, version: int = 7) -> Seen | None:
        """Have the copy read in this version; what is known then."""
        before = len(self.ended)
        self.observer.read(self.member, metadata(version), Priority.EVENT)
        await eventually(lambda: len(self.ended) > before)
        return self.observer.seen(EU, metadata(version))


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with FakeApiServer() as server:
        scene = Scene(server)
        yield scene
        await scene.member.lane.close()


async def test_pods_are_not_asked_for_where_all_replicas_are_ready(scene: Scene) -> None:
    scene.server.on("GET", COPY, send(a_copy(3, 3)))
    assert scene.observer.seen(EU, metadata()) is None
    assert await scene.read() == Seen(Replicas(3))
    assert not scene.server.seen("GET", POD_LIST)


async def test_a_copy_is_read_again_only_when_it_has_changed(scene: Scene) -> None:
    scene.server.on("GET", COPY, send(a_copy(3, 3)), send(a_copy(5, 5, version=9)))
    await scene.read()
    assert scene.observer.seen(EU, metadata(7)) is not None
    assert scene.observer.seen(EU, metadata(8)) is None
    assert await scene.read(8) == Seen(Replicas(5))


async def test_pods_tell_what_runs_and_that_the_cluster_is_full(scene: Scene) -> None:
    since = rfc3339(scene.clock.now().replace(year=scene.clock.now().year - 1))
    stuck = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "lastTransitionTime": since}
    running = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
    pods = page(running, {"status": {"phase": "Pending", "conditions": [stuck]}}, running)
    scene.server.on("GET", COPY, send(a_copy(3, 2)))
    scene.server.on("GET", POD_LIST, send(pods))
    assert await scene.read() == Seen(Replicas(2, 2))
    [asked] = scene.server.seen("GET", POD_LIST)
    assert asked.query["labelSelector"] == "app=web"


async def test_pods_that_may_turn_out_to_find_no_node_are_looked_at_again(scene: Scene) -> None:
    fresh = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "lastTransitionTime": rfc3339(scene.clock.now()),
    }
    scene.server.on("GET", COPY, send(a_copy(1, 0)))
    scene.server.on("GET", POD_LIST, send(page({"status": {"phase": "Pending", "conditions": [fresh]}})))
    assert await scene.read() == Seen(Replicas(0), look_again_s=10.0)
    scene.clock.advance(10)
    assert scene.observer.seen(EU, metadata()) is None


async def test_a_copy_that_is_gone_runs_nothing(scene: Scene) -> None:
    scene.server.on("GET", COPY, refuse(404, "NotFound"))
    assert await scene.read() == Seen(Replicas())


@pytest.mark.parametrize("silent", [COPY, POD_LIST])
async def test_what_could_not_be_read_is_not_known_and_is_read_again_after_a_pause(scene: Scene, silent: str) -> None:
    answers = {COPY: send(a_copy(3, 0)), POD_LIST: send(page())}
    for path, answer in answers.items():
        scene.server.on("GET", path, *([refuse(403, "Forbidden")] if path == silent else []), answer)
    seen = await scene.read()
    assert seen is not None
    assert seen.replicas is None
    assert "Forbidden" in seen.trouble
    assert seen.look_again_s is not None
    scene.clock.advance(seen.look_again_s)
    assert scene.observer.seen(EU, metadata()) is None
    assert await scene.read() == Seen(Replicas(0))


async def test_a_reading_is_not_asked_for_twice_at_once(scene: Scene) -> None:
    scene.server.on("GET", COPY, send(a_copy(3, 3)))
    scene.observer.read(scene.member, metadata(), Priority.EVENT)
    await scene.read()
    assert len(scene.server.seen("GET", COPY)) == 1


async def test_nothing_that_was_read_counts_once_the_cluster_has_changed(scene: Scene) -> None:
    scene.server.on("GET", COPY, send(a_copy(3, 3)))
    await scene.read()
    scene.observer.reconsider(EU)
    assert scene.observer.seen(EU, metadata()) is None
