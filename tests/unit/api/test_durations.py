"""Durations against what Go's time package reads and writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.api.durations import Duration


@pytest.mark.parametrize(
    ("text", "nanoseconds", "canonical"),
    [
        ("0", 0, "0s"),
        ("-0", 0, "0s"),
        ("5s", 5_000_000_000, "5s"),
        ("+5s", 5_000_000_000, "5s"),
        ("90s", 90_000_000_000, "1m30s"),
        ("60s", 60_000_000_000, "1m0s"),
        ("5m", 300_000_000_000, "5m0s"),
        ("1.5h", 5_400_000_000_000, "1h30m0s"),
        ("3h", 10_800_000_000_000, "3h0m0s"),
        ("1h1s", 3_601_000_000_000, "1h0m1s"),
        (".5s", 500_000_000, "500ms"),
        ("1.s", 1_000_000_000, "1s"),
        ("1.1s", 1_100_000_000, "1.1s"),
        ("1us", 1_000, "1\u00b5s"),
        ("1\u00b5s", 1_000, "1\u00b5s"),
        ("1\u03bcs", 1_000, "1\u00b5s"),
        ("1500ns", 1_500, "1.5\u00b5s"),
        ("7ns", 7, "7ns"),
        ("-1m30s", -90_000_000_000, "-1m30s"),
        ("0.3333333333333333333h", 1_200_000_000_000, "20m0s"),
        ("9223372036854775807ns", 9_223_372_036_854_775_807, "2562047h47m16.854775807s"),
    ],
)
def test_text_is_read_and_written_as_in_go(text: str, nanoseconds: int, canonical: str) -> None:
    assert Duration.parse(text) == Duration(nanoseconds)
    assert str(Duration(nanoseconds)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "5",
        "s",
        ".s",
        "1e3s",
        "1_0s",
        "5 s",
        " 5s",
        "5s ",
        "1d",
        "3h-5m",
        "\u0663s",
        "9223372036854775808ns",
        "1" * 70 + "s",
    ],
)
def test_what_go_refuses_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        Duration.parse(text)


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_every_duration_survives_being_written_and_read(nanoseconds: int) -> None:
    assert Duration.parse(str(Duration(nanoseconds))) == Duration(nanoseconds)


@given(st.text("0123456789.hmsnu\u00b5+- "))
def test_whatever_is_read_at_all_is_canonical_after_one_round(text: str) -> None:
    try:
        duration = Duration.parse(text)
    except ValueError:
        return
    assert str(Duration.parse(str(duration))) == str(duration)


def test_seconds_are_how_the_code_uses_durations() -> None:
    assert Duration.of(seconds=1.5).seconds == 1.5
    assert Duration.parse("1m30s").seconds == 90
