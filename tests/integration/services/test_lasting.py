"""What stays as it is: over a restart, while a member is away, and what is decided anew when it is back."""

from functools import partial

import pytest

from kubefed.services.words import OF_CLUSTER, STALENESS
from tests.support.audit import CONTROLLER, AuditLog
from tests.support.clusterset import Clusterset, exported
from tests.support.controller import Controller
from tests.support.federation import HOST, MEMBER1, MEMBER2, MEMBERS, Federation
from tests.support.members import dead
from tests.support.waiting import eventually, eventually_equal


def published(clusterset: Clusterset) -> tuple[set[str], set[str]]:
    """Two pods in each member, exported by both and settled; their addresses."""
    for member in MEMBERS:
        clusterset.run(member)
        clusterset.export(member)
    first, second = (clusterset.await_pods(member, 2) for member in MEMBERS)
    clusterset.await_endpoints(member1=first, member2=second)
    for member in MEMBERS:
        eventually_equal(partial(clusterset.conditions, member), exported())
        eventually_equal(partial(clusterset.exporters, member), [MEMBER1, MEMBER2])
    return first, second


def audits(federation: Federation) -> dict[str, AuditLog]:
    return {name: AuditLog(federation.sandbox.cluster(name).audit_log) for name in (HOST, *MEMBERS)}


def test_endpoints_of_a_member_that_is_away_stay_and_follow_when_it_is_back(clusterset: Clusterset) -> None:
    first, second = published(clusterset)
    address = clusterset.address(MEMBER1)
    with dead(clusterset.federation, MEMBER2):
        clusterset.scale(MEMBER1, 3)
        more = clusterset.await_pods(MEMBER1, 3)
        eventually_equal(partial(clusterset.endpoints, MEMBER1), {MEMBER1: more, MEMBER2: second})
        assert clusterset.exporters(MEMBER1) == [MEMBER1, MEMBER2]
    assert first < more
    clusterset.await_endpoints(member1=more, member2=clusterset.await_pods(MEMBER2, 2))
    assert clusterset.address(MEMBER1) == address


def test_a_restart_writes_nothing(clusterset: Clusterset, controller: Controller) -> None:
    first, second = published(clusterset)
    controller.await_quiet()
    controller.stop()
    logs = audits(clusterset.federation)
    for log in logs.values():
        log.mark()
    controller.start()
    eventually(controller.leads, "it leads")
    controller.await_quiet()
    written = [
        (name, request.verb, request.resource, request.name)
        for name, log in logs.items()
        for request in log.requests()
        if request.agent.startswith(CONTROLLER) and request.changed and request.column == "objects"
    ]
    assert written == []
    clusterset.await_endpoints(member1=first, member2=second)


def test_a_restart_while_an_exporter_is_away_takes_nothing_away(clusterset: Clusterset, controller: Controller) -> None:
    first, second = published(clusterset)
    before = clusterset.imported(MEMBER1)
    with dead(clusterset.federation, MEMBER2):
        controller.kill()
        controller.start()
        eventually(controller.leads, "it leads", within_s=40)
        clusterset.scale(MEMBER1, 3)
        more = clusterset.await_pods(MEMBER1, 3)
        eventually_equal(partial(clusterset.endpoints, MEMBER1), {MEMBER1: more, MEMBER2: second})
        now = clusterset.imported(MEMBER1)
        assert before is not None
        assert now is not None
        assert (now["metadata"]["uid"], now["spec"]) == (before["metadata"]["uid"], before["spec"])
        assert clusterset.exporters(MEMBER1) == [MEMBER1, MEMBER2]
    assert first < more


def test_what_was_unexported_while_nobody_looked_goes_afterwards(clusterset: Clusterset, controller: Controller) -> None:
    published(clusterset)
    controller.stop()
    for member in MEMBERS:
        clusterset.unexport(member)
    controller.start()
    clusterset.await_gone()


@pytest.mark.parametrize("policy", ["Remove", "Drain"])
def test_a_services_policy_takes_endpoints_of_a_lost_member_out_of_use_and_their_return_brings_them_back(
    clusterset: Clusterset, policy: str
) -> None:
    for member in MEMBERS:
        clusterset.run(member)
        clusterset.export(member, metadata={"annotations": {STALENESS: f"{policy},after=2s"}})
    first, second = (clusterset.await_pods(member, 2) for member in MEMBERS)
    clusterset.await_endpoints(member1=first, member2=second)
    with dead(clusterset.federation, MEMBER2):
        eventually_equal(lambda: clusterset.endpoints(MEMBER1).get(MEMBER2, set()), set())
        assert clusterset.endpoints(MEMBER1)[MEMBER1] == first
        assert clusterset.exporters(MEMBER1) == [MEMBER1, MEMBER2]
        carried = {slice_["metadata"]["labels"][OF_CLUSTER] for slice_ in clusterset.slices(MEMBER1)}
        assert (MEMBER2 in carried) == (policy == "Drain")
    clusterset.await_endpoints(member1=first, member2=clusterset.await_pods(MEMBER2, 2))


def test_the_last_endpoints_stay_whatever_the_policy_says(clusterset: Clusterset) -> None:
    clusterset.run(MEMBER2)
    clusterset.export(MEMBER2, metadata={"annotations": {STALENESS: "Remove,after=1s"}})
    pods = clusterset.await_pods(MEMBER2, 2)
    clusterset.await_endpoints(member2=pods)
    with dead(clusterset.federation, MEMBER2):
        eventually(lambda: len(clusterset.endpoints(MEMBER1)[MEMBER2]) == 1, "all but one have gone")
        assert clusterset.address(MEMBER1)
