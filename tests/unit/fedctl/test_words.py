"""How people are spoken to: escapes, errors, ages, names."""

from datetime import UTC, datetime

import pytest

from fedctl.ages import age, remaining, span
from fedctl.dnsnames import is_label, is_subdomain, parse_label
from fedctl.main import app
from fedctl.telling import in_words, plain
from kubefed.core.errors import Forbidden, Misconfigured, NotFound, OutcomeUnknown, Rejected
from tests.support.inprocess import fedctl

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("größe 日本", "größe 日本"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb", "a\\rb"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
    ],
)
def test_what_could_act_on_a_terminal_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_servers_message_is_shown_but_for_requests_whose_answer_may_quote_a_credential() -> None:
    refused = Rejected("PUT /apis/apps/v1/x", status=422, reason="Invalid", server_message="spec.replicas is no number")
    assert "spec.replicas is no number" in in_words(refused)[0]
    for path in ("/api/v1/namespaces/a/secrets/b", "/api/v1/namespaces/a/serviceaccounts/b/token"):
        assert "canary" not in in_words(Rejected(f"POST {path}", status=422, server_message="canary"))[0]


def test_a_servers_message_is_cut() -> None:
    assert len(in_words(Rejected("PUT /x", status=422, server_message="y" * 5000))[0]) < 700


@pytest.mark.parametrize(
    ("fault", "todo"),
    [
        (Forbidden("GET /x", status=403), "lacks the rights"),
        (OutcomeUnknown("PUT /x", reason="Timeout"), "it may have been done"),
        (NotFound("GET /x", status=404, reason="NotFound"), "Check the name"),
        (NotFound("GET /x", status=404, reason="NotServed"), "does not serve this type"),
        (Misconfigured("what, where, what to do"), ""),
    ],
)
def test_errors_say_what_to_do(fault: Exception, todo: str) -> None:
    assert isinstance(fault, Forbidden | OutcomeUnknown | NotFound | Misconfigured)
    assert todo in in_words(fault)[1]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59, "59s"), (60, "1m"), (90, "1m30s"), (3600, "1h"), (5400, "1h30m"), (86400 * 12, "12d")],
)
def test_spans_have_at_most_two_units(seconds: int, text: str) -> None:
    assert span(seconds) == text


def test_moments_that_cannot_be_read_are_a_dash() -> None:
    assert (age("", NOW), age("nonsense", NOW), age(None, NOW)) == ("-", "-", "-")
    assert remaining("2026-01-02T03:05:05Z", NOW) == "in 1m"
    assert remaining("2026-01-02T03:03:05Z", NOW) == "1m ago"
    assert age("2026-01-02T03:05:05Z", NOW) == "0s"


@pytest.mark.parametrize(
    ("text", "label", "subdomain"),
    [
        ("eu-1", True, True),
        ("eu.west", False, True),
        ("Eu", False, False),
        ("-eu", False, False),
        ("eu-", False, False),
        ("", False, False),
        ("eu\n", False, False),
        ("a" * 64, False, True),  # Kubernetes measures a subdomain as a whole only
        ("a" * 254, False, False),
        ("é", False, False),
    ],
)
def test_dns_names(text: str, label: bool, subdomain: bool) -> None:
    assert (is_label(text), is_subdomain(text)) == (label, subdomain)


@pytest.mark.parametrize("text", ["region", "=eu", "a b=c", "region=a b", "x/y/z=1", f"{'k' * 64}=v", f"k={'v' * 64}"])
def test_what_is_no_label_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured, match="KEY=VALUE"):
        parse_label(text)


def test_a_label_may_have_a_prefix_and_an_empty_value() -> None:
    assert parse_label("example.com/region=") == ("example.com/region", "")


@pytest.mark.parametrize("command", [[], *([each.name] for each in app.registered_commands if each.name)])
def test_every_command_explains_itself(command: list[str]) -> None:
    said = fedctl(*command, "--help")
    assert said.code == 0
    assert "Usage: " in said.out
