"""`fedctl sandbox ...`: every command with its options. What they do is in actions, cluster_actions and run_action.

Those are imported by the command that runs and not here: fedctl must answer at once, and they bring pydantic, cryptography
and YAML with them.
"""

from pathlib import Path
from typing import Annotated

import typer

from fedctl.sandbox.options import (
    DEFAULT_NAME,
    ClusterName,
    Controllers,
    Members,
    Name,
    Scheduler,
    Servers,
    Shape,
    StatusOutput,
    TopologyFile,
    TopologyOutput,
)
from fedctl.sandbox.telling import plainly

app = typer.Typer(
    name="sandbox",
    help="Real Kubernetes API servers on this machine: a host and members to try things on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}
"""For commands whose arguments belong to another program."""


@app.command("up")
@plainly
def up(
    members: Members = None,
    topology: TopologyFile = None,
    name: Name = DEFAULT_NAME,
    controllers: Controllers = True,
    scheduler: Scheduler = True,
    servers: Servers = None,
    write_kubeconfig: Annotated[Path | None, typer.Option(metavar="PATH", help="Also write the kubeconfig here.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Start although memory or disk seem too small.")] = False,
) -> None:
    """Start a sandbox: a host cluster and members, as real API servers on this machine."""
    from fedctl.sandbox import actions

    shape = Shape(members, topology, controllers, scheduler)
    actions.up(name, shape, servers=servers, write_kubeconfig=write_kubeconfig, force=force)


@app.command("status")
@plainly
def status(
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Which sandbox; all when nothing is said.")
    ] = None,
    output: Annotated[StatusOutput, typer.Option("--output", "-o", help="How to print it.")] = StatusOutput.table,
) -> None:
    """Show running sandboxes: which clusters are ready, and what they occupy."""
    from fedctl.sandbox import actions

    actions.show_status(name, output)


@app.command("kubeconfig")
@plainly
def kubeconfig(
    name: Name = DEFAULT_NAME,
    content: Annotated[bool, typer.Option("--content", help="The kubeconfig itself instead of its path.")] = False,
) -> None:
    """Print the path of the kubeconfig, which has a context per cluster."""
    from fedctl.sandbox import cluster_actions

    cluster_actions.kubeconfig(name, content=content)


@app.command("kubectl", context_settings=_PASS_THROUGH)
@plainly
def kubectl(
    context: typer.Context,
    sandbox: Annotated[
        str, typer.Option("--sandbox", metavar="NAME", help="Which sandbox.", envvar="KUBEFED_SANDBOX")
    ] = DEFAULT_NAME,
) -> None:
    """Run kubectl on a sandbox: fedctl sandbox kubectl --context member1 get pods."""
    from fedctl.sandbox import cluster_actions

    cluster_actions.kubectl(sandbox, context.args)


@app.command("down")
@plainly
def down(
    name: Name = DEFAULT_NAME,
    everything: Annotated[bool, typer.Option("--all", help="Remove every sandbox of this user.")] = False,
) -> None:
    """Remove a sandbox: its processes, its ports, its files."""
    from fedctl.sandbox import actions

    actions.down(name, everything=everything)


@app.command("run", context_settings=_PASS_THROUGH)
@plainly
def run(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND...", help="What to run; KUBECONFIG is set for it.")],
    members: Members = None,
    topology: TopologyFile = None,
    controllers: Controllers = True,
    scheduler: Scheduler = True,
    servers: Servers = None,
    isolated: Annotated[
        bool, typer.Option("--isolated", help="In a network namespace of their own, where pods have real addresses. Linux.")
    ] = False,
    inside: Annotated[bool, typer.Option("--inside", hidden=True, help="We are in that namespace.")] = False,
) -> None:
    """Run a command with a sandbox of its own, which is removed when the command ends. Its exit code is passed on."""
    from fedctl.sandbox import run_action

    shape = Shape(members, topology, controllers, scheduler)
    raise typer.Exit(run_action.run(command, shape, servers=servers, isolated=isolated, inside=inside))


@app.command("stop")
@plainly
def stop(
    cluster: ClusterName,
    name: Name = DEFAULT_NAME,
    kill: Annotated[bool, typer.Option("--kill", help="At once, as a power cut does, and not politely.")] = False,
) -> None:
    """Stop one cluster's servers. Its data and its port stay, for `start`."""
    from fedctl.sandbox import cluster_actions

    cluster_actions.stop(cluster, name, kill=kill)


@app.command("start")
@plainly
def start(cluster: ClusterName, name: Name = DEFAULT_NAME) -> None:
    """Start a stopped cluster again, on the same port and with the same data."""
    from fedctl.sandbox import cluster_actions

    cluster_actions.start(cluster, name)


@app.command("pause")
@plainly
def pause(cluster: ClusterName, name: Name = DEFAULT_NAME) -> None:
    """Freeze one cluster's API server: it takes connections and never answers."""
    from fedctl.sandbox import cluster_actions

    cluster_actions.pause(cluster, name)


@app.command("resume")
@plainly
def resume(cluster: ClusterName, name: Name = DEFAULT_NAME) -> None:
    """Let a frozen API server go on."""
    from fedctl.sandbox import cluster_actions

    cluster_actions.resume(cluster, name)


@app.command("logs")
@plainly
def logs(
    cluster: ClusterName,
    name: Name = DEFAULT_NAME,
    program: Annotated[
        str, typer.Option("--program", "-p", help="Which server's; `audit` for the audit log.")
    ] = "kube-apiserver",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it grows.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Only the last so many; 0 for all.")] = 0,
) -> None:
    """Print what a server of a cluster logged."""
    from fedctl.sandbox import cluster_actions

    cluster_actions.logs(cluster, name, program, follow=follow, lines=lines)


@app.command("topology")
@plainly
def topology(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A topology file.")],
    output: Annotated[TopologyOutput, typer.Option("--output", "-o", help="How to print it.")] = TopologyOutput.table,
) -> None:
    """Check a topology file and show what it means."""
    from fedctl.sandbox import actions

    actions.show_topology(file, output)


@app.command("build")
@plainly
def build(
    cross: Annotated[
        bool, typer.Option("--cross", help="For every supported system: Linux on amd64 and arm64, macOS on arm64.")
    ] = False,
) -> None:
    """Build the servers into the cache, once: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl."""
    from fedctl.sandbox import actions

    actions.build(cross=cross)
