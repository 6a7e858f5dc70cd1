"""One pair of worlds for all tests of this directory."""

import os
from collections.abc import Iterator

import pytest

from fedctl.federation import CLUSTERS
from fedctl.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, CRDS, NAMESPACES, SECRETS
from fedctl.manifests import key_of
from kubefed.core.names import ObjectKey
from tests.integration.kubefedctl.shop import SHOP, forget, goods
from tests.integration.kubefedctl.sidebyside import Sides
from tests.integration.kubefedctl.worlds import EAST, two_worlds
from tests.support.federation import SYSTEM
from tests.support.waiting import eventually

_TYPES = ("configmaps", "secrets", "services", "serviceaccounts", "deployments.apps", "namespaces")


@pytest.fixture(scope="session")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    """KubeFed's kubefedctl in one world, ours in the other."""
    with two_worlds(f"kubefedctl-{os.getpid()}", tmp_path_factory.mktemp("worlds")) as worlds:
        yield Sides(worlds)


@pytest.fixture
def members(sides: Sides) -> Iterator[Sides]:
    """Nothing of a membership is left afterwards in either world, whatever the test did."""
    yield sides
    for world in sides.worlds.values():
        for resource in (CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS):
            for each in world.servers[EAST].objects(resource):
                if each["metadata"]["name"].startswith("kubefed-controller-manager:"):
                    world.servers[EAST].delete(resource, key_of(each))
        for path in set(world.objects()) - world.own:
            if path.startswith(f"{EAST}/CustomResourceDefinition/"):
                world.servers[EAST].delete(CRDS, ObjectKey("", path.rpartition("/")[2]))
        world.servers[EAST].delete(NAMESPACES, ObjectKey("", SYSTEM))
        world.host.delete(CLUSTERS, ObjectKey(SYSTEM, EAST))
        for each in world.host.objects(SECRETS, SYSTEM):
            world.host.delete(SECRETS, key_of(each))
    settle(sides)


def settle(sides: Sides) -> None:
    """A namespace that is being deleted is in the way of the next join."""
    for world in sides.worlds.values():
        member = world.servers[EAST]
        eventually(lambda: member.find(NAMESPACES, ObjectKey("", SYSTEM)) is None, "it is gone", within_s=60)  # noqa: B023


@pytest.fixture(scope="session")
def shop_in_both(sides: Sides) -> str:
    """Namespace `shop` with some objects in both hosts, which no test changes."""
    sides.apply(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHOP, "labels": {"l": "m"}}})
    for resource, manifest in goods():
        sides.apply(resource, manifest)
    return SHOP


@pytest.fixture
def shop(sides: Sides, shop_in_both: str) -> Iterator[str]:
    """The namespace. Types that a test enables, and all objects of theirs, are gone afterwards."""
    yield shop_in_both
    for name in _TYPES:
        forget(sides, name)
