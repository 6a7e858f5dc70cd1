"""`python -m bench`: measure, print the table, exit with 1 when a row is out of its range."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import hung, latency, restart
from bench.burst import OBJECTS, Created, create_many, delete_all
from bench.report import show
from bench.rig import Rig, a_rig
from bench.rows import ROWS, Measured
from bench.subjects import SUBJECTS
from tests.support.audit import AuditLog
from tests.support.controller import Controller


def bench(
    objects: Annotated[int, typer.Option(help="Objects of the burst.")] = OBJECTS,
    members: Annotated[int, typer.Option(min=2, help="Member clusters.")] = 3,
    kind: Annotated[str, typer.Option("--type", help="What is federated: configmaps or deployments.")] = "configmaps",
) -> None:
    """Measure kubefed on real API servers of this machine."""
    with tempfile.TemporaryDirectory(prefix="kubefed-bench-") as folder, a_rig(members, SUBJECTS[kind]) as rig:
        log = Path(folder, "controller.log")
        results = _measure(rig, log, objects)
    console = Console() if sys.stdout.isatty() else Console(width=_PIPED_WIDTH)
    title = f"{objects} {kind} x {members} members, {os.cpu_count()} cores, real API servers, default flags"
    raise typer.Exit(0 if show(results, title, console) else 1)


_PIPED_WIDTH = 140


def _measure(rig: Rig, log: Path, objects: int) -> list[Measured]:
    _say("the bare flow: what the API servers allow")
    with _bare_flow(rig):
        floor_created = asyncio.run(create_many(rig, "bare", objects))
        floor_deleted = asyncio.run(delete_all(rig))
    controller = Controller(rig.sandbox.kubeconfig, log)
    controller.start()
    try:
        _say("many objects at once")
        results = _measure_burst(rig, controller, floor_created, objects)
        _say("a restart in peace")
        results += restart.measure(rig, controller, "burst-0")
        _say("deleting them all")
        deleted = asyncio.run(delete_all(rig))
        results.append(Measured(ROWS["delete: members clean"], deleted.clean_s, floor_deleted.clean_s))
        results.append(Measured(ROWS["delete: federated objects gone"], deleted.gone_s, floor_deleted.gone_s))
        _say("one object at a time")
        results = asyncio.run(latency.measure(rig)) + results
        _say("one member that hangs")
        return results + hung.measure(rig, controller)
    finally:
        controller.stop()


def _measure_burst(rig: Rig, controller: Controller, floor: Created, objects: int) -> list[Measured]:
    controller.await_quiet()
    audit = AuditLog(rig.sandbox.host.audit_log)
    audit.mark()
    cpu_s = controller.cpu_s()
    created = asyncio.run(create_many(rig, "burst", objects))
    writes = audit.writes()
    return [
        Measured(ROWS["burst: all present"], created.present_s, floor.present_s),
        Measured(ROWS["burst: settled"], created.settled_s, floor.settled_s),
        Measured(ROWS["burst: host writes per object"], writes["objects"] / objects),
        Measured(ROWS["burst: conflicts"], writes["conflicts"]),
        Measured(ROWS["burst: controller CPU"], controller.cpu_s() - cpu_s),
        Measured(ROWS["burst: controller peak memory"], controller.peak_memory_mib()),
    ]


@contextmanager
def _bare_flow(rig: Rig) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.bareflow", str(rig.sandbox.kubeconfig), rig.subject.target.plural, *rig.members]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield
        finally:
            process.kill()


def _say(step: str) -> None:
    Console(stderr=True).print(f"measuring {step} ...", style="dim")


if __name__ == "__main__":
    typer.run(bench)
