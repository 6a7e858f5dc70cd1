"""What metrics are labelled with: types, clusters and verbs, and nothing that anybody could make grow without bounds."""

import re

from kubefed.core.errors import Bug, Forbidden, OutcomeUnknown, Stale, Unreachable
from kubefed.observe.metrics import Metrics


def series(metrics: Metrics, name: str) -> list[str]:
    return [line for line in metrics.render().decode().splitlines() if line.startswith(f"{name}{{")]


def test_a_member_that_invents_reasons_does_not_make_series() -> None:
    metrics = Metrics()
    for number in range(500):
        invented = "X" + "".join(chr(ord("a") + int(digit)) for digit in str(number))
        metrics.operation("eu", "create", Forbidden("POST /x", status=403, reason=invented))
    assert len(series(metrics, "kubefed_member_operations_total")) == 1


def test_operations_are_told_apart_by_how_they_ended() -> None:
    metrics = Metrics()
    for error in (None, Stale("x", status=409), Unreachable("x", reason="Timeout"), OutcomeUnknown("x"), Bug("x")):
        metrics.operation("eu", "update", error)
    results = {match for line in series(metrics, "kubefed_member_operations_total") for match in _RESULT.findall(line)}
    assert results == {"ok", "Stale", "Unreachable", "OutcomeUnknown", "Bug"}


_RESULT = re.compile(r'result="([^"]*)"')


def test_requests_are_labelled_by_server_verb_and_code() -> None:
    metrics = Metrics()
    metrics.request("eu", "GET", 200, 0.1)
    metrics.request("eu", "GET", 0, 0.1)
    codes = {'code="200"', 'code="<error>"'}
    lines = series(metrics, "rest_client_requests_total")
    assert {code for code in codes for line in lines if code in line} == codes
