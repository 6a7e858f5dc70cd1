"""`python -m bench.takeover`: a KubeFed's objects, by the thousand, are taken over: time, requests, memory.

KubeFed's part is played write by write, as in the takeover's test, on real API servers.
"""

import os
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.report import show
from bench.rig import NAMESPACE, Rig, a_rig
from bench.rows import TAKEOVER_ROWS, Measured
from kubefed.core.names import ObjectKey
from tests.builders.kinds import CONFIG_MAPS
from tests.builders.objects import FederatedBuilder
from tests.e2e.takeover.kubefed_of_old import KubeFedOfOld
from tests.e2e.takeover.wire import Wire
from tests.support.audit import AuditLog
from tests.support.controller import Controller

_HOST = "host"
_EVERY = 50
"""One object in so many has a copy that somebody edited."""


def takeover(
    objects: Annotated[int, typer.Option(help="FederatedConfigMaps that KubeFed has propagated.")] = 2000,
    members: Annotated[int, typer.Option(min=1, help="Member clusters.")] = 3,
) -> None:
    """Measure how kubefed takes a KubeFed's place."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kubefed-takeover-")))
        rig = stack.enter_context(a_rig(members))
        _say(f"KubeFed propagates {objects} objects")
        drifted = _play(rig, objects, folder)
        controller = Controller(rig.sandbox.kubeconfig, folder / "controller.log")
        stack.callback(controller.end)
        _say("kubefed takes over")
        results = _measure(rig, controller, drifted)
    console = Console() if sys.stdout.isatty() else Console(width=140)
    title = f"takeover of {objects} ConfigMaps x {members} members, {os.cpu_count()} cores, real API servers, default flags"
    raise typer.Exit(0 if show(results, title, console) else 1)


Place = tuple[str, str]
"""A member and the name of a copy in it."""


def _play(rig: Rig, objects: int, folder: Path) -> set[Place]:
    """All that KubeFed would have left: copies, records, statuses, finalizers. Some copies are edited behind its back."""
    drifted: set[Place] = set()
    with ExitStack() as opened:
        wires = {name: opened.enter_context(closing(Wire.to(rig.sandbox, name, folder))) for name in (_HOST, *rig.members)}
        kubefed = KubeFedOfOld(wires[_HOST], {name: wires[name] for name in rig.members})
        for number in range(objects):
            wish = FederatedBuilder(CONFIG_MAPS, ObjectKey(NAMESPACE, f"object-{number}")).without_finalizer()
            wish = wish.with_template({"data": {"number": str(number)}}).placed_on(*rig.members)
            wires[_HOST].create(wish.kind.federated, wish.manifest())
            kubefed.propagate(wish)
            if number % _EVERY == 0:
                member = rig.members[number // _EVERY % len(rig.members)]
                wires[member].merge(wish.kind.target, wish.key, {"data": {"number": "drifted"}})
                drifted.add((member, wish.key.name))
    return drifted


def _measure(rig: Rig, controller: Controller, drifted: set[Place]) -> list[Measured]:
    logs = {each: AuditLog(rig.sandbox.cluster(each).audit_log) for each in (_HOST, *rig.members)}
    for log in logs.values():
        log.mark()
    started = time.monotonic()
    controller.start()
    controller.await_quiet()
    quiet_s = time.monotonic() - started - 1.0  # the second in which nothing had to happen
    requests = {each: list(log.requests()) for each, log in logs.items()}
    written = [
        (name, each.name)
        for name in rig.members
        for each in requests[name]
        if each.writes and each.resource == "configmaps"
    ]
    values = {
        "quiet": quiet_s,
        "copies in sync that were written": float(len([place for place in written if place not in drifted])),
        "drifted copies not written once": float(len([place for place in drifted if written.count(place) != 1])),
        "requests to the host": float(len(requests[_HOST])),
        "requests to each member": sum(len(requests[name]) for name in rig.members) / len(rig.members),
        "controller CPU": controller.cpu_s(),
        "peak memory": controller.peak_memory_mib(),
    }
    return [Measured(TAKEOVER_ROWS[name], value) for name, value in values.items()]


def _say(what: str) -> None:
    sys.stderr.write(f"measuring: {what} ...\n")


if __name__ == "__main__":
    typer.run(takeover)
