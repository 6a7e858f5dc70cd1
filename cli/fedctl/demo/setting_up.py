"""The first steps: a federation is installed in the host, its controller runs, members join."""

from functools import partial

from fedctl.demo import controller, record
from fedctl.demo.checks import NotShown
from fedctl.demo.record import Record
from fedctl.demo.stage import Stage
from fedctl.federation import CLUSTERS, CONFIGS
from fedctl.get.clusters import cluster_row
from kubefed.api.default_types import all_crds
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from kubefed.version import __version__

LABELS = {
    "member1": ("region=eu", "tier=gold"),
    "member2": ("region=us", "tier=silver"),
    "member3": ("region=ap", "tier=gold"),
}
"""What the examples' placement selects by."""
READY = "Ready"


def install(stage: Stage) -> None:
    """Install into the host, and have members looked at often enough for a demo."""
    ranges = [word for cidr in stage.clusters.allowed_ranges for word in ("--allowed-endpoint-range", cidr)]
    stage.fedctl("install", *ranges)
    quick = "examples/kubefedconfig/quick-health-checks.yaml"
    stage.kubectl("apply", "--server-side", "--force-conflicts", "-f", quick)
    config = stage.host.get(CONFIGS, ObjectKey(stage.options.namespace, CONFIG_NAME))["spec"]
    allowed = config.get("allowedEndpointRanges") or []
    if config.get("trust") != "Strict" or not set(stage.clusters.allowed_ranges) <= set(allowed):
        raise NotShown(f"the KubeFedConfig is not as installed: trust {config.get('trust')}, allowed ranges {allowed}")
    exceptions = f"; allowed although refused otherwise: {', '.join(allowed)}" if allowed else ""
    stage.narrator.found(f"{len(all_crds())} CRDs are served; trust is Strict{exceptions}")


def run_controller(stage: Stage) -> None:
    """Start the controller here, on this machine; one that an earlier demo left is ended first."""
    demo = record.load() or Record()
    if controller.stop(demo):
        stage.narrator.note("The controller of an earlier demo is ended.")
    stage.narrator.command(f"kubefed controller-manager --context {stage.clusters.host} &")
    begun = controller.start(demo, stage.clusters.host)
    pid = begun.controller.pid if begun.controller else 0
    stage.narrator.found(f"kubefed {__version__} runs as process {pid} and is ready; its log: {controller.log()}")


def join(stage: Stage) -> None:
    """Join every member, and wait until the controller has reached each."""
    for name in stage.members:
        stage.join(name, *(word for label in LABELS.get(name, ()) for word in ("--label", label)))
    for name in stage.members:
        stage.expect(partial(state_of, stage, name), READY, f"{name} is {READY}")
    stage.narrator.found(f"the controller has reached all {len(stage.members)} members with its own credentials")
    stage.get("clusters")


def state_of(stage: Stage, name: str) -> str:
    """What the controller says of a member."""
    return cluster_row(stage.host.get(CLUSTERS, ObjectKey(stage.options.namespace, name))).state
