"""Where adoption is switched off, what was there before stays as it is."""

from collections.abc import Callable, Iterator

import pytest

from fedctl.federation import CONFIGS
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from tests.builders import kinds
from tests.support.controller import Controller
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS, SYSTEM, Federation
from tests.support.shop import OK, Shop, everywhere, fine, troubled


@pytest.fixture
def without_adoption(federation: Federation) -> Iterator[None]:
    """What controllers that are started now read."""
    key = ObjectKey(SYSTEM, CONFIG_NAME)
    federation.host.merge(CONFIGS, key, {"spec": {"syncController": {"adoptResources": "Disabled"}}})
    yield
    federation.host.merge(CONFIGS, key, {"spec": {"syncController": {"adoptResources": "Enabled"}}})


@pytest.mark.usefixtures("without_adoption")
def test_an_object_that_was_there_before_is_told_and_left_alone_until_it_goes(
    federation: Federation, namespace: str, new_controller: Callable[[], Controller]
) -> None:
    controller = new_controller()
    controller.start()
    shop = Shop(federation, namespace).open(*MEMBERS)
    shop.await_told(shop.fed_namespace(), fine(*MEMBERS))
    shop.make(MEMBER1, kinds.CONFIG_MAPS.target, "settings", {"data": {"colour": "mine"}})
    wish = shop.create(shop.config_map(colour="red"))
    shop.await_told(wish, troubled(member1="AlreadyExists", member2=OK))
    assert shop.copies(wish, "data", "colour") == {MEMBER1: "mine", MEMBER2: "red"}
    shop.remove(wish, MEMBER1)
    shop.edit(shop.config_map(colour="blue"))
    shop.await_told(wish, fine(*MEMBERS))
    assert shop.copies(wish, "data", "colour") == everywhere("blue")
    assert controller.stop() == 0
