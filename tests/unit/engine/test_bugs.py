"""A bug is told by where it happened; what a foreign exception says may be a secret."""

import logging

import pytest

from kubefed.core.errors import Misconfigured
from kubefed.engine.bugs import report_bug

PRIVATE = "hunter2"


def told(problem: BaseException, caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    try:
        raise problem
    except BaseException as raised:  # noqa: BLE001 - whatever it is
        report_bug("sync", raised, key="shop/web")
    (record,) = caplog.records
    assert PRIVATE not in str(vars(record))
    return record


def test_a_foreign_exception_is_told_by_its_type_and_place(caplog: pytest.LogCaptureFixture) -> None:
    record = told(ValueError(PRIVATE), caplog)
    assert record.getMessage() == "unexpected ValueError"
    assert str(vars(record)["where"]).startswith("test_bugs.py:")
    assert (vars(record)["controller"], vars(record)["key"]) == ("sync", "shop/web")


def test_our_own_words_are_shown(caplog: pytest.LogCaptureFixture) -> None:
    assert told(Misconfigured("the CA bundle is empty"), caplog).getMessage() == "unexpected the CA bundle is empty"


def test_of_a_group_the_first_cause_is_told(caplog: pytest.LogCaptureFixture) -> None:
    group = ExceptionGroup(PRIVATE, [ExceptionGroup(PRIVATE, [LookupError(PRIVATE)]), ValueError(PRIVATE)])
    assert told(group, caplog).getMessage() == "unexpected LookupError"


def test_an_exception_that_was_never_raised_has_no_place(caplog: pytest.LogCaptureFixture) -> None:
    report_bug("sync", ValueError(PRIVATE))
    assert vars(caplog.records[0])["where"] == "?"
