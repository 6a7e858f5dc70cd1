"""What the commands show, as rich renderables and JSON documents. Pure: facts in, something to print out."""

import dataclasses
import json
import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from fedctl.sandbox.footprint import spell
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.status import ClusterStatus, ProgramStatus
from fedctl.sandbox.topology import Topology


def clusters(statuses: Sequence[ClusterStatus]) -> Table:
    """One row per cluster, 80 columns wide: is it ready, and if not, which of its servers is to blame."""
    table = _table("CLUSTER", "ROLE", "ENDPOINT", "VERSION", "READY", "NODES", "MEMORY")
    for status in statuses:
        table.add_row(
            status.name,
            status.role,
            status.endpoint,
            status.version or "-",
            readiness(status),
            "-" if status.nodes is None else "{}/{}".format(*status.nodes),
            spell(status.memory_mib),
        )
    return table


def readiness(status: ClusterStatus) -> str:
    """`yes`, or `no`, and the servers that do not run: `no: apiserver paused`. Of isolated ones nothing is known."""
    if status.programs and all(program.state == "stopped" for program in status.programs):
        return "[red]no[/]: [yellow]stopped[/]"
    broken = [f"{_short(program)} {program.state}" for program in status.programs if program.state != "running"]
    if not status.here:
        return "[yellow]isolated[/]"
    word = "[green]yes[/]" if status.ready else "[red]no[/]"
    return f"{word}: [yellow]{', '.join(broken)}[/]" if broken else word


def shared(programs: Sequence[ProgramStatus]) -> str:
    """One line on the processes that all clusters share."""
    return "Shared: " + ", ".join(f"{_short(program)} {program.state}, {spell(program.memory_mib)}" for program in programs)


def as_json(name: str, kubeconfig: str, statuses: Sequence[ClusterStatus], programs: Sequence[ProgramStatus]) -> str:
    """The same facts for programs."""
    document = {
        "name": name,
        "kubeconfig": kubeconfig,
        "clusters": [{**dataclasses.asdict(status), "memory_mib": status.memory_mib} for status in statuses],
        "shared": [dataclasses.asdict(program) for program in programs],
    }
    return json.dumps(document, indent=2)


def topology(shape: Topology) -> Table:
    """The clusters of a topology file, defaults filled in."""
    table = _table("CLUSTER", "ROLE", "REGION", "ZONES", "NODES", "NETWORK", "MESH")
    for cluster in shape.clusters:
        nodes = "\n".join(node.name if node.zone is None else f"{node.name} ({node.zone})" for node in cluster.nodes)
        zones = "\n".join(cluster.zones)
        row = (cluster.name, cluster.role, cluster.region, zones, nodes, cluster.network, cluster.mesh)
        table.add_row(*(value or "-" for value in row))
    return table


def topology_lines(shape: Topology) -> str:
    """A topology for shell scripts: one line per cluster, blank-separated, `-` for nothing, lists with commas.

    Columns: name, role, region, zones, network, mesh, pod range, Service range.
    """
    lines = []
    for cluster in shape.clusters:
        row = (cluster.name, cluster.role, cluster.region, ",".join(cluster.zones), cluster.network, cluster.mesh)
        ranges = (cluster.pod_cidr, cluster.service_cidr)
        lines.append(" ".join(str(value) if value else "-" for value in (*row, *ranges)))
    return "\n".join(lines)


def next_steps(fedctl: str, name: str, plan: Plan, kubeconfig: str) -> str:
    """Commands to go on with, that work as printed; `fedctl` is how this shell calls it."""
    option = "" if name == "default" else f" --name {name}"
    first = plan.topology.members[0].name if plan.topology.members else plan.topology.host.name
    kubectl_option = "" if name == "default" else f" --sandbox {name}"
    return "\n".join(
        (
            f"  export KUBECONFIG={shlex.quote(kubeconfig)}",
            f"  {fedctl} sandbox kubectl{kubectl_option} --context {first} get namespaces",
            f"  {fedctl} sandbox status{option}",
            f"  {fedctl} sandbox down{option}",
        )
    )


def spoken(invoked: str, found: str | None) -> str:
    """How a person calls fedctl: by name where the shell finds it (at `found`), else by the path they just used."""
    if Path(invoked).name != "fedctl" or (found is not None and Path(found).resolve() == Path(invoked).resolve()):
        return "fedctl"
    return shlex.quote(invoked)


def _short(program: ProgramStatus) -> str:
    return program.name.removeprefix("kube-")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column != _BROKEN_WHEN_LONG)
    return table


_BROKEN_WHEN_LONG = "READY"
