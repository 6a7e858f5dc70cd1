"""The demo from its first step to its last."""

from pathlib import Path

from fedctl.demo import breaking, federating, own_sandbox, record, setting_up
from fedctl.demo.closing import close
from fedctl.demo.narrator import Narrator
from fedctl.demo.record import Record
from fedctl.demo.stage import Stage, opened
from fedctl.sandbox import telling
from kubefed.core.errors import Misconfigured

_STEPS = 11


def perform(contexts: list[str], servers: Path | None) -> None:
    """Show everything. Raises NotShown at the first thing that is not as it should be."""
    if contexts:
        raise Misconfigured("the demo runs on its own sandbox only")
    narrator = Narrator(_STEPS)
    with record.only_one(), telling.interruptible():
        demo = record.load() or Record()
        with narrator.step("Real API servers: a host and three members"):
            clusters = own_sandbox.prepare(narrator, servers)
        with opened(clusters, narrator) as stage:
            _show(stage, demo)
        close(narrator, clusters)


def _show(stage: Stage, demo: Record) -> None:
    step = stage.narrator.step
    with step("Install the federation in the host"):
        setting_up.install(stage)
    with step("Start the controller"):
        setting_up.run_controller(stage, demo)
    with step("Join the members"):
        setting_up.join(stage)
    with step("Federate a type of one's own"):
        federating.enable_widgets(stage)
    with step("Federate an ordinary object of the host"):
        federating.federate_configmap(stage)
    with step("Apply the examples"):
        federating.apply_examples(stage)
    with step("One template, different in every member"):
        federating.show_overrides(stage)
    with step("Drift is put back"):
        breaking.drift(stage)
    breaker = stage.clusters.breaker
    if breaker is None:
        stage.narrator.note("None of your clusters is stopped: what the loss of a member does is shown by `make demo`.")
        return
    with step("A member dies, and the others are served"):
        breaking.outage(stage, breaker)
    with step("The member is back, and catches up"):
        breaking.recovery(stage, breaker)
