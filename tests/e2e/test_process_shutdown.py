"""SIGTERM: what is on the wire ends, nothing more is begun, and the process goes."""

from collections.abc import Callable
from datetime import UTC, datetime

from tests.builders import kinds
from tests.e2e.conftest import Logs, a_burst
from tests.support.controller import Controller
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS
from tests.support.kinds import WIDGETS
from tests.support.manifests import encoded
from tests.support.shop import Shop, fine
from tests.support.waiting import eventually

OBJECTS = 60
POINT = 15


def test_it_drains_and_writes_nothing_after_its_end(
    empty_shop: Shop, logs: Logs, new_controller: Callable[[], Controller]
) -> None:
    burst, first, second = a_burst(empty_shop, OBJECTS), new_controller(), new_controller()
    burst.create()
    first.start()
    burst.await_copies_in(MEMBER1, POINT)
    assert first.stop() == 0
    ended = datetime.now(UTC)
    assert [each for each in logs.requests() if each.received_at > ended] == []
    assert "Traceback" not in first.said()
    second.start()
    burst.await_settled()
    assert second.stop() == 0


def test_a_member_that_never_answers_does_not_keep_it_from_ending(
    empty_shop: Shop, new_controller: Callable[[], Controller]
) -> None:
    controller, member = new_controller(), empty_shop.federation.sandbox.cluster(MEMBER2)
    controller.start()
    empty_shop.await_told(empty_shop.fed_namespace(), fine(*MEMBERS))
    member.pause()
    try:
        wish = empty_shop.create(empty_shop.config_map())
        eventually(lambda: empty_shop.copy(wish, MEMBER1), "the other member is served")
        assert controller.stop() == 0
    finally:
        member.resume()


def test_a_restart_in_sync_writes_nothing(empty_shop: Shop, logs: Logs, new_controller: Callable[[], Controller]) -> None:
    shop, first, second = empty_shop, new_controller(), new_controller()
    first.start()
    secret = shop.a(kinds.SECRETS, "key").with_template({"data": {"key": encoded("a")}})
    service = shop.a(kinds.SERVICES, "web").with_template({"spec": {"ports": [{"port": 80}]}})
    widget = shop.a(WIDGETS, "cog").with_template({"spec": {"size": 1}})
    placed = [wish.placed_on(*MEMBERS) for wish in (secret, service, widget)]
    for wish in (*placed, shop.deployment(), shop.config_map()):
        shop.settle(wish)
    first.await_quiet()
    assert first.stop() == 0
    logs.mark()
    second.start()
    eventually(second.is_leader, "it leads")
    second.await_quiet()
    assert [each for each in logs.object_writes() if each.changed] == []
    assert second.stop() == 0
