"""F-13: killed before or after any single write of the reference run, the controller loses nothing and does no wrong."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.arena import ALL, Arena, seed
from tests.chaos.crashing import Ledger, Moment, Record, Strike, Write
from tests.chaos.reference import Reference
from tests.chaos.trial import CONVERGED_S, Trial
from tests.support.controller import Controller
from tests.support.federation import HOST, MEMBERS
from tests.support.shop import Shop

SETTLED = 200
SAMPLE = 3
ONE_OF_EVERY_SO_MANY_S = 3600
STABLE_S = 1.0
POINT_VARIABLE = "KUBEFED_CHAOS_POINT"
"""`<cluster> <verb> <path> #<number> <before|after>`: judge this one alone."""


class Crashes:
    """Runs the reference run again and again, beside objects that are settled and must not be touched."""

    def __init__(self, arena: Arena, controller: Controller, beside: Trial) -> None:
        self._arena, self._controller, self._beside = arena, controller, beside
        self._runs = 0

    def all_points(self) -> list[tuple[Write, Moment]]:
        """What is written when nobody dies, and when one can die around it."""
        ledger = Ledger(self._next_namespace())
        with ExitStack() as lifted:
            for cluster in (HOST, *MEMBERS):
                lifted.enter_context(self._arena.proxies[cluster].suffering(Record(ledger)))
            self._run(ledger.namespace)
        return [(write, moment) for write in ledger.writes for moment in Moment]

    def die_at(self, write: Write, moment: Moment) -> list[str]:
        """What is wrong in the end when the controller is killed there and started again."""
        ledger = Ledger(self._next_namespace())
        with ExitStack() as lifted:
            for cluster in (HOST, *MEMBERS):
                strike = Strike(ledger, write, moment, self._controller.strike_down)
                lifted.enter_context(self._arena.proxies[cluster].suffering(strike))
            found = self._run(ledger.namespace)
        return [f"killed {moment.value} {write}: {what}" for what in found]

    def _run(self, namespace: str) -> list[str]:
        reference = Reference(Shop(self._arena.federation, namespace))
        trial = replace(self._beside, shop=reference.shop, logs=self._arena.logs(), wishes=[])
        for phase in (reference.begin, reference.go_on):
            phase()
            found = self._converge(trial)
            if found:
                return found
        return trial.judged()

    def _converge(self, trial: Trial) -> list[str]:
        """Wait until all is as it should be, for a moment at least; start the controller again whenever it is dead."""
        deadline, right_since = time.monotonic() + CONVERGED_S, None
        while (wrong := trial.wrong()) or right_since is None or time.monotonic() - right_since < STABLE_S:
            if not self._controller.is_running():
                trial.release_lease()
                self._controller.start()
            right_since = None if wrong else (right_since or time.monotonic())
            if time.monotonic() > deadline:
                return wrong or ["it does not stay as it should be"]
        return []

    def _next_namespace(self) -> str:
        self._runs += 1
        return f"{self._beside.shop.namespace}-{self._runs}"


@pytest.fixture
def crashes(arena: Arena, controller: Controller, trial: Trial) -> Iterator[Crashes]:
    """Beside them, what is settled is not written once, however often the controller starts."""
    trial.settle(SETTLED)
    trial.controller.await_quiet()
    log = arena.logs()
    trial.logs = log
    yield Crashes(arena, controller, trial)
    touched = [
        f"{request.verb} {request.resource} {request.name} in {member}"
        for member in ALL
        for named, request in trial.history().writes_of_copies(member)
        if named is not None and named[1].namespace == trial.shop.namespace
    ]
    assert touched == [], "a restart wrote what was as it should be"
    assert trial.wrong() == []


def judged(crashes: Crashes, points: Iterable[tuple[Write, Moment]], progress: Path) -> None:
    """All points, and every one that fails with the words that have it judged alone."""
    wrong = []
    with progress.open("a") as told:
        for write, moment in points:
            found = crashes.die_at(write, moment)
            told.write(f"{moment.value} {write}: {'; '.join(found[:3]) or 'well'}\n")
            told.flush()
            if found:
                wrong += [*found[:3], f"  alone: {POINT_VARIABLE}='{write} {moment.value}'"]
    assert not wrong, "\n".join(wrong[:40])


@pytest.mark.subset
def test_f13_killed_around_some_writes_it_converges(crashes: Crashes, arena: Arena, tmp_path: Path) -> None:
    points = crashes.all_points()
    clusters = {write.cluster for write, _ in points}
    assert clusters == {HOST, *MEMBERS}, "the reference run writes everywhere"
    assert {write.verb for write, _ in points} == {"POST", "PUT", "PATCH", "DELETE"}, "and in every way"
    judged(crashes, arena.host.rng.sample(points, SAMPLE), tmp_path / "points")


@pytest.mark.timeout(ONE_OF_EVERY_SO_MANY_S)
def test_f13_killed_around_every_single_write_it_converges(crashes: Crashes, tmp_path: Path) -> None:
    points = crashes.all_points()
    alone = os.environ.get(POINT_VARIABLE, "")
    chosen = [each for each in points if f"{each[0]} {each[1].value}" == alone] if alone else points
    assert chosen, f"seed {seed()}: no such point among {len(points)}"
    judged(crashes, chosen, tmp_path / "points")
