"""What happens to the controller's process costs nobody a copy, and two of them never write over each other."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.arena import ALL, Arena
from tests.chaos.proxy import faults
from tests.chaos.trial import Trial
from tests.support.controller import Controller
from tests.support.waiting import eventually

OBJECTS = 30


@pytest.fixture
def standby(arena: Arena, trial: Trial, tmp_path: Path) -> Iterator[Controller]:
    """A second process, which does not lead."""
    process = Controller(arena.kubeconfig, tmp_path / "standby.log")
    eventually(trial.controller.leads, "the first one leads")
    process.start()
    yield process
    process.end()


def test_f13_a_controller_that_is_killed_again_and_again_while_somebody_edits(trial: Trial) -> None:
    trial.settle(OBJECTS)
    with trial.editing():
        for _ in range(5):
            threading.Event().wait(trial.arena.host.rng.uniform(0.5, 2.0))
            trial.restart()
    trial.conclude()


def test_f14_a_leader_that_is_frozen_and_thaws_when_another_leads(trial: Trial, standby: Controller) -> None:
    trial.settle(OBJECTS)
    with trial.editing():
        threading.Event().wait(2)
        trial.controller.freeze()
        eventually(standby.leads, "the other one leads", within_s=20)
        threading.Event().wait(2)
        trial.controller.thaw()
        assert trial.controller.await_exit() == 1
    trial.controller = standby
    trial.conclude()


def test_f14_a_leader_that_cannot_renew_its_lease_lets_another_lead(trial: Trial, standby: Controller) -> None:
    trial.settle(OBJECTS)
    with trial.editing():
        leaders = (trial.controller.log.name, standby.log.name)
        with trial.arena.host.suffering(faults.Refusal(500, "InternalError", faults.about("leases"))):
            assert trial.controller.await_exit() == 1, leaders
        eventually(standby.leads, "the other one leads", within_s=20)
    trial.controller = standby
    trial.conclude()


def test_a_controller_that_starts_while_every_member_is_dead_waits_for_them(trial: Trial) -> None:
    trial.settle(OBJECTS)
    trial.controller.kill()
    trial.release_lease()
    proxies = [trial.arena.proxies[member] for member in ALL]
    with (
        proxies[0].suffering(faults.Refuse()),
        proxies[1].suffering(faults.Hang()),
        proxies[2].suffering(faults.SwallowPackets()),
    ):
        trial.controller.start()
        for position in range(10):
            if trial.wishes[position].key.name.startswith("settings"):
                trial.edit(position, round="while all were dead")
        trial.await_converged(silent=ALL)
    trial.conclude()


def test_f24_three_faults_at_once(trial: Trial) -> None:
    trial.settle(OBJECTS)
    proxies, rng = trial.arena.proxies, trial.arena.host.rng
    for _ in range(3):
        choices = [
            faults.Refuse(),
            faults.Hang(),
            faults.Slow(3.0),
            faults.Throttle(1),
            faults.LoseAnswers(times=1),
            faults.CutStreams(1.0),
            faults.Gone(),
            faults.Html(),
            faults.Refusal(503, "ServiceUnavailable", share=0.5),
        ]
        first, second, third = rng.sample(choices, 3)
        with (
            proxies[ALL[0]].suffering(first),
            proxies[ALL[1]].suffering(second),
            proxies[ALL[2]].suffering(third),
        ):
            trial.edit_for(8)
    trial.conclude()
