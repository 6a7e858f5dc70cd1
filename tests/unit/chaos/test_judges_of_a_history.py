"""V3, V4, V5, V6 and V9 are satisfied by a history in which all went well, and by no other."""

from datetime import timedelta
from typing import Any

import pytest

from tests.chaos.validators.blast_radius import blast_radius, latencies_ms
from tests.chaos.validators.no_deletion_on_ignorance import no_deletion_on_ignorance
from tests.chaos.validators.one_writer import one_writer
from tests.chaos.validators.quiet import quiet
from tests.chaos.validators.tenant_isolation import tenant_isolation
from tests.unit.chaos.a_trial import NOON, PERSON, Log, a_federated, a_record, a_request

TERMINATING = {"metadata": {"deletionTimestamp": "2026-01-02T12:00:00Z"}}
ABSENT = {"kind": "Status", "reason": "NotFound", "details": {"name": "settings"}}
NO_SUCH_TYPE = {"kind": "Status", "reason": "NotFound"}
ELSEWHERE = a_federated("settings", "us")
HERE = a_federated("settings", "eu", "us")
BY_LABEL = {"metadata": {}, "spec": {"placement": {"clusterSelector": {"matchLabels": {"tier": "gold"}}}}}
SHOP_ELSEWHERE = a_federated("shop", "us")
OF_THE_NAMESPACE: dict[str, Any] = {"resource": "federatednamespaces", "name": "shop"}
OF_EU: dict[str, Any] = {
    "resource": "kubefedclusters",
    "group": "core.kubefed.io",
    "namespace": "kube-federation-system",
    "name": "eu",
}


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(Log().told(TERMINATING).written("delete"), id="it is being deleted"),
        pytest.param(Log().told(ABSENT, code=404).written("delete"), id="it is gone"),
        pytest.param(Log().told(ELSEWHERE).written("delete"), id="it is placed elsewhere"),
        pytest.param(Log().told(HERE).told(SHOP_ELSEWHERE, **OF_THE_NAMESPACE).written("delete"), id="its namespace is"),
        pytest.param(Log().told(BY_LABEL).told(a_record(tier="tin"), **OF_EU).written("delete"), id="a label is lost"),
        pytest.param(Log().told(BY_LABEL).told(ABSENT, code=404, **OF_EU).written("delete"), id="the cluster left"),
        pytest.param(Log().told(ABSENT, code=404).written("patch"), id="its copy is let go"),
        pytest.param(Log().written("patch", uri="?force=true"), id="an apply is no removal"),
        pytest.param(Log().written("delete", code=409), id="a refused removal removes nothing"),
        pytest.param(Log().written("delete", agent=PERSON), id="a person removes what she likes"),
    ],
)
def test_a_removal_that_the_host_has_just_explained_is_none_out_of_ignorance(log: Log) -> None:
    assert no_deletion_on_ignorance(log.history()) == []


@pytest.mark.parametrize(
    ("log", "what"),
    [
        pytest.param(Log().written("delete"), "had not been asked", id="the host was not asked"),
        pytest.param(Log().told(TERMINATING).written("delete", second=60), "had not been asked", id="a minute ago"),
        pytest.param(Log().told(TERMINATING, second=2).written("delete"), "had not been asked", id="afterwards"),
        pytest.param(
            Log().told(TERMINATING, uri="?resourceVersion=0").written("delete"), "had not been asked", id="from a cache"
        ),
        pytest.param(Log().told(TERMINATING, verb="list").written("delete"), "had not been asked", id="by a list"),
        pytest.param(Log().told(TERMINATING, agent=PERSON).written("delete"), "had not been asked", id="by somebody else"),
        pytest.param(Log().told({}, code=403).written("delete"), "answered 403", id="the host did not say"),
        pytest.param(Log().told(NO_SUCH_TYPE, code=404).written("delete"), "answered 404", id="the type is not served"),
        pytest.param(Log().told(HERE).written("delete"), "wanted there", id="it is wanted"),
        pytest.param(Log().told(BY_LABEL).written("delete"), "wanted there", id="nobody read the labels"),
        pytest.param(
            Log().told(BY_LABEL).told(a_record(tier="gold"), **OF_EU).written("delete"),
            "wanted there",
            id="it has the label",
        ),
        pytest.param(Log().told(HERE).written("patch"), "wanted there", id="a copy is let go that is wanted"),
        pytest.param(Log().told(TERMINATING).written("delete", sent={}), "without naming a uid", id="no uid"),
        pytest.param(
            Log().told(TERMINATING).written("delete", resource="pods"), "of no federated type", id="of no federated type"
        ),
    ],
)
def test_a_removal_out_of_ignorance_is_found(log: Log, what: str) -> None:
    found = no_deletion_on_ignorance(log.history())
    assert any(what in each for each in found), found


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"name": "another"}, id="name"),
        pytest.param({"namespace": "kitchen"}, id="namespace"),
        pytest.param({"resource": "secrets"}, id="kind"),
    ],
)
def test_a_write_that_no_federated_object_stands_for_is_found(fields: dict[str, Any]) -> None:
    known = Log().told(HERE)
    assert tenant_isolation(known.written("update").written("create", subresource="token").history()) == []
    assert len(tenant_isolation(known.written("update", **fields).history())) == 1
    beside = frozenset({(fields.get("namespace", "shop"), fields.get("resource", "configmaps"))})
    assert tenant_isolation(known.written("update", **fields).history(), beside=beside) == []


def test_a_create_whose_name_the_log_does_not_tell_is_judged_by_its_namespace() -> None:
    known = Log().told(HERE)
    assert tenant_isolation(known.written("create", name="").history()) == []
    assert len(tenant_isolation(known.written("create", name="", namespace="kitchen").history())) == 1


def leader(number: int) -> dict[str, str]:
    return {"agent": f"kubefed/1 leader={number}"}


def test_a_leader_that_writes_after_its_successor_is_found() -> None:
    in_turns = Log().written("update", 1, **leader(1)).written("update", 2, **leader(2))
    assert one_writer(in_turns.history()) == []
    assert one_writer(in_turns.written("update", 3, code=409, **leader(1)).history()) == []
    assert one_writer(in_turns.written("update", 3, name="another", **leader(1)).history()) == []
    assert len(one_writer(in_turns.written("update", 3, **leader(1)).history())) == 1


def test_whoever_writes_when_all_is_done_is_found() -> None:
    log = Log().written("update", 1).written("update", 7, agent=PERSON).written("patch", 8, resource="events")
    assert quiet(log.history(), NOON + timedelta(seconds=5)) == []
    assert len(quiet(log.history(), NOON)) == 1
    assert len(quiet(log.written("update", 9, code=409).history(), NOON + timedelta(seconds=5))) == 1


def test_latencies_are_from_a_persons_edit_to_the_write_that_follows() -> None:
    edit: dict[str, Any] = {"verb": "update", "agent": PERSON}
    log = Log().told({}, second=10, **edit).told({}, second=20, **edit).told({}, second=30, **edit)
    log = log.written("update", 10.1).written("update", 20.4).written("update", 20.9)
    assert latencies_ms(log.history(), "eu") == pytest.approx([105, 405])
    assert latencies_ms(Log(host=(a_request(1),)).history(), "eu") == []


def test_a_fault_that_others_notice_is_found() -> None:
    calm, troubled = [10.0] * 50, [10.0] * 40 + [90.0] * 10
    assert blast_radius(calm, calm, noise_ms=1) == []
    assert blast_radius(calm, troubled, noise_ms=100) == []
    assert blast_radius(calm, troubled, noise_ms=1) == ["V9 the p99 of the others went from 10 to 90 ms"]
    assert blast_radius(calm, calm, noise_ms=1, ends=1) == ["V9 the controller ended 1 times"]
    assert "cannot be judged" in blast_radius(calm, calm[:5], noise_ms=1)[0]
