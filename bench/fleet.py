"""`python -m bench.fleet`: many simulated members under one real host: cold sync, rest, a restart and an edit amid it."""

import asyncio
import base64
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from bench.burst import all_reported
from bench.load import Person
from bench.observers import Observer, observing
from bench.report import show
from bench.rig import NAMESPACE, Rig, a_rig
from bench.rows import Measured, rows_of_a_fleet
from bench.simulated.cluster import TOKEN
from bench.simulated.process import Simulated, simulated
from fedctl.federation import CLUSTERS
from fedctl.kinds import SECRETS
from kubefed.core.markers import DEFAULT_NAMESPACE
from kubefed.kube.client import Client
from tests.support.controller import Controller

_LIMIT_S = 900.0
_REST_S = 60.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """What is measured."""

    rig: Rig
    members: Simulated
    controller: Controller
    objects: int

    def is_placed(self) -> bool:
        """Whether every member holds all copies."""
        return self.members.copies(NAMESPACE) == [self.objects] * len(self.members.endpoints)


def fleet(
    members: Annotated[int, typer.Option(help="Simulated member clusters.")] = 100,
    objects: Annotated[int, typer.Option(help="FederatedConfigMaps, each for all members.")] = 100,
    keep_log: Annotated[Path | None, typer.Option(help="Where the controller logs to.")] = None,
) -> None:
    """Measure kubefed over many simulated members."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kubefed-fleet-")))
        rig = stack.enter_context(a_rig(0))
        found = stack.enter_context(simulated(members, folder / "pki"))
        controller = Controller(rig.sandbox.kubeconfig, keep_log or folder / "controller.log")
        stack.callback(controller.end)
        results = asyncio.run(_measure(Fleet(rig, found, controller, objects)))
    console = Console() if sys.stdout.isatty() else Console(width=140)
    title = f"{objects} ConfigMaps x {members} simulated members, {os.cpu_count()} cores, 5 ms latency, default flags"
    raise typer.Exit(0 if show(results, title, console) else 1)


async def _measure(fleet: Fleet) -> list[Measured]:
    rows = rows_of_a_fleet(len(fleet.members.endpoints), fleet.objects)
    async with asyncio.timeout(_LIMIT_S), observing(fleet.rig) as (host, _, observers):
        await _join(host, fleet.members)
        _say("members becoming ready")
        await asyncio.to_thread(fleet.controller.start)
        await _until(lambda: _ready(fleet.controller) == len(fleet.members.endpoints))
        _say("cold sync")
        started = await Person(host, fleet.rig.subject).create_all([f"object-{number}" for number in range(fleet.objects)])
        observer = observers["host"]
        settled = await observer.until(lambda: len(observer.objects) == fleet.objects and all_reported(observer))
        assert fleet.is_placed()
        await asyncio.to_thread(fleet.controller.await_quiet)
        measured = {"cold sync": settled - started}
        _say("rest")
        measured |= await asyncio.to_thread(_at_rest, fleet)
        _say("a restart")
        measured |= await _restarted(fleet, host, observer)
        measured["peak memory"] = fleet.controller.peak_memory_mib()
    return [Measured(rows[name], value) for name, value in measured.items()]


async def _join(host: Client, members: Simulated) -> None:
    for number, endpoint in enumerate(members.endpoints):
        name = f"member-{number:03}"
        token = base64.b64encode(TOKEN.encode()).decode()
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": {"token": token}}
        spec = {
            "apiEndpoint": endpoint,
            "caBundle": base64.b64encode(members.ca_pem).decode(),
            "secretRef": {"name": name},
        }
        record = {"apiVersion": CLUSTERS.api_version, "kind": CLUSTERS.kind, "metadata": {"name": name}, "spec": spec}
        await host.create(SECRETS, DEFAULT_NAMESPACE, orjson.dumps(secret))
        await host.create(CLUSTERS, DEFAULT_NAMESPACE, orjson.dumps(record))


def _at_rest(fleet: Fleet) -> dict[str, float]:
    """Nothing changes for a minute: the share of a core that this costs, and the requests that members get."""
    cpu_s, requests = fleet.controller.cpu_s(), sum(fleet.members.requests())
    time.sleep(_REST_S)
    asked = (sum(fleet.members.requests()) - requests) / len(fleet.members.endpoints)
    return {
        "idle: share of a core": 100 * (fleet.controller.cpu_s() - cpu_s) / _REST_S,
        "idle: requests per member": asked / _REST_S,
    }


async def _restarted(fleet: Fleet, host: Client, observer: Observer) -> dict[str, float]:
    """Start again with everything in sync, and edit one object as soon as the new process leads."""
    version = _versions(observer)
    await asyncio.to_thread(fleet.controller.stop)
    started = time.monotonic()
    fleet.controller.launch()
    await _until(fleet.controller.leads)
    edited = await Person(host, fleet.rig.subject).edit("object-0", "another")
    served = await observer.until(lambda: _serves_edit(observer))
    await asyncio.to_thread(fleet.controller.await_quiet)
    quiet = time.monotonic() - started
    rewritten = sum(now != version[name] for name, now in _versions(observer).items() if name != "object-0")
    return {"restart: an edit amid it": served - edited, "restart: quiet": quiet, "restart: rewritten": rewritten}


def _versions(observer: Observer) -> dict[str, str]:
    return {name: str(_metadata(found)["resourceVersion"]) for name, found in observer.objects.items()}


def _serves_edit(observer: Observer) -> bool:
    found = observer.objects["object-0"]
    status = found.get("status")
    observed = status.get("observedGeneration") if isinstance(status, dict) else None
    return observed == _metadata(found)["generation"] == 2 and all_reported(observer)


def _metadata(found: dict[str, object]) -> dict[str, object]:
    metadata = found["metadata"]
    return metadata if isinstance(metadata, dict) else {}


def _ready(controller: Controller) -> int:
    lines = controller.exposition().splitlines()
    return sum(
        line.startswith("kubefedcluster_total{") and 'state="ready"' in line and line.endswith(" 1.0") for line in lines
    )


async def _until(holds: Callable[[], bool]) -> None:
    while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - only asking tells
        await asyncio.sleep(0.05)


def _say(step: str) -> None:
    Console(stderr=True).print(f"measuring {step} ...", style="dim")


if __name__ == "__main__":
    typer.run(fleet)
