"""The demo from its first step to its last."""

import os
from collections.abc import Callable
from pathlib import Path

from fedctl.demo import breaking, federating, own_clusters, own_sandbox, record, setting_up
from fedctl.demo.closing import close
from fedctl.demo.narrator import Narrator
from fedctl.demo.record import Record
from fedctl.demo.stage import Stage, opened
from fedctl.sandbox import telling
from kubefed.core.errors import Misconfigured

_Step = tuple[str, Callable[[Stage], None]]
_FEDERATION: tuple[_Step, ...] = (
    ("Install the federation in the host", setting_up.install),
    ("Start the controller", setting_up.run_controller),
    ("Join the members", setting_up.join),
    ("Federate a type of one's own", federating.enable_widgets),
    ("Federate an ordinary object of the host", federating.federate_configmap),
    ("Apply the examples", federating.apply_examples),
    ("One template, different in every member", federating.show_overrides),
    ("Drift is put back", breaking.drift),
)
_LOSS = ("A member is lost, and the others are served", "The member is back, and catches up")


def perform(contexts: list[str], servers: Path | None) -> None:
    """Show everything. Raises NotShown at the first thing that is not as it should be."""
    with record.only_one(), telling.interruptible():
        _insist_same(contexts)
        clusters = own_clusters.named(contexts) if contexts else None
        breakable = clusters is None or clusters.breaker is not None
        narrator = Narrator(1 + len(_FEDERATION) + (len(_LOSS) if breakable else 0))
        if clusters is None:
            with narrator.step("Real API servers: a host and three members"):
                clusters = own_sandbox.prepare(narrator, servers)
        _keep_record(contexts)
        with opened(clusters, narrator) as stage:
            if contexts:
                with narrator.step("Your clusters: a host and its members"):
                    own_clusters.claim(stage)
            _show(stage)
        close(narrator, clusters)


def _insist_same(contexts: list[str]) -> None:
    """An earlier demo on other clusters would be forgotten, and stay there."""
    earlier = record.load()
    if earlier is not None and earlier.contexts != tuple(contexts):
        where = f"on the contexts {','.join(earlier.contexts)}" if earlier.contexts else "on its sandbox"
        raise Misconfigured(f"a demo runs {where}: remove it first, with `fedctl demo down`")


def _keep_record(contexts: list[str]) -> None:
    place = {"contexts": tuple(contexts), "kubeconfig": os.environ.get("KUBECONFIG", "")}
    record.save((record.load() or Record()).model_copy(update=place))


def _show(stage: Stage) -> None:
    for title, play in _FEDERATION:
        with stage.narrator.step(title):
            play(stage)
    breaker = stage.clusters.breaker
    if breaker is None:
        stage.narrator.say("")
        stage.narrator.say("The loss of a member is not shown: these clusters are yours, and none of them is stopped.")
        return
    try:
        with stage.narrator.step(_LOSS[0]):
            breaking.outage(stage, breaker)
        with stage.narrator.step(_LOSS[1]):
            breaking.recovery(stage, breaker)
    except BaseException:
        breaker.bring_back(stage.clusters.members[breaking.victim_of(stage)[0]])
        raise
