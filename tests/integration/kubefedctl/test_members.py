"""KubeFed's kubefedctl and ours join and unjoin a member, side by side."""

from collections.abc import Iterator

import pytest

from fedctl.federation import CLUSTERS, CONFIGS
from fedctl.kinds import SECRETS
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from tests.integration.kubefedctl.allowed import HEALTH_SEEN, JOINED, ONE_SECRET, REGISTERED
from tests.integration.kubefedctl.conftest import settle
from tests.integration.kubefedctl.sidebyside import FATAL, Sides
from tests.integration.kubefedctl.worlds import EAST
from tests.support.federation import HOST, SYSTEM

JOIN = f"join {EAST} --cluster-context {EAST} --host-cluster-context {HOST} --v=2"


def test_a_member_is_joined_and_joined_again(members: Sides) -> None:
    with members.changing_alike():
        assert members.same(f"{JOIN} --dry-run") == ""
    with members.changing_alike(*JOINED):
        assert members.same(JOIN) == ""
    with members.changing_alike():
        members.same(f"join {EAST}", "join nowhere", code=FATAL)
    with members.changing_alike(ONE_SECRET):
        assert members.same(f"join {EAST} --error-on-existing=false") == ""


def test_a_member_is_unjoined(members: Sides) -> None:
    members.same(JOIN)
    with members.changing_alike():
        assert members.same(f"unjoin {EAST} --dry-run") == ""
        members.same("unjoin nowhere", "unjoin nowhere --force", f"unjoin {EAST} --cluster-context no", code=FATAL)
    assert members.same(f"unjoin {EAST} --host-cluster-context {HOST} --v=2") == ""
    settle(members)
    for world in members.worlds.values():
        left = {path for path in world.objects() if path not in world.own and path.startswith(EAST)}
        assert not [path for path in left if "CustomResourceDefinition" not in path]
        assert not [path for path in world.objects() if path.startswith(HOST) and EAST in path]
    members.same(f"unjoin {EAST}", code=FATAL)


def test_a_secret_and_the_host_may_be_named(members: Sides) -> None:
    with members.changing_alike(*JOINED):
        assert members.same(f"{JOIN} --secret-name east-token --host-cluster-name=hub") == ""
    for world in members.worlds.values():
        assert world.host.get(CLUSTERS, ObjectKey(SYSTEM, EAST))["spec"]["secretRef"] == {"name": "east-token"}
        assert f"{EAST}/ServiceAccount/{SYSTEM}/{EAST}-hub" in world.objects()


@pytest.fixture
def of_one_namespace(members: Sides) -> Iterator[Sides]:
    """Both control planes are limited to their system namespace for this test."""
    key = ObjectKey(SYSTEM, CONFIG_NAME)
    members.merge(CONFIGS, key, {"spec": {"scope": "Namespaced"}})
    yield members
    members.merge(CONFIGS, key, {"spec": {"scope": "Cluster"}})


def test_a_member_of_one_namespace_is_joined_and_unjoined(of_one_namespace: Sides) -> None:
    with of_one_namespace.changing_alike(*REGISTERED, HEALTH_SEEN):
        assert of_one_namespace.same(JOIN) == ""
    assert of_one_namespace.same(f"unjoin {EAST}") == ""


def test_force_makes_the_host_forget_a_member_that_cannot_be_found(members: Sides) -> None:
    members.same(JOIN)
    assert members.same(f"unjoin {EAST} --cluster-context nowhere --force=true") == ""
    for world in members.worlds.values():
        assert world.host.find(CLUSTERS, ObjectKey(SYSTEM, EAST)) is None
        assert not list(world.host.objects(SECRETS, SYSTEM))
        assert f"{EAST}/ClusterRole/kubefed-controller-manager:{EAST}-{HOST}" in world.objects()
