"""When a cluster counts as ready, and what its record says then: KubeFed's conditions to the letter."""

from datetime import timedelta
from typing import Any

import pytest

from kubefed.clusters.credentials import Relaxation, TokenLife
from kubefed.clusters.health import REJECTED, Health, Probe, Thresholds, Verdict, conditions, judge_answer, judge_error
from kubefed.clusters.member import MemberState
from kubefed.clusters.status import LONGEST_MESSAGE, Findings, age_s, cluster_status, differs, remembered
from kubefed.core.errors import Unreachable
from kubefed.kube.messages import Answer
from tests.fakes.clock import EPOCH

UNKNOWN, READY, NOT_READY, OFFLINE, MALFORMED = Verdict
LATER = EPOCH + timedelta(seconds=10)
NOW, THEN = "2026-01-01T00:00:10Z", "2026-01-01T00:00:00Z"


def after(*found: Verdict, failures: int = 3, successes: int = 1) -> Verdict:
    """What is published after these probes."""
    health = Health()
    for verdict in found:
        health = health.after(Probe(verdict), Thresholds(failures, successes))
    return health.published.verdict


# --- thresholds -------------------------------------------------------------------------------------------------

STORIES: list[tuple[list[Verdict], Verdict]] = [
    ([], UNKNOWN),
    ([READY], READY),
    ([OFFLINE], OFFLINE),
    ([NOT_READY], NOT_READY),
    ([READY, OFFLINE, OFFLINE], READY),
    ([READY, OFFLINE, OFFLINE, OFFLINE], OFFLINE),
    ([READY, OFFLINE, OFFLINE, READY, OFFLINE, OFFLINE], READY),
    ([READY, OFFLINE, NOT_READY, NOT_READY], NOT_READY),
    ([OFFLINE, READY], READY),
    ([OFFLINE, NOT_READY, NOT_READY], OFFLINE),
    ([READY, MALFORMED], MALFORMED),
    ([READY, OFFLINE, MALFORMED], MALFORMED),
    ([MALFORMED, OFFLINE], OFFLINE),
    ([MALFORMED, READY], READY),
]


@pytest.mark.parametrize(("found", "published"), STORIES)
def test_three_probes_in_a_row_turn_a_cluster_away_and_one_brings_it_back(found: list[Verdict], published: Verdict) -> None:
    assert after(*found) is published


def test_a_higher_success_threshold_wants_that_many_good_probes_in_a_row() -> None:
    assert after(OFFLINE, READY, READY, successes=3) is OFFLINE
    assert after(OFFLINE, READY, READY, READY, successes=3) is READY
    assert after(OFFLINE, READY, READY, OFFLINE, READY, successes=3) is OFFLINE


def test_thresholds_of_one_follow_every_probe() -> None:
    assert after(READY, OFFLINE, failures=1) is OFFLINE


def test_the_newest_detail_of_the_published_verdict_is_the_one_that_is_told() -> None:
    health = (
        Health().after(Probe(OFFLINE, "ConnectionRefused"), Thresholds()).after(Probe(OFFLINE, "Timeout"), Thresholds())
    )
    assert health.published.detail == "Timeout"


# --- what a probe says ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, b"ok", Probe(READY)),
        (200, b"OK\n", Probe(READY)),
        (200, b"okay", Probe(NOT_READY)),
        (200, b"", Probe(NOT_READY)),
        (200, b"<html>ok</html>", Probe(NOT_READY)),
        (204, b"ok", Probe(OFFLINE, "HTTP 204")),
        (307, b"ok", Probe(OFFLINE, "HTTP 307")),
        (403, b"ok", Probe(OFFLINE, "HTTP 403")),
        (500, b"ok", Probe(OFFLINE, "HTTP 500")),
        (401, b"secret-of-the-server", Probe(OFFLINE, "CredentialsRejected")),
    ],
)
def test_only_ok_is_ok(status: int, body: bytes, found: Probe) -> None:
    assert judge_answer(Answer(status, {}, body)) == found


def test_a_probe_without_answer_is_told_in_our_own_words() -> None:
    assert judge_error(Unreachable("GET /healthz", reason="CertificateExpired")) == Probe(OFFLINE, "CertificateExpired")


# --- conditions -------------------------------------------------------------------------------------------------


def said(probe: Probe) -> list[tuple[str, str, str, str]]:
    written = conditions(probe, [], EPOCH)
    return [(each["type"], each["status"], each["reason"], each["message"]) for each in written]


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        (Probe(READY), [("Ready", "True", "ClusterReady", "/healthz responded with ok")]),
        (
            Probe(NOT_READY),
            [
                ("Ready", "False", "ClusterNotReady", "/healthz responded without ok"),
                ("Offline", "False", "ClusterReachable", "cluster is reachable"),
            ],
        ),
        (
            Probe(OFFLINE, "Timeout"),
            [("Offline", "True", "ClusterNotReachable", "cluster is not reachable: Timeout")],
        ),
        (
            Probe(MALFORMED, "the Secret is gone"),
            [("ConfigMalformed", "True", "ClusterConfigMalformed", "cluster's configuration may be malformed")],
        ),
    ],
)
def test_the_conditions_are_kubefeds(probe: Probe, expected: list[tuple[str, str, str, str]]) -> None:
    assert said(probe) == expected


def test_a_condition_keeps_its_transition_time_while_its_status_stays() -> None:
    (first,) = conditions(Probe(OFFLINE, "Timeout"), [], EPOCH)
    (second,) = conditions(Probe(OFFLINE, "NoRoute"), [first], LATER)
    assert (first["lastProbeTime"], first["lastTransitionTime"]) == (THEN, THEN)
    assert (second["lastProbeTime"], second["lastTransitionTime"]) == (NOW, THEN)


def test_a_condition_whose_status_turns_gets_a_new_transition_time() -> None:
    before = conditions(Probe(NOT_READY), [], EPOCH)
    (ready,) = conditions(Probe(READY), before, LATER)
    assert ready["lastTransitionTime"] == NOW


def test_a_condition_that_was_away_in_between_starts_anew() -> None:
    before = conditions(Probe(READY), [], EPOCH)
    away = conditions(Probe(OFFLINE), before, EPOCH)
    (ready,) = conditions(Probe(READY), away, LATER)
    assert ready["lastTransitionTime"] == NOW


# --- the whole status -------------------------------------------------------------------------------------------

LIFE = TokenLife(EPOCH, LATER, "fed", "eu-kubefed")
KNOWN = Findings("v1.36.0", "eu-west", ("a", "b"), "uid-1", LIFE, (Relaxation("ProxyInRecord", "remove it"),))


def status(verdict: Verdict, findings: Findings = KNOWN, detail: str = "", previous: Any = None) -> dict[str, Any]:
    health = Health(Probe(verdict, detail))
    return cluster_status(health, MemberState.READY, findings, previous or {}, EPOCH)


def test_a_ready_cluster_tells_its_version_place_and_identity() -> None:
    told = status(READY)
    assert (told["kubernetesVersion"], told["region"], told["zones"]) == ("v1.36.0", "eu-west", ["a", "b"])
    assert told["details"] == {
        "state": "Ready",
        "uid": "uid-1",
        "tokenExpiresAt": NOW,
        "warnings": [{"reason": "ProxyInRecord", "message": "remove it"}],
    }


def test_an_offline_cluster_has_no_version_but_is_where_it_was() -> None:
    told = status(OFFLINE, detail="Timeout")
    assert "kubernetesVersion" not in told
    assert (told["region"], told["details"]["uid"], told["details"]["message"]) == ("eu-west", "uid-1", "Timeout")


def test_nothing_is_told_of_what_is_not_known() -> None:
    assert set(status(READY, Findings())) == {"conditions", "details"}


def test_messages_stay_within_what_the_crd_takes() -> None:
    warned = Findings(warnings=(Relaxation("TLSValidationDisabled", "x" * 1000),))
    details = status(MALFORMED, warned, "y" * 1000)["details"]
    assert len(details["message"]) == len(details["warnings"][0]["message"]) == LONGEST_MESSAGE


def test_a_later_probe_with_the_same_result_is_nothing_new() -> None:
    before = status(READY)
    again = cluster_status(Health(Probe(READY)), MemberState.READY, KNOWN, before, LATER)
    assert again != before
    assert not differs(again, before)


@pytest.mark.parametrize(
    "other",
    [
        status(OFFLINE),
        status(READY, Findings("v1.37.0", "eu-west", ("a", "b"), "uid-1", LIFE, KNOWN.warnings)),
        status(READY, Findings("v1.36.0", "eu-west", ("a",), "uid-1", LIFE, KNOWN.warnings)),
        status(READY, Findings("v1.36.0", "eu-west", ("a", "b"), "uid-1", None, KNOWN.warnings)),
        status(READY, Findings("v1.36.0", "eu-west", ("a", "b"), "uid-1", LIFE)),
        {},
        {"conditions": None},
    ],
)
def test_anything_but_the_time_of_the_probe_is_something_new(other: dict[str, Any]) -> None:
    assert differs(status(READY), other)


def test_a_status_is_as_old_as_its_youngest_probe() -> None:
    assert age_s({"conditions": [{"lastProbeTime": THEN}, {"lastProbeTime": NOW}]}, LATER) == 0
    assert age_s({"conditions": [{"lastProbeTime": THEN}]}, LATER) == 10


@pytest.mark.parametrize("stored", [{}, {"conditions": []}, {"conditions": [{}]}, {"conditions": [{"lastProbeTime": "?"}]}])
def test_a_status_without_a_readable_probe_is_older_than_anything(stored: dict[str, Any]) -> None:
    assert age_s(stored, EPOCH) == float("inf")


def test_what_an_earlier_process_found_is_remembered_until_somebody_looks() -> None:
    found = remembered(status(READY))
    assert (found.kubernetes_version, found.region, found.zones, found.uid) == ("v1.36.0", "eu-west", ("a", "b"), "uid-1")
    assert (found.token, found.warnings) == (None, ())


def test_rejected_credentials_are_an_offline_cluster() -> None:
    assert said(REJECTED) == [("Offline", "True", "ClusterNotReachable", "cluster is not reachable: CredentialsRejected")]
