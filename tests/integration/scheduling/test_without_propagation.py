"""With the feature gate PushReconciler Disabled replicas are divided, or it is said why they are not."""

from collections.abc import Callable, Iterator

import pytest

from fedctl.federation import CONFIGS
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from tests.support.controller import Controller
from tests.support.federation import MEMBER1, MEMBERS, SYSTEM, Federation
from tests.support.preferences import Divider
from tests.support.shop import Shop
from tests.support.waiting import eventually, eventually_equal

CONFIG = ObjectKey(SYSTEM, CONFIG_NAME)


@pytest.fixture
def shop(federation: Federation, namespace: str, new_controller: Callable[[], Controller]) -> Iterator[Shop]:
    """A federated namespace, and a controller that propagates nothing."""
    before = federation.host.get(CONFIGS, CONFIG)["spec"].get("featureGates")
    disabled = [{"name": "PushReconciler", "configuration": "Disabled"}]
    federation.host.merge(CONFIGS, CONFIG, {"spec": {"featureGates": disabled}})
    controller = new_controller()
    controller.start()
    yield Shop(federation, namespace).open(*MEMBERS)
    assert controller.stop() == 0
    federation.host.merge(CONFIGS, CONFIG, {"spec": {"featureGates": before}})


def test_a_division_is_written_and_not_propagated(shop: Shop) -> None:
    divider = Divider(shop, shop.create(shop.deployment("web").placed(None)))
    divider.ask(divider.a_preference(3, member1=1))
    eventually(lambda: divider.written()[0], "it is divided")
    assert {"name": MEMBER1} in divider.written()[0]["clusters"]
    assert shop.copies(divider.wish) == {}


def test_a_preference_that_needs_the_namespaces_placement_says_that_it_is_not_read(shop: Shop) -> None:
    wish = shop.deployment("web").placed({"clusterSelector": {}})
    divider = Divider(shop, shop.create(wish))
    divider.ask(divider.a_preference(3, member1=1).with_spec(intersectWithClusterSelector=True))
    told = eventually(lambda: shop.events("ReplicasNotDivided"), "it is said why nothing is divided")
    assert "feature gate PushReconciler is Disabled" in str(told)
    eventually_equal(divider.written, ({"clusterSelector": {}}, None))
