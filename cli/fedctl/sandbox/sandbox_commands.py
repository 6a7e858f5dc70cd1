"""The commands about a sandbox as a whole: build its servers, start it, look at it, remove it."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fedctl.sandbox import building, footprint, installed, lifecycle, machine, places, screens, sources, status, telling
from fedctl.sandbox import state as states
from fedctl.sandbox import topology as topologies
from fedctl.sandbox.errors import BadTopology, NotRunning
from fedctl.sandbox.options import DEFAULT_NAME, Members, Name, Servers, StatusOutput, TopologyFile, TopologyOutput
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.programs import Programs
from fedctl.sandbox.running import Sandbox
from fedctl.sandbox.telling import aside
from fedctl.sandbox.topology import Topology

_DEFAULT_MEMBERS = 3

answer = Console(highlight=False, soft_wrap=True)


@telling.plainly
def build(
    cross: Annotated[
        bool, typer.Option("--cross", help="For every supported system: Linux on amd64 and arm64, macOS on arm64.")
    ] = False,
) -> None:
    """Build the servers into the cache, once: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl."""
    for target in building.CROSS_TARGETS if cross else (sources.this_machine(),):
        answer.print(str(_built(target).path), markup=False)


@telling.plainly
def up(
    members: Members = None,
    topology: TopologyFile = None,
    name: Name = DEFAULT_NAME,
    controllers: Annotated[bool, typer.Option(help="Run a kube-controller-manager in every cluster.")] = True,
    scheduler: Annotated[bool, typer.Option(help="Run schedulers, and simulate nodes and pods. Needs controllers.")] = True,
    servers: Servers = None,
    write_kubeconfig: Annotated[Path | None, typer.Option(metavar="PATH", help="Also write the kubeconfig here.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Start although memory or disk seem too small.")] = False,
) -> None:
    """Start a sandbox: a host cluster and members, as real API servers on this machine."""
    places.sandbox_dir(name)  # a bad name is refused before anything is built
    plan = Plan.of(shape_of(members, topology), controllers=controllers, scheduler=scheduler)
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
    aside.print("\nGo on with:\n" + screens.next_steps(name, plan, str(write_kubeconfig or sandbox.kubeconfig)))


@telling.plainly
def down(
    name: Name = DEFAULT_NAME,
    everything: Annotated[bool, typer.Option("--all", help="Remove every sandbox of this user.")] = False,
) -> None:
    """Remove a sandbox: its processes, its ports, its files."""
    removed = [one for one in (states.names() if everything else [name]) if lifecycle.down(one)]
    for one in removed:
        aside.print(f"Sandbox {one} is removed.")
    if not removed:
        aside.print(f"There is no sandbox{'' if everything else ' ' + name}; nothing to remove.")


@telling.plainly
def show_status(
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Which sandbox; all when nothing is said.")
    ] = None,
    output: Annotated[StatusOutput, typer.Option("--output", "-o", help="How to print it.")] = StatusOutput.table,
) -> None:
    """Show the clusters of running sandboxes: ready or not, what they occupy, what runs for them."""
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


@telling.plainly
def show_topology(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A topology file.")],
    output: Annotated[TopologyOutput, typer.Option("--output", "-o", help="How to print it.")] = TopologyOutput.table,
) -> None:
    """Check a topology file and show what it means."""
    shape = topologies.read(file)
    if output is TopologyOutput.lines:
        answer.print(screens.topology_lines(shape), markup=False)
    else:
        answer.print(screens.topology(shape))


def shape_of(members: int | None, file: Path | None) -> Topology:
    """The clusters that --members or --topology ask for."""
    if members is not None and file is not None:
        raise BadTopology("--members and --topology exclude each other", "Give one of them.")
    if file is not None:
        return topologies.read(file)
    return topologies.of_members(_DEFAULT_MEMBERS if members is None else members)


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
