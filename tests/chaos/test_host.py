"""What the host does wrong costs nobody a copy: what it does not say is not known, and what is not known is not gone."""

import threading

import pytest

from tests.builders import kinds
from tests.chaos.arena import ALL
from tests.chaos.proxy import faults
from tests.chaos.proxy.messages import Asked
from tests.chaos.proxy.server import Fault
from tests.chaos.trial import Trial
from tests.support.federation import MEMBER1
from tests.support.waiting import eventually

OBJECTS = 30
DURING_S = 8.0


def but_leases(asked: Asked) -> bool:
    """Without its lease a leader ends, which is another trial's business."""
    return faults.but_probes(asked) and "leases" not in asked.path


def suffer(trial: Trial, *suffered: Fault, restarted: bool = False, relisted: bool = False) -> None:
    """The host suffers, with a controller that knew it before, or with one that has just been started.

    `relisted`: what a list or a stream kept from the controller no later event says, so it starts again afterwards.
    """
    trial.settle(OBJECTS)
    with trial.arena.host.suffering(*suffered):
        if restarted:
            trial.controller.kill()
            trial.release_lease()
            trial.controller.launch()
        trial.edit_for(DURING_S)
    if relisted:
        trial.restart()
    trial.conclude()


EMPTY = ("federatedconfigmaps", "federatednamespaces", "kubefedclusters", "propagatedversions", "namespaces")


@pytest.mark.parametrize("plural", EMPTY)
def test_f16_a_host_whose_lists_are_empty_for_a_controller_that_starts(trial: Trial, plural: str) -> None:
    empty = faults.RewriteLists(faults.lists_of(plural, f"{plural}s"), lambda _: [])
    suffer(trial, empty, restarted=True, relisted=plural != "kubefedclusters")
    assert empty.rewritten or plural == "propagatedversions"


def test_f16_a_host_all_of_whose_lists_are_empty_for_a_controller_that_starts(trial: Trial) -> None:
    suffer(trial, faults.RewriteLists(lambda asked: asked.verb == "GET", lambda _: []), restarted=True, relisted=True)


def test_f16_a_host_whose_lists_are_half_of_what_they_should_be(trial: Trial) -> None:
    half = faults.RewriteLists(faults.about("types.kubefed.io"), lambda items: items[::2])
    suffer(trial, half, restarted=True, relisted=True)


@pytest.mark.parametrize("plural", [*EMPTY, "federatedtypeconfigs"])
def test_f16_a_host_that_does_not_serve_a_type_any_more(trial: Trial, plural: str) -> None:
    suffer(trial, faults.NotServed(faults.about(plural)))


@pytest.mark.parametrize("restarted", [False, True])
def test_f16_a_host_that_took_our_rights_away(trial: Trial, restarted: bool) -> None:
    suffer(trial, faults.Refusal(403, "Forbidden", but_leases), restarted=restarted)


def test_f10_a_host_that_does_not_take_our_token_for_a_while(trial: Trial) -> None:
    suffer(trial, faults.Refusal(401, "Unauthorized", but_leases))


def test_f11_a_host_whose_past_is_compacted_away_all_the_time(trial: Trial) -> None:
    suffer(trial, faults.Gone())


@pytest.mark.subset
def test_f8_a_host_whose_watches_are_cut_every_other_second(trial: Trial) -> None:
    suffer(trial, faults.CutStreams(2.0))


@pytest.mark.parametrize("code", [500, 503])
def test_f6_a_host_that_fails_every_third_request(trial: Trial, code: int) -> None:
    reason = {500: "InternalError", 503: "ServiceUnavailable"}[code]
    suffer(trial, faults.Refusal(code, reason, but_leases, share=0.3))


def test_f7_a_host_whose_answers_to_writes_are_lost(trial: Trial) -> None:
    suffer(trial, faults.LoseAnswers(lambda asked: asked.is_write and but_leases(asked), times=1))


@pytest.mark.parametrize(
    "mixed",
    [
        pytest.param(faults.MixEvents(repeat=0.5), id="repeated"),
        pytest.param(faults.MixEvents(swap=0.5), id="swapped"),
    ],
)
def test_f9_a_host_whose_events_are(trial: Trial, mixed: Fault) -> None:
    suffer(trial, mixed, relisted=True)


@pytest.mark.parametrize(
    "answers", [faults.Html(but_leases), faults.WrongKind(but_leases), faults.TruncatedJson(but_leases)]
)
@pytest.mark.parametrize("restarted", [False, True])
def test_i14_a_host_that_answers_with_nonsense(trial: Trial, answers: Fault, restarted: bool) -> None:
    suffer(trial, answers, restarted=restarted)


def test_f15_a_host_that_is_away_while_members_change(trial: Trial) -> None:
    trial.settle(OBJECTS)
    drifted = trial.wishes[0]
    with trial.kept_running() as ends:
        with trial.arena.host.suffering(faults.Refuse()):
            trial.shop.change(drifted, MEMBER1, {"data": {"round": "drifted"}})
            threading.Event().wait(12)
        eventually(trial.controller.leads, "a controller leads again", within_s=60)
        trial.await_converged()
    assert len(ends) <= 6, "a process that cannot reach its host waits for it, rather than to end again and again"
    trial.conclude()


def test_f18_a_host_that_refuses_one_status_for_ever(trial: Trial) -> None:
    def its_status(asked: Asked) -> bool:
        return asked.verb == "PUT" and asked.path.endswith(f"/{trial.shop.namespace}/federatedconfigmaps/settings-0/status")

    trial.settle(OBJECTS)
    proxy = trial.arena.host
    before = len(proxy.seen)
    with proxy.suffering(faults.Refusal(409, "Conflict", its_status)):
        trial.edit_for(DURING_S)
        stuck = (kinds.CONFIG_MAPS.name, trial.wishes[0].key)
        trial.excused.add(stuck)
        trial.await_converged()
        trial.excused.clear()
    tried = sum(its_status(seen.asked) for seen in proxy.seen[before:])
    assert tried <= 60, "an object whose status is refused backs off"
    trial.conclude()


def test_f20_a_cluster_that_is_deleted_while_it_is_dead_holds_no_object_for_ever(trial: Trial) -> None:
    trial.settle(OBJECTS)
    record = trial.arena.federation.record(ALL[2])
    with trial.arena.proxies[ALL[2]].suffering(faults.Refuse()):
        trial.await_member(ALL[2], "Offline")
        for wish in trial.wishes[:5]:
            trial.shop.delete(wish)
        trial.remove_record(ALL[2])
        for wish in trial.wishes[:5]:
            trial.shop.await_gone(wish, within_s=60)
    trial.restore_record(record)
    trial.await_member(ALL[2], "Ready")
    trial.conclude(deletes=None)


@pytest.mark.subset
def test_f21_what_is_taken_from_a_dead_cluster_goes_when_it_is_back(trial: Trial) -> None:
    trial.settle(OBJECTS)
    with trial.arena.proxies[ALL[2]].suffering(faults.Refuse()):
        trial.await_member(ALL[2], "Offline")
        for position, wish in enumerate(trial.wishes[:10]):
            trial.wishes[position] = trial.shop.edit(wish.placed_on(*ALL[:2]))
        for wish in trial.wishes[10:15]:
            trial.shop.delete(wish)
        eventually(lambda: trial.deletions() == 10, "the living members have lost what was deleted")
    del trial.wishes[10:15]
    trial.conclude(deletes=10 + 10 + 5)
