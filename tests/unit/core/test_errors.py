"""Errors that are named by what to do next, and that say nothing a stranger put into them."""

from collections.abc import Callable

import pytest

from kubefed.core import errors
from kubefed.core.errors import ApiError, Cause, Retryable

PRIVATE = "hunter2"


def refusal(kind: type[ApiError] = errors.Rejected, causes: int = 1) -> ApiError:
    return kind(
        "PUT /api/v1/secrets/a",
        status=422,
        reason="Invalid",
        causes=tuple(Cause(f"data.key{number}", "FieldValueInvalid") for number in range(causes)),
        server_message=f"data.password: Invalid value: {PRIVATE!r}",
    )


def test_a_refusal_is_told_by_its_code_reason_and_fields() -> None:
    assert str(refusal()) == "PUT /api/v1/secrets/a: 422 Invalid (data.key0: FieldValueInvalid)"


@pytest.mark.parametrize("shown", [str, repr, ApiError.explanation, lambda error: str(error.args)])
def test_the_servers_own_words_are_never_shown(shown: Callable[[ApiError], str]) -> None:
    """repr and args are what logging and tracebacks print."""
    assert PRIVATE not in shown(refusal())


def test_the_servers_own_words_are_kept_for_the_person_who_asked() -> None:
    assert PRIVATE in refusal().server_message


def test_an_explanation_is_bounded_however_many_fields_are_wrong() -> None:
    assert len(refusal(causes=1000).explanation()) == 300


def test_silence_is_told_as_silence() -> None:
    assert str(errors.Unreachable("GET /healthz")) == "GET /healthz: no answer"
    assert errors.Unreachable("GET /healthz", reason="ConnectionRefused").explanation() == "ConnectionRefused"


def test_a_cause_without_a_field_is_its_reason() -> None:
    assert str(Cause("", "Forbidden")) == "Forbidden"


def test_only_what_may_pass_by_itself_is_retryable() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ApiError)}
    assert {kind for kind in kinds if issubclass(kind, Retryable)} == {
        errors.Retryable,
        errors.Unreachable,
        errors.OutcomeUnknown,
    }


def test_waiting_for_one_error_says_nothing_of_the_next() -> None:
    first, second = Retryable("GET /"), Retryable("GET /")
    first.after_s = 5.0
    assert second.after_s is None
