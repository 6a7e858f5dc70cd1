"""The host can be a member too: its own namespaces are labelled there, and never made or removed."""

from collections.abc import Iterator

import pytest

from fedctl.kinds import NAMESPACES
from kubefed.core.markers import MANAGED_LABEL
from kubefed.core.names import ObjectKey
from tests.support.controller import Controller
from tests.support.federation import HOST, MEMBER1, Federation
from tests.support.manifests import field_of
from tests.support.shop import Shop, fine
from tests.support.waiting import eventually


@pytest.fixture
def joined_shop(federation: Federation, controller: Controller, namespace: str) -> Iterator[Shop]:  # noqa: ARG001
    """A namespace that is federated to the host, joined under its context's name, and to one member."""
    federation.join(HOST)
    yield Shop(federation, namespace).open(HOST, MEMBER1)
    federation.fedctl("unjoin", "cluster", HOST)


def test_the_host_gets_copies_and_keeps_its_own_namespace(joined_shop: Shop) -> None:
    shop, key = joined_shop, ObjectKey("", joined_shop.namespace)
    wish = shop.settle(shop.config_map().placed_on(HOST, MEMBER1), HOST, MEMBER1)
    own = shop.federation.host.get(NAMESPACES, key)
    assert field_of(own, "metadata", "labels", MANAGED_LABEL) == "true"
    assert shop.managed_copy(wish, HOST)["data"] == {"colour": "red"}

    shop.edit(wish.placed_on(MEMBER1))
    shop.await_told(wish, fine(MEMBER1))
    assert shop.copy(wish, HOST) is None

    shop.delete(shop.fed_namespace())
    shop.await_gone(shop.fed_namespace())
    assert shop.copy(shop.fed_namespace(), MEMBER1) is None
    left = shop.federation.host.get(NAMESPACES, key)
    assert left["metadata"]["uid"] == own["metadata"]["uid"]
    assert "deletionTimestamp" not in left["metadata"]
    eventually(
        lambda: field_of(shop.federation.host.get(NAMESPACES, key), "metadata", "labels", MANAGED_LABEL) is None,
        "the host's namespace is let go of",
    )
