"""What cannot be read is not gone: rights that are taken away, definitions that are deleted, with and without a restart."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from fedctl.kinds import CLUSTER_ROLES, CRDS
from kubefed.api.multicluster import GROUP
from kubefed.core.names import ObjectKey
from kubefed.services.words import EXPORTS, SERVICES, SLICES
from tests.support.clusterset import Clusterset, exported
from tests.support.controller import Controller
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS, Federation
from tests.support.waiting import eventually, eventually_equal


@contextmanager
def forbidden(federation: Federation, member: str, plural: str) -> Iterator[None]:
    """The controller may not read these in a member; it may again afterwards."""
    server = federation.servers[member]
    (role,) = [
        each for each in server.objects(CLUSTER_ROLES) if each["metadata"]["name"].startswith("kubefed-controller-manager:")
    ]
    rules = [
        {**rule, "resources": [each for each in rule["resources"] if each != plural]} for rule in _plain(role["rules"])
    ]
    others = [rule for rule in role["rules"] if "nonResourceURLs" in rule]
    key = ObjectKey("", role["metadata"]["name"])
    server.merge(CLUSTER_ROLES, key, {"rules": [*(rule for rule in rules if rule["resources"]), *others]})
    try:
        yield
    finally:
        federation.join(member)


def _plain(rules: list[dict[str, list[str]]]) -> list[dict[str, list[str]]]:
    return [rule for rule in rules if "resources" in rule]


def published(clusterset: Clusterset) -> tuple[set[str], set[str]]:
    for member in MEMBERS:
        clusterset.run(member)
        clusterset.export(member)
    first, second = (clusterset.await_pods(member, 2) for member in MEMBERS)
    clusterset.await_endpoints(member1=first, member2=second)
    for member in MEMBERS:
        eventually_equal(partial(clusterset.conditions, member), exported())
        eventually_equal(partial(clusterset.exporters, member), [MEMBER1, MEMBER2])
    return first, second


@pytest.mark.parametrize("plural", [EXPORTS.plural, SLICES.plural, SERVICES.plural])
def test_what_may_not_be_read_stays_published_also_after_a_restart(
    clusterset: Clusterset, controller: Controller, plural: str
) -> None:
    first, second = published(clusterset)
    before = clusterset.imported(MEMBER1)
    assert before is not None
    with forbidden(clusterset.federation, MEMBER2, plural):
        controller.stop()
        controller.start()
        eventually(controller.leads, "it leads")
        clusterset.scale(MEMBER1, 3)
        more = clusterset.await_pods(MEMBER1, 3)
        eventually_equal(partial(clusterset.endpoints, MEMBER1), {MEMBER1: more, MEMBER2: second})
        now = clusterset.imported(MEMBER1)
        assert now is not None
        assert (now["metadata"]["uid"], now["spec"]) == (before["metadata"]["uid"], before["spec"])
        assert clusterset.exporters(MEMBER1) == [MEMBER1, MEMBER2]
    assert first < more
    clusterset.await_endpoints(member1=more, member2=second)


def test_a_definition_that_is_deleted_takes_no_import_along(clusterset: Clusterset, controller: Controller) -> None:
    _, second = published(clusterset)
    clusterset.server(MEMBER2).delete(CRDS, ObjectKey("", f"{EXPORTS.plural}.{GROUP}"))
    try:
        controller.stop()
        controller.start()
        eventually(controller.leads, "it leads")
        clusterset.scale(MEMBER1, 3)
        more = clusterset.await_pods(MEMBER1, 3)
        eventually_equal(partial(clusterset.endpoints, MEMBER1), {MEMBER1: more, MEMBER2: second})
    finally:
        clusterset.federation.join(MEMBER2)
    # Now that exports are served there again, and this one really is not among them, its endpoints go.
    eventually_equal(partial(clusterset.endpoints, MEMBER1), {MEMBER1: more}, within_s=60)
