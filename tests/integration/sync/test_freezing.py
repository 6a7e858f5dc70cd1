"""A freeze stops what would be written, says so, survives a restart, and ends: for everything, a cluster, or a type."""

from collections.abc import Iterator

import pytest

from fedctl.federation import CLUSTERS, CONFIGS
from kubefed.core.markers import CONFIG_NAME, FREEZE_ANNOTATION
from kubefed.core.names import ObjectKey
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS, SYSTEM, Federation
from tests.support.shop import OK, Shop, everywhere, fine, troubled
from tests.support.waiting import eventually_equal


@pytest.fixture(autouse=True)
def thawed(federation: Federation) -> Iterator[None]:
    """Whatever a test froze, the next one finds nothing frozen."""
    yield
    for resource, name in ((CONFIGS, CONFIG_NAME), (CLUSTERS, MEMBER1)):
        federation.host.merge(resource, ObjectKey(SYSTEM, name), {"metadata": {"annotations": {FREEZE_ANNOTATION: None}}})
    federation.fedctl("unfreeze", "--type", "configmaps")


def colour_of(shop: Shop) -> dict[str, object]:
    return shop.copies(shop.config_map(), "data", "colour")


def test_nothing_is_written_while_everything_is_frozen_and_all_of_it_afterwards(shop: Shop) -> None:
    wish = shop.settle(shop.config_map(colour="red"))
    gone = shop.settle(shop.config_map("gone"))
    shop.federation.fedctl("freeze", "--all", "--reason", "an audit")
    shop.edit(wish.with_template({"data": {"colour": "green"}}))
    shop.delete(gone)
    shop.await_told(wish, troubled(**everywhere("UpdateFailed")))
    assert shop.await_message(wish, MEMBER1, "an audit") == "everything is frozen: an audit"
    assert colour_of(shop) == everywhere("red")
    assert shop.copies(gone).keys() == set(MEMBERS)
    shop.federation.fedctl("unfreeze", "--all")
    shop.await_told(wish, fine(*MEMBERS))
    assert colour_of(shop) == everywhere("green")
    shop.await_gone(gone)


def test_a_frozen_cluster_is_left_alone_and_the_others_are_served(shop: Shop) -> None:
    wish = shop.settle(shop.config_map(colour="red"))
    shop.federation.fedctl("freeze", "--cluster", MEMBER1, "--reason", "its network is moved")
    assert "its network is moved" in shop.federation.fedctl("get", "clusters")
    shop.edit(wish.with_template({"data": {"colour": "green"}}))
    shop.await_told(wish, troubled(member1="UpdateFailed", member2=OK))
    assert colour_of(shop) == {MEMBER1: "red", MEMBER2: "green"}
    shop.federation.fedctl("unfreeze", "--cluster", MEMBER1)
    shop.await_told(wish, fine(*MEMBERS))


def test_a_frozen_type_is_left_alone_and_the_others_are_served(shop: Shop) -> None:
    shop.federation.fedctl("freeze", "--type", "cm", "--reason", "a bad template")
    assert "a bad template" in shop.federation.fedctl("get", "types")
    wish = shop.config_map(colour="red")
    shop.create(wish)
    shop.settle(shop.deployment())
    shop.await_told(wish, troubled(**everywhere("CreationFailed")))
    assert colour_of(shop) == {}
    shop.federation.fedctl("unfreeze", "--type", "configmap")
    eventually_equal(lambda: colour_of(shop), everywhere("red"))
