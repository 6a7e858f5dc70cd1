"""What the commands about a sandbox as a whole do: build its servers, start it, look at it, remove it."""

import shutil
import sys
import time
from pathlib import Path

from rich.console import Console

from fedctl.sandbox import building, footprint, installed, lifecycle, machine, places, screens, sources, status, telling
from fedctl.sandbox import state as states
from fedctl.sandbox import topology as topologies
from fedctl.sandbox.errors import BadTopology, NotRunning
from fedctl.sandbox.options import Shape, StatusOutput, TopologyOutput
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.programs import Programs
from fedctl.sandbox.running import Sandbox
from fedctl.sandbox.telling import aside
from fedctl.sandbox.topology import Topology

_DEFAULT_MEMBERS = 3

answer = Console(highlight=False, soft_wrap=True)


def build(*, cross: bool) -> None:
    """Build the servers and print where they are."""
    for target in building.CROSS_TARGETS if cross else (sources.this_machine(),):
        answer.print(str(_built(target).path), markup=False)


def up(name: str, shape: Shape, *, servers: Path | None, write_kubeconfig: Path | None, force: bool) -> None:
    """Start a sandbox, or find it running, and show it."""
    places.sandbox_dir(name)  # a bad name is refused before anything is built
    plan = plan_of(shape)
    with telling.interruptible():
        programs = servers_for(servers)
        if states.load(name) is None:
            say_footprint(plan)
        began = time.monotonic()
        with telling.start_progress() as watch:
            sandbox = Sandbox.made(lifecycle.up(lifecycle.Wish(name, plan, programs, force=force), watch))
        if write_kubeconfig is not None:
            sandbox.export_kubeconfig(write_kubeconfig)
    how = "was running already" if sandbox.was_running else f"is running, after {time.monotonic() - began:.1f} s"
    aside.print(f"[bold]Sandbox {name} {how}.[/]\n")
    _show(sandbox)
    fedctl = screens.spoken(sys.argv[0], shutil.which("fedctl"))
    aside.print("\nGo on with:", markup=False)
    aside.print(screens.next_steps(fedctl, name, plan, str(write_kubeconfig or sandbox.kubeconfig)), markup=False)


def down(name: str, *, everything: bool) -> None:
    """Remove one sandbox, or all."""
    removed = [one for one in (states.names() if everything else [name]) if lifecycle.down(one)]
    for one in removed:
        aside.print(f"Sandbox {one} is removed.")
    if not removed:
        aside.print(f"There is no sandbox{'' if everything else ' ' + name}; nothing to remove.")


def show_status(name: str | None, output: StatusOutput) -> None:
    """Show one sandbox, or all; what killed runs left behind is removed first."""
    for stale in lifecycle.remove_stale():
        aside.print(f"Removed what was left of sandbox {stale}: its owner or its processes are gone.")
    wanted = states.names() if name is None else [name]
    if not wanted:
        raise NotRunning("no sandbox is running", "Start one: fedctl sandbox up")
    for one in wanted:
        sandbox = Sandbox.attach(one)
        if output is StatusOutput.table and len(wanted) > 1:
            answer.print(f"[bold]Sandbox {one}[/]")
        _show(sandbox, output)


def show_topology(file: Path, output: TopologyOutput) -> None:
    """Check a topology file and show what it means."""
    shape = topologies.read(file)
    if output is TopologyOutput.lines:
        answer.print(screens.topology_lines(shape), markup=False)
    else:
        answer.print(screens.topology(shape))


def plan_of(shape: Shape) -> Plan:
    """The clusters and programs that the options ask for."""
    return Plan.of(_clusters_of(shape), controllers=shape.controllers, scheduler=shape.scheduler)


def _clusters_of(shape: Shape) -> Topology:
    if shape.members is not None and shape.topology is not None:
        raise BadTopology("--members and --topology exclude each other", "Give one of them.")
    if shape.topology is not None:
        return topologies.read(shape.topology)
    return topologies.of_members(_DEFAULT_MEMBERS if shape.members is None else shape.members)


def servers_for(named: Path | None) -> Programs:
    """The servers, built first when there are none."""
    return installed.find_any(named) or _built(sources.this_machine())


def say_footprint(plan: Plan) -> None:
    """Say what a sandbox will occupy, before it does."""
    free = machine.free_memory_mib()
    known = f", {footprint.spell(free)} are free" if free is not None else ""
    aside.print(
        f"{len(plan.topology.clusters)} clusters take about {footprint.spell(footprint.memory_mib(plan))} of memory{known}."
    )


def _built(target: sources.Target) -> Programs:
    what = sources.find()
    if (binary := installed.cached_binary(what, target)).is_file():
        return Programs(binary)
    needs = building.Needs()
    building.check_room(needs)
    room = f"{footprint.spell(needs.disk_mib)} of disk and {footprint.spell(needs.memory_mib)} of memory"
    aside.print(f"Building Kubernetes {what.kubernetes} for {target}, once.")
    aside.print(f"From nothing this takes about {needs.minutes()} minutes here, {room}; there is enough of both.")
    with telling.interruptible(), telling.build_progress() as watch:
        return building.build(what, target, watch)


def _show(sandbox: Sandbox, output: StatusOutput = StatusOutput.table) -> None:
    state = sandbox.state()
    statuses = [status.of_cluster(state, name) for name in state.clusters]
    shared = status.shared_programs(state)
    if output is StatusOutput.json:
        answer.print(screens.as_json(state.name, str(state.kubeconfig), statuses, shared), markup=False)
        return
    answer.print(screens.clusters(statuses))
    answer.print(screens.shared(shared))
