"""Timestamps as Kubernetes writes and reads them, and a clock that only goes forward."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.core.clock import SystemClock, parse_rfc3339, rfc3339


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_again_to_the_second(moment: datetime) -> None:
    assert parse_rfc3339(rfc3339(moment)) == moment.replace(microsecond=0)


@given(st.datetimes(timezones=st.just(UTC)))
def test_timestamps_sort_as_text_as_they_do_in_time(moment: datetime) -> None:
    """The year 1, which is what Go writes for no time at all, has four digits like any other."""
    assert rfc3339(datetime.min.replace(tzinfo=UTC)) <= rfc3339(moment) <= rfc3339(datetime.max.replace(tzinfo=UTC))


def test_a_moment_is_written_in_utc_whatever_its_zone() -> None:
    moment = datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert rfc3339(moment) == "2025-12-31T23:30:00Z"


@pytest.mark.parametrize(
    "text",
    ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.000000000Z", "2026-01-01T02:00:00+02:00"],
)
def test_every_form_that_kubernetes_writes_is_read(text: str) -> None:
    assert parse_rfc3339(text) == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-13-01T00:00:00Z",
        "2026-01-01T00:00:61Z",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
        "20260000000000000000000000000Z",
    ],
)
def test_what_is_no_timestamp_raises_one_kind_of_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of its words will do
        parse_rfc3339(text)


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        assert parse_rfc3339(text).tzinfo is UTC
    except ValueError:
        return


def test_the_machines_clock_never_goes_back_and_knows_its_zone() -> None:
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)
    assert clock.now().tzinfo is UTC
