"""The status of a federated object: what a plan becomes in KubeFed's words, and when it is worth a write."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.api.types_v1beta1 import PropagationReason, PropagationStatus
from kubefed.core.names import ClusterName
from kubefed.kube.wire import TOO_LARGE
from kubefed.sync.plan import Plan, Step
from kubefed.sync.status import COLLECTION_PERIOD_S, LONGEST_MESSAGE, Report, hold_back_s, report_of, status_document

BEGIN = datetime(2026, 1, 1, 12, 0, 0, 999_999, tzinfo=UTC)
LATER = BEGIN + timedelta(minutes=5)
BEGIN_TEXT, LATER_TEXT = "2026-01-01T12:00:00Z", "2026-01-01T12:05:00Z"

FINE = Report(1, None, ({"name": "eu"},))
TROUBLED = Report(1, PropagationReason.CHECK_CLUSTERS, ({"name": "eu", "status": "ClusterNotReady"},))
OTHERWISE_TROUBLED = Report(1, PropagationReason.CHECK_CLUSTERS, ({"name": "eu", "status": "CreationFailed"},))


def written(report: Report, at: datetime = BEGIN, previous: dict[str, Any] | None = None) -> dict[str, Any]:
    document = status_document(report, previous or {}, at)
    assert document is not None
    return document


def times(document: dict[str, Any]) -> tuple[str, str]:
    (condition,) = document["conditions"]
    return condition["lastUpdateTime"], condition["lastTransitionTime"]


def test_the_first_status_says_everything() -> None:
    assert written(FINE) == {
        "observedGeneration": 1,
        "conditions": [
            {"type": "Propagation", "status": "True", "lastUpdateTime": BEGIN_TEXT, "lastTransitionTime": BEGIN_TEXT}
        ],
        "clusters": [{"name": "eu"}],
    }


def test_a_reason_makes_it_false() -> None:
    (condition,) = written(TROUBLED)["conditions"]
    assert (condition["status"], condition["reason"]) == ("False", "CheckClusters")


MOVES: list[tuple[str, Report, Report, tuple[str, str]]] = [
    ("the truth", FINE, TROUBLED, (LATER_TEXT, LATER_TEXT)),
    ("the reason", TROUBLED, Report(1, PropagationReason.NAMESPACE_NOT_FEDERATED, ()), (LATER_TEXT, LATER_TEXT)),
    ("one cluster only", TROUBLED, OTHERWISE_TROUBLED, (LATER_TEXT, BEGIN_TEXT)),
    ("the clusters only", FINE, Report(1, None, ()), (LATER_TEXT, BEGIN_TEXT)),
    ("the generation only", FINE, Report(2, None, FINE.clusters), (BEGIN_TEXT, BEGIN_TEXT)),
]


@pytest.mark.parametrize(("before", "after", "expected"), [case[1:] for case in MOVES], ids=[case[0] for case in MOVES])
def test_times_move_with(before: Report, after: Report, expected: tuple[str, str]) -> None:
    assert times(written(after, LATER, written(before))) == expected


@pytest.mark.parametrize("report", [FINE, TROUBLED, OTHERWISE_TROUBLED, Report(7, None, ())])
def test_what_has_been_said_is_not_said_again(report: Report) -> None:
    assert status_document(report, written(report), LATER) is None


def test_a_status_of_kubefeds_in_another_order_is_sorted_once() -> None:
    report = Report(1, None, ({"name": "eu"}, {"name": "us"}))
    kubefeds = {**written(report), "clusters": [{"name": "us"}, {"name": "eu"}]}
    sorted_once = written(report, LATER, kubefeds)
    assert [entry["name"] for entry in sorted_once["clusters"]] == ["eu", "us"]
    assert status_document(report, sorted_once, LATER) is None


_FIELDS = st.sampled_from(["conditions", "clusters", "type", "status", "reason", "lastUpdateTime", "observedGeneration"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_FIELDS, inner, max_size=4),
    max_leaves=12,
)


@given(previous=st.dictionaries(_FIELDS, _JSON, max_size=4))
def test_any_previous_status_can_be_replaced(previous: dict[str, Any]) -> None:
    """Whoever may write a status may write nonsense, where an old CRD does not look."""
    document = status_document(FINE, previous, BEGIN)
    assert document is None or status_document(FINE, document, LATER) is None


# --- what a plan says -------------------------------------------------------------------------------------------


def step(name: str, status: PropagationStatus = PropagationStatus.OK, **fields: Any) -> Step:
    return Step(ClusterName(name), status=status, **fields)


def test_entries_are_sorted_and_only_those_listed() -> None:
    plan = Plan((step("us"), step("asia", listed=False), step("eu")))
    assert report_of(plan, 3) == Report(3, None, ({"name": "eu"}, {"name": "us"}))


def test_an_explanation_is_a_message_and_bounded() -> None:
    plan = Plan((step("eu", PropagationStatus.UPDATE_FAILED, explanation="x" * 1000),))
    (entry,) = report_of(plan, 1).clusters
    assert entry == {"name": "eu", "status": "UpdateFailed", "message": "x" * LONGEST_MESSAGE}


@pytest.mark.parametrize("reason", [PropagationReason.COMPUTE_PLACEMENT_FAILED, PropagationReason.CLUSTER_RETRIEVAL_FAILED])
def test_without_a_placement_no_cluster_is_listed(reason: PropagationReason) -> None:
    assert report_of(Plan((step("eu"),), reason=reason), 1).clusters == ()


# --- collected statuses -----------------------------------------------------------------------------------------

READY_1 = Report(1, None, ({"name": "eu", "remoteStatus": {"readyReplicas": 1}},))
READY_2 = Report(1, None, ({"name": "eu", "remoteStatus": {"readyReplicas": 2}},))


def test_a_copys_own_status_stands_beside_what_became_of_it() -> None:
    collected = {ClusterName("eu"): b'{"readyReplicas":1}', ClusterName("us"): b"{}"}
    assert report_of(Plan((step("eu"),)), 1, collected) == READY_1


def test_a_status_too_large_to_be_shown_is_said_to_be() -> None:
    (entry,) = report_of(Plan((step("eu"),)), 1, {ClusterName("eu"): TOO_LARGE}).clusters
    assert entry == {"name": "eu", "message": "the status of the copy is too large to be shown here"}


def test_what_changed_only_in_the_copies_own_statuses_is_told_now_and_then() -> None:
    previous = written(READY_1)
    assert hold_back_s(READY_2, previous, BEGIN + timedelta(seconds=2)) == pytest.approx(COLLECTION_PERIOD_S - 2, abs=1)
    assert hold_back_s(READY_2, previous, LATER) == 0


@pytest.mark.parametrize(
    "report",
    [TROUBLED, Report(2, None, READY_2.clusters), Report(1, None, (*READY_2.clusters, {"name": "us"}))],
)
def test_whatever_else_changed_is_told_at_once(report: Report) -> None:
    assert hold_back_s(report, written(READY_1), BEGIN) == 0


@pytest.mark.parametrize("time", ["", "soon", "2026-01-01", 7, None])
def test_an_unreadable_time_holds_nothing_back(time: object) -> None:
    previous = written(READY_1)
    previous["conditions"][0]["lastUpdateTime"] = time
    assert hold_back_s(READY_2, previous, BEGIN) == 0
