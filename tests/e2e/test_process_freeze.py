"""A freeze is an annotation in the host: one kubectl command sets it, and no restart of the controller ends it."""

from collections.abc import Callable

from fedctl.federation import CONFIGS
from kubefed.core.markers import CONFIG_NAME, FREEZE_ANNOTATION
from kubefed.core.names import ObjectKey
from tests.support.controller import Controller
from tests.support.federation import MEMBERS, SYSTEM, Federation
from tests.support.shop import Shop, everywhere, fine, troubled
from tests.support.waiting import eventually


def test_one_annotation_is_enough_and_a_restart_does_not_end_it(
    federation: Federation, empty_shop: Shop, new_controller: Callable[[], Controller]
) -> None:
    shop = empty_shop
    first = new_controller()
    first.start()
    wish = shop.settle(shop.config_map(colour="red"))
    record = ObjectKey(SYSTEM, CONFIG_NAME)
    federation.host.merge(CONFIGS, record, {"metadata": {"annotations": {FREEZE_ANNOTATION: "at night"}}})
    eventually(lambda: 'kubefed_frozen{name="",scope="all"} 1.0' in first.exposition(), "its metrics say so")
    first.kill()
    shop.edit(wish.with_template({"data": {"colour": "green"}}))
    second = new_controller()
    second.start()
    shop.await_told(wish, troubled(**everywhere("UpdateFailed")), within_s=60)
    assert shop.copies(wish, "data", "colour") == everywhere("red")
    federation.host.merge(CONFIGS, record, {"metadata": {"annotations": {FREEZE_ANNOTATION: None}}})
    shop.await_told(wish, fine(*MEMBERS))
    assert shop.copies(wish, "data", "colour") == everywhere("green")
    second.stop()
