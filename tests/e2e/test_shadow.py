"""`controller-manager --shadow`: everything is decided, nothing is written, and what would be written is printed."""

from collections.abc import Callable

from tests.builders import kinds
from tests.e2e.conftest import Logs
from tests.support.commands import shadow
from tests.support.controller import Controller
from tests.support.federation import MEMBER1, MEMBERS, Federation
from tests.support.shop import Shop, fine


def written_in_members(lines: list[str], shop: Shop) -> list[str]:
    """The lines about copies of the test's own namespace: others may have left theirs."""
    return [line for line in lines if line.startswith(MEMBERS) and shop.namespace in line]


def test_what_is_new_would_be_created_and_nothing_is_written(federation: Federation, empty_shop: Shop, logs: Logs) -> None:
    shop = empty_shop
    wish = shop.create(shop.a(kinds.SECRETS, "database").with_template({"stringData": {"password": "hunter2"}}))
    shop.edit(wish.placed_on(*MEMBERS))
    logs.mark()
    lines = shadow(federation.controller_kubeconfig)
    for member in MEMBERS:
        assert f"{member}  create  /api/v1/namespaces/{shop.namespace}" in lines
        assert f"{member}  create  /api/v1/namespaces/{shop.namespace}/secrets/database" in lines
    assert any(line.startswith("In the host: ") for line in lines)
    assert "hunter2" not in "\n".join(lines)
    assert [each for each in logs.requests() if each.writes] == []
    assert [shop.copy(wish, member) for member in MEMBERS] == [None, None]


def test_what_is_in_sync_would_be_left_alone_and_a_drift_is_named_by_its_path(
    federation: Federation, empty_shop: Shop, new_controller: Callable[[], Controller]
) -> None:
    shop, controller = empty_shop, new_controller()
    wish = shop.create(shop.config_map(colour="red"))
    controller.start()
    shop.await_told(wish, fine(*MEMBERS))
    controller.await_quiet()
    controller.stop()
    assert not written_in_members(shadow(federation.controller_kubeconfig), shop)

    shop.change(wish, MEMBER1, {"data": {"colour": "blue"}})
    lines = shadow(federation.controller_kubeconfig)
    assert f"{MEMBER1}  update  /api/v1/namespaces/{shop.namespace}/configmaps/settings  data.colour" in lines
    assert len(written_in_members(lines, shop)) == 1
    assert "blue" not in "\n".join(lines)
