"""A secret that is printed, logged or compared shows nothing; a secret that is sent is what it was."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from kubefed.core.secret import Secret

VALUE = "hunter2"


@dataclass(frozen=True)
class Holder:
    name: str
    secret: Secret


@pytest.mark.parametrize("shown", [str, repr, "{}".format, "{!r}".format, lambda secret: f"{secret}"])
def test_no_way_of_printing_shows_it(shown: Callable[[object], str]) -> None:
    assert VALUE not in shown(Secret(VALUE))
    assert VALUE not in shown(Holder("a", Secret(VALUE)))


def test_no_log_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").error("%s %r", Secret(VALUE), Holder("a", Secret(VALUE)), extra={"secret": Secret(VALUE)})
    assert VALUE not in caplog.text
    assert VALUE not in str(vars(caplog.records[0]))


def test_it_is_revealed_to_whoever_sends_it() -> None:
    assert Secret(VALUE).reveal() == VALUE


def test_equal_secrets_are_equal_and_nothing_else_is() -> None:
    assert Secret(VALUE) == Secret(VALUE)
    assert hash(Secret(VALUE)) == hash(Secret(VALUE))
    assert Secret(VALUE) != Secret("other")
    assert Secret(VALUE) != VALUE


def test_an_empty_secret_is_none_at_all() -> None:
    assert not Secret("")
    assert Secret(VALUE)
