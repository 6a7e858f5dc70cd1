"""HTTP answers and transport faults as errors named by what to do next: every code, every form, nothing private."""

from typing import Any

import aiohttp
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.core import errors
from kubefed.core.errors import ApiError, Cause, Retryable
from kubefed.kube.errors import decode_status, from_answer, from_fault, from_status
from tests.fakes.objects import nested, status

PRIVATE = "hunter2"
HTML = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"

CLASSES = [
    (300, errors.Unintelligible),
    (301, errors.Unintelligible),
    (307, errors.Unintelligible),
    (400, errors.Rejected),
    (401, errors.Unauthenticated),
    (402, errors.Unintelligible),
    (403, errors.Forbidden),
    (404, errors.NotFound),
    (405, errors.Rejected),
    (406, errors.Rejected),
    (408, Retryable),
    (409, errors.Stale),
    (410, errors.Expired),
    (413, errors.Rejected),
    (415, errors.Rejected),
    (418, errors.Unintelligible),
    (422, errors.Rejected),
    (429, Retryable),
    (500, Retryable),
    (502, Retryable),
    (503, Retryable),
    (504, Retryable),
    (599, Retryable),
]


def answer(code: int, body: Any = b"", **headers: str) -> ApiError:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return from_answer(
        "GET /api/v1/pods", code, {name.replace("_", "-"): value for name, value in headers.items()}, content
    )


@pytest.mark.parametrize(("code", "kind"), CLASSES)
def test_every_code_has_its_consequence_whoever_answered(code: int, kind: type[ApiError]) -> None:
    for body in (status(code, "Whatever"), HTML, b"", b"null", nested(2000)):
        error = answer(code, body)
        assert type(error) is kind
        assert error.status == code


@given(st.integers(300, 599), st.binary())
def test_no_answer_is_without_an_error(code: int, body: bytes) -> None:
    assert from_answer("GET /", code, {}, body).status == code


def test_what_no_api_server_says_has_no_reason_of_theirs() -> None:
    """An HTML 404 of a load balancer says nothing about an object: whoever acts on absence asks for the reason."""
    assert answer(404, HTML).reason == "NotKubernetes"
    assert answer(404, b"404 page not found\n").reason == "NotKubernetes"
    assert answer(404, status(404, "NotFound")).reason == "NotFound"
    assert answer(302, HTML).reason == "Redirect"


def test_a_name_that_is_taken_is_told_from_a_version_that_is_old() -> None:
    assert type(answer(409, status(409, "AlreadyExists"))) is errors.AlreadyExists
    assert type(answer(409, status(409, "Conflict"))) is errors.Stale
    assert type(answer(200 + 209, HTML)) is errors.Stale


def test_a_status_counts_by_the_code_it_came_with() -> None:
    assert type(answer(403, status(404, "NotFound"))) is errors.Forbidden


# --- what may be shown -----------------------------------------------------------------------------------------


def test_fields_and_reasons_are_shown_and_the_message_is_not() -> None:
    causes = [{"field": "data.password", "reason": "FieldValueInvalid", "message": f"Invalid value: {PRIVATE}"}]
    error = answer(422, status(422, "Invalid", causes=causes, message=f"secret is invalid: {PRIVATE}"))
    assert error.causes == (Cause("data.password", "FieldValueInvalid"),)
    assert PRIVATE not in str(error)
    assert PRIVATE in error.server_message


@pytest.mark.parametrize(
    "reason", [f"denied because of {PRIVATE}", "x" * 1000, "lower", "", None, "Wörd", "A\nB", "Invalid\n"]
)
def test_a_reason_that_is_a_sentence_is_a_message(reason: str | None) -> None:
    body = orjson.loads(orjson.dumps(status(422, "x"))) | {"reason": reason}
    error = answer(422, body)
    assert error.reason == ""
    assert error.server_message == (reason or "")


@pytest.mark.parametrize("field", [f"has {PRIVATE} in it", "x" * 1000, "a\nb", "\u202egnp"])
def test_a_field_that_is_no_path_is_left_out(field: str) -> None:
    error = answer(422, status(422, "Invalid", causes=[{"field": field, "reason": "FieldValueInvalid"}]))
    assert error.causes == (Cause("", "FieldValueInvalid"),)


def test_of_many_causes_a_few_are_told() -> None:
    causes = [{"field": f"f{number}", "reason": "Required"} for number in range(1000)]
    assert len(answer(422, status(422, "Invalid", causes=causes)).causes) == 5


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"5",
        b'{"kind":"Pod"}',
        b'{"kind":5}',
        b'{"kind":"Status","code":"x"}',
        b'{"kind":"Status"',
        nested(9000),
        HTML,
    ],
)
def test_what_is_no_status_is_none(body: bytes) -> None:
    assert decode_status(body) is None


def test_a_status_full_of_nulls_is_one() -> None:
    found = decode_status(
        b'{"kind":"Status","reason":null,"message":null,"code":null,"details":{"causes":[{"field":null,"reason":null}]}}'
    )
    assert found is not None
    error = from_status("WATCH /", 410, found)
    assert (type(error), error.reason, error.causes) == (errors.Expired, "", (Cause("", ""),))


# --- when to come back -----------------------------------------------------------------------------------------

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("007", 7.0),
        ("100000", 300.0),
        ("9" * 5000, 300.0),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 09:28:30 +0200", 30.0),
        ("Wednesday, 21-Oct-26 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 07:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 300.0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("\u0667", None),
        ("Wed, 99 Oct 2026 07:28:30 GMT", None),
        ("Wed, 21 Oct 2026 07:28:30", None),
    ],
)
def test_a_server_says_when_to_come_back_in_seconds_or_as_a_moment_of_its_own_clock(
    said: str, seconds: float | None
) -> None:
    for code in (429, 503):
        error = answer(code, HTML, Retry_After=said, Date=DATE)
        assert isinstance(error, Retryable)
        assert error.after_s == seconds


def test_a_moment_says_nothing_when_the_servers_clock_is_not_known() -> None:
    error = answer(429, HTML, Retry_After="Wed, 21 Oct 2026 07:28:30 GMT")
    assert isinstance(error, Retryable)
    assert error.after_s is None


def test_a_status_may_say_when_to_come_back_and_the_header_counts_for_more() -> None:
    told = answer(500, status(500, "ServerTimeout", retry_after_s=3))
    both = answer(500, status(500, "ServerTimeout", retry_after_s=3), Retry_After="9")
    endless = answer(500, status(500, "ServerTimeout", retry_after_s=2**31))
    waits = [error.after_s for error in (told, both, endless) if isinstance(error, Retryable)]
    assert waits == [3.0, 9.0, 300.0]


def test_only_what_may_be_tried_again_has_a_time_to_do_so() -> None:
    assert not hasattr(answer(403, HTML, Retry_After="5"), "after_s")


# --- no answer -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("may_have_happened", "kind"), [(True, errors.OutcomeUnknown), (False, errors.Unreachable)])
def test_without_an_answer_it_counts_whether_it_may_have_happened(may_have_happened: bool, kind: type[ApiError]) -> None:
    error = from_fault("PUT /a", aiohttp.ServerDisconnectedError(PRIVATE), may_have_happened=may_have_happened)
    assert type(error) is kind
    assert (error.status, error.reason) == (0, "ConnectionLost")
    assert PRIVATE not in str(error)


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (TimeoutError(PRIVATE), "Timeout"),
        (aiohttp.ConnectionTimeoutError(PRIVATE), "ConnectTimeout"),
        (aiohttp.SocketTimeoutError(PRIVATE), "Timeout"),
        (ConnectionResetError(PRIVATE), "ConnectionLost"),
        (aiohttp.ClientPayloadError(PRIVATE), "ConnectionLost"),
        (aiohttp.InvalidURL(PRIVATE), "ConnectionLost"),
    ],
)
def test_a_fault_is_told_in_a_word_of_ours(fault: Exception, word: str) -> None:
    error = from_fault("GET /", fault, may_have_happened=False)
    assert error.reason == word
    assert PRIVATE not in str(error)
