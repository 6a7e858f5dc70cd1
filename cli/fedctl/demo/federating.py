"""The middle steps: a type of one's own is enabled, an ordinary object is federated, the examples are applied."""

import time
from functools import partial
from typing import Any

from fedctl.apiserver import ApiServer
from fedctl.demo.checks import NotShown, milliseconds
from fedctl.demo.exhibits import (
    COGWHEEL,
    EXAMPLES,
    NAMESPACE,
    OPENING_HOURS,
    SHOP,
    WEB,
    WIDGET_CRD,
    Exhibit,
    colour_of,
    web_of,
)
from fedctl.demo.stage import Stage
from fedctl.federation import TYPE_CONFIGS
from fedctl.get.objects import OK, state_of
from fedctl.kinds import CRDS
from fedctl.served import wait_for_crds
from fedctl.tables import GOOD, Cell
from kubefed.core.names import ObjectKey

_PODS_WITHIN_S = 180.0
"""On clusters with kubelets the image is pulled first."""


def enable_widgets(stage: Stage) -> None:
    """Bring a type of one's own into every cluster, federate it, and let the members grant the rights to it."""
    for server in (stage.host, *stage.members.values()):
        stage.kubectl("apply", "-f", "examples/widget/crd.yaml", context=server.context.name)
        wait_for_crds(server, [server.get(CRDS, WIDGET_CRD)])
    stage.fedctl("enable", "widgets")
    for name in stage.members:
        stage.join(name)
    config = stage.host.get(TYPE_CONFIGS, ObjectKey(stage.options.namespace, str(WIDGET_CRD)))
    propagation = config["spec"].get("propagation")
    if propagation != "Enabled":
        raise NotShown(f"FederatedTypeConfig {WIDGET_CRD} says propagation {propagation}")
    wait_for_crds(stage.host, [stage.host.get(CRDS, ObjectKey("", COGWHEEL.federated.qualified_plural))])
    stage.narrator.found(f"the host serves {COGWHEEL.federated.kind}; joined again, each member grants the rights to it")


def federate_configmap(stage: Stage) -> None:
    """Make a federated object of an ordinary one that is in the host."""
    stage.kubectl("apply", "-f", f"examples/{NAMESPACE.file}")
    stage.kubectl("apply", "-f", f"examples/{OPENING_HOURS.file}")
    if stage.host.find(OPENING_HOURS.federated, OPENING_HOURS.key) is None:
        stage.fedctl("federate", "resource", "configmap", OPENING_HOURS.name, "-n", SHOP)
    else:
        stage.narrator.note(f"The ConfigMap {OPENING_HOURS.name} is federated already.")
    original = stage.host.get(OPENING_HOURS.target, OPENING_HOURS.copy_key)["data"]
    began = time.monotonic()
    for name, server in stage.members.items():
        stage.expect(partial(_data, server, OPENING_HOURS), original, f"{name} has a copy of {OPENING_HOURS.name}")
    taken = milliseconds(time.monotonic() - began)
    stage.narrator.found(f"each member has a copy with the same data, seen {taken} after the command had ended")


def apply_examples(stage: Stage) -> None:
    """Apply them all at once, and see each of them in the members that it selects, and in no other."""
    files = [word for exhibit in EXAMPLES for word in ("-f", f"examples/{exhibit.file}")]
    stage.kubectl("apply", *files)
    began = time.monotonic()
    for exhibit in (NAMESPACE, OPENING_HOURS, *EXAMPLES):
        await_in_place(stage, exhibit)
    taken = milliseconds(time.monotonic() - began)
    count = sum(exhibit.wants(name) for exhibit in EXAMPLES for name in stage.members)
    stage.narrator.found(f"{count} copies are in the members that were selected, and in no other, {taken} later")
    for name, server in stage.members.items():
        replicas = web_of(name)[0]
        what = f"{name} runs {replicas} pods of {WEB.name}"
        stage.expect(partial(_available, server), replicas, what, _PODS_WITHIN_S)
    stage.narrator.found("every Deployment has its pods available")
    stage.get("namespaces", "deployments", "services", "configmaps", "secrets", "widgets")


def await_in_place(stage: Stage, exhibit: Exhibit) -> None:
    """Wait until the host says that all is well, and until it is: the members that are to have a copy have one."""
    what = f"{exhibit.federated.kind} {exhibit.key}"
    stage.expect(partial(_state, stage, exhibit), OK, f"{what} is in place")
    wanted = [name for name in stage.members if exhibit.wants(name)]
    stage.expect(partial(holders, stage, exhibit), wanted, f"{what} is in {', '.join(wanted)}")


def holders(stage: Stage, exhibit: Exhibit) -> list[str]:
    """The members that have a copy, asked one by one."""
    return [name for name, server in stage.members.items() if server.find(exhibit.target, exhibit.copy_key)]


def show_overrides(stage: Stage) -> None:
    """Read from each member what its copy says, and hold it against what the overrides say."""
    rows: list[list[Cell]] = []
    for name, server in stage.members.items():
        web = server.get(WEB.target, WEB.copy_key)
        found = (web_in(web), server.get(COGWHEEL.target, COGWHEEL.copy_key)["spec"]["colour"])
        wanted = (web_of(name), colour_of(name))
        if found != wanted:
            raise NotShown(f"{name} has {found} and not {wanted}")
        (replicas, image), colour = found
        available = web["status"].get("availableReplicas", 0)
        rows.append([name, str(replicas), (f"{available}/{replicas}", GOOD), image, colour])
    stage.narrator.table(["MEMBER", "REPLICAS", "AVAILABLE", "IMAGE", "WIDGET"], rows)
    stage.narrator.found("read from each member just now, and equal to template and overrides")


def web_in(deployment: dict[str, Any]) -> tuple[int, str]:
    """Replicas and image of a Deployment."""
    spec = deployment["spec"]
    return spec["replicas"], spec["template"]["spec"]["containers"][0]["image"]


def _state(stage: Stage, exhibit: Exhibit) -> str:
    found = stage.host.find(exhibit.federated, exhibit.key)
    return state_of(found) if found else "not there"


def _data(server: ApiServer, exhibit: Exhibit) -> object:
    found = server.find(exhibit.target, exhibit.copy_key)
    return found.get("data") if found else None


def _available(server: ApiServer) -> object:
    return server.get(WEB.target, WEB.copy_key).get("status", {}).get("availableReplicas")
