"""What one member does, or what is done to it, harms only itself, costs nobody a copy, and is made good when it is over."""

from itertools import pairwise

import pytest

from tests.chaos.arena import MEMBER3
from tests.chaos.proxy import faults
from tests.chaos.proxy.server import Fault
from tests.chaos.trial import Trial
from tests.support.federation import MEMBERS

OTHERS = MEMBERS
OBJECTS = 40
BEFORE_S = 6.0
DURING_S = 12.0


def suffer(trial: Trial, *suffered: Fault, offline: bool) -> None:
    """Somebody edits all the while; member3 suffers in the middle. The others notice nothing of it."""
    trial.settle(OBJECTS)
    calm = trial.edit_for(BEFORE_S)
    with trial.arena.proxies[MEMBER3].suffering(*suffered):
        trouble = trial.edit_for(DURING_S)
        if offline:
            trial.await_member(MEMBER3, "Offline")
            trial.await_converged(silent=[MEMBER3])
    trial.conclude()
    assert trial.blast(OTHERS, calm, trouble) == []


@pytest.mark.subset
def test_f1_a_member_that_is_dead(trial: Trial) -> None:
    suffer(trial, faults.Refuse(), offline=True)


def test_f2_a_member_that_takes_requests_and_never_answers(trial: Trial) -> None:
    suffer(trial, faults.Hang(), offline=True)


def test_f3_a_network_that_loses_everything(trial: Trial) -> None:
    suffer(trial, faults.SwallowPackets(), offline=True)


def test_f4_a_member_that_takes_five_seconds_for_every_answer(trial: Trial) -> None:
    suffer(trial, faults.Slow(5.0), offline=False)


def test_f4_a_member_that_takes_five_seconds_for_every_answer_but_those_to_probes(trial: Trial) -> None:
    suffer(trial, faults.Slow(5.0, faults.but_probes), offline=False)


@pytest.mark.parametrize("retry_after_s", [1, 5])
def test_f5_a_member_that_throttles_is_asked_when_it_said_and_not_before(trial: Trial, retry_after_s: int) -> None:
    proxy = trial.arena.proxies[MEMBER3]
    before = len(proxy.seen)
    suffer(trial, faults.Throttle(retry_after_s), offline=False)
    turned_away = [each.came_at for each in proxy.seen[before:] if each.status == 429 and each.asked.is_write]
    pauses_s = [later - earlier for earlier, later in pairwise(turned_away)]
    bursts = 1 + sum(pause_s > retry_after_s * 0.9 for pause_s in pauses_s)
    assert bursts <= 2 + (DURING_S + 10) / retry_after_s
    assert len(turned_away) <= 16 * bursts, "no more at once than a lane carries"


@pytest.mark.parametrize("code", [500, 503])
def test_f6_a_member_that_fails_every_other_request(trial: Trial, code: int) -> None:
    reason = {500: "InternalError", 503: "ServiceUnavailable"}[code]
    suffer(trial, faults.Refusal(code, reason, faults.but_probes, share=0.5), offline=False)


@pytest.mark.subset
def test_f7_a_member_whose_answers_to_writes_are_lost(trial: Trial) -> None:
    suffer(trial, faults.LoseAnswers(times=2), offline=False)


def test_f8_a_member_whose_watches_are_cut_every_other_second(trial: Trial) -> None:
    suffer(trial, faults.CutStreams(2.0), offline=False)


@pytest.mark.parametrize(
    "mixed",
    [
        pytest.param(faults.MixEvents(drop=0.3), id="lost"),
        pytest.param(faults.MixEvents(repeat=0.5), id="repeated"),
        pytest.param(faults.MixEvents(swap=0.5), id="swapped"),
    ],
)
def test_f9_a_member_whose_events_are(trial: Trial, mixed: Fault) -> None:
    suffer(trial, mixed, offline=False)


def test_f11_a_member_whose_past_is_compacted_away_all_the_time(trial: Trial) -> None:
    suffer(trial, faults.Gone(), offline=False)


def test_i14_a_member_that_answers_everything_with_a_page_for_people(trial: Trial) -> None:
    suffer(trial, faults.Html(), offline=False)


def test_i14_a_member_that_answers_everything_with_an_object_of_another_kind(trial: Trial) -> None:
    suffer(trial, faults.WrongKind(), offline=False)


def test_i14_a_member_whose_answers_end_in_the_middle(trial: Trial) -> None:
    suffer(trial, faults.TruncatedJson(), offline=False)


def test_i14_a_member_whose_answers_never_end(trial: Trial) -> None:
    endless = faults.Endless()
    suffer(trial, endless, offline=False)
    assert endless.sent_bytes


def test_a_member_that_comes_and_goes(trial: Trial) -> None:
    suffer(trial, faults.Flap(up_s=2.0, down_s=2.0), offline=False)


def test_f16_a_member_whose_lists_are_empty_while_its_objects_are_there(trial: Trial) -> None:
    suffer(trial, faults.RewriteLists(faults.lists_of("configmaps", "secrets"), lambda _: []), offline=False)


def test_f16_a_member_that_forgot_a_type(trial: Trial) -> None:
    suffer(trial, faults.Refusal(404, "NotFound", faults.about("deployments")), offline=False)


def test_f16_a_member_that_took_our_rights_away(trial: Trial) -> None:
    suffer(trial, faults.Refusal(403, "Forbidden", faults.but_probes), offline=False)


def test_f10_a_member_that_does_not_take_our_token_any_more(trial: Trial) -> None:
    suffer(trial, faults.Refusal(401, "Unauthorized"), offline=True)
