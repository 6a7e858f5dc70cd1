"""Waits that double, that differ between those who wait, and that have an end."""

from hypothesis import given
from hypothesis import strategies as st

from kubefed.engine.backoff import Backoff
from tests.fakes.clock import seeded

BACKOFF = Backoff(first_s=0.5, longest_s=60.0)


@given(st.integers(1, 10_000), st.integers())
def test_every_wait_is_within_its_bounds(failures: int, seed: int) -> None:
    ceiling_s = min(60.0, 0.5 * 2 ** min(failures - 1, 20))
    assert ceiling_s / 2 <= BACKOFF.delay_s(failures, seeded(seed)) <= ceiling_s


def test_those_who_failed_together_do_not_come_back_together() -> None:
    rng = seeded()
    assert len({BACKOFF.delay_s(3, rng) for _ in range(100)}) == 100
