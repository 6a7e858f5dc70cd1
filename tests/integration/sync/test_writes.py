"""How little is written for what is wanted, by the API servers' audit logs."""

from collections import Counter

import pytest

from tests.support.audit import AuditLog
from tests.support.federation import MEMBERS
from tests.support.shop import Shop, everywhere, fine
from tests.support.waiting import eventually_equal


@pytest.fixture
def host_log(shop: Shop) -> AuditLog:
    """What is asked of the host from now on."""
    shop.await_told(shop.fed_namespace(), fine(*MEMBERS))
    log = AuditLog(shop.federation.sandbox.host.audit_log)
    log.mark()
    return log


@pytest.fixture
def member_logs(shop: Shop, host_log: AuditLog) -> list[AuditLog]:  # noqa: ARG001 - the namespace has settled
    """What is asked of the members from now on."""
    logs = [AuditLog(member.audit_log) for member in shop.federation.sandbox.members]
    for log in logs:
        log.mark()
    return logs


def written(log: AuditLog, shop: Shop) -> Counter[str]:
    """Objects written in the test's namespace, as `verb plural/subresource`, whatever was answered."""
    asked = [
        each for each in log.requests() if each.writes and each.namespace == shop.namespace and each.column == "objects"
    ]
    return Counter(f"{each.verb} {each.resource}/{each.subresource}".rstrip("/") for each in asked)


def test_a_new_object_costs_one_write_a_member_and_four_in_the_host(
    shop: Shop, host_log: AuditLog, member_logs: list[AuditLog]
) -> None:
    wish = shop.settle(shop.config_map())
    eventually_equal(lambda: shop.recorded(wish).keys(), set(MEMBERS))
    assert written(host_log, shop) == {
        "patch federatedconfigmaps": 1,
        "create propagatedversions": 1,
        "update propagatedversions/status": 1,
        "update federatedconfigmaps/status": 1,
    }
    assert [written(log, shop) for log in member_logs] == [{"create configmaps": 1}] * 2


def test_an_edit_costs_one_write_a_member_and_two_in_the_host(
    shop: Shop, host_log: AuditLog, member_logs: list[AuditLog]
) -> None:
    wish = shop.settle(shop.config_map(colour="red"))
    for log in (host_log, *member_logs):
        log.mark()
    shop.edit(shop.config_map(colour="blue"))
    eventually_equal(lambda: shop.copies(wish, "data", "colour"), everywhere("blue"))
    shop.await_told(wish, fine(*MEMBERS))
    assert written(host_log, shop) == {"update propagatedversions/status": 1, "update federatedconfigmaps/status": 1}
    assert [written(log, shop) for log in member_logs] == [{"update configmaps": 1}] * 2


def test_a_drift_costs_one_write_where_it_was(shop: Shop, member_logs: list[AuditLog]) -> None:
    wish = shop.settle(shop.config_map(colour="red"))
    for log in member_logs:
        log.mark()
    shop.change(wish, MEMBERS[0], {"data": {"colour": "drifted"}})
    eventually_equal(lambda: shop.copies(wish, "data", "colour"), everywhere("red"))
    assert [written(log, shop) for log in member_logs] == [{"update configmaps": 1}, {}]
