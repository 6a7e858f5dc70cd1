"""The commands about one cluster of a sandbox: break it, bring it back, read its logs, talk to it."""

import os
import sys
from typing import Annotated

import typer

from fedctl.sandbox import servers, telling
from fedctl.sandbox.errors import NotRunning
from fedctl.sandbox.options import DEFAULT_NAME, ClusterName, Name
from fedctl.sandbox.running import Cluster, Sandbox
from fedctl.sandbox.telling import aside

PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}
"""Typer settings of commands whose arguments belong to another program."""


@telling.plainly
def stop(
    cluster: ClusterName,
    name: Name = DEFAULT_NAME,
    kill: Annotated[bool, typer.Option("--kill", help="At once, as a power cut does, and not politely.")] = False,
) -> None:
    """Stop one cluster's servers. Its data and its port stay, for `start`."""
    chosen = Sandbox.attach(name).cluster(cluster)
    if kill:
        chosen.kill()
    else:
        chosen.stop()
    aside.print(f"{cluster} is stopped. Bring it back with: fedctl sandbox start {cluster}{_option(name)}")


@telling.plainly
def start(cluster: ClusterName, name: Name = DEFAULT_NAME) -> None:
    """Start a stopped cluster again, on the same port and with the same data."""
    chosen = Sandbox.attach(name).cluster(cluster)
    with telling.interruptible():
        chosen.start()
    aside.print(f"{cluster} is ready at {chosen.endpoint}.")


@telling.plainly
def pause(cluster: ClusterName, name: Name = DEFAULT_NAME) -> None:
    """Freeze one cluster's API server: it takes connections and never answers."""
    _running(name, cluster).pause()
    aside.print(f"{cluster} is frozen. Let it go on with: fedctl sandbox resume {cluster}{_option(name)}")


@telling.plainly
def resume(cluster: ClusterName, name: Name = DEFAULT_NAME) -> None:
    """Let a frozen API server go on."""
    _running(name, cluster).resume()
    aside.print(f"{cluster} goes on.")


@telling.plainly
def logs(
    cluster: ClusterName,
    name: Name = DEFAULT_NAME,
    program: Annotated[
        str, typer.Option("--program", "-p", help="Which server's log; `audit` for the audit log.")
    ] = servers.API_SERVER,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it grows.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Only the last so many; 0 for all.")] = 0,
) -> None:
    """Print what a server of a cluster logged."""
    log = Sandbox.attach(name).cluster(cluster).log(program)
    count = f"-n{lines}" if lines else "-n+1"
    command = ["tail", count, *(["-f"] if follow else []), str(log)]
    os.execvp(command[0], command)  # noqa: S606 - tail itself: paging, pipes and Ctrl-C work as everywhere


@telling.plainly
def kubeconfig(
    name: Name = DEFAULT_NAME,
    content: Annotated[bool, typer.Option("--content", help="The kubeconfig itself instead of its path.")] = False,
) -> None:
    """Print the path of the kubeconfig that has a context per cluster."""
    path = Sandbox.attach(name).kubeconfig
    sys.stdout.write(path.read_text(encoding="utf-8") if content else f"{path}\n")


@telling.plainly
def kubectl(
    context: typer.Context,
    sandbox: Annotated[
        str, typer.Option("--sandbox", metavar="NAME", help="Which sandbox.", envvar="KUBEFED_SANDBOX")
    ] = DEFAULT_NAME,
) -> None:
    """Run kubectl on a sandbox: fedctl sandbox kubectl --context member1 get pods."""
    chosen = Sandbox.attach(sandbox)
    programs = chosen.state().programs.require(["kubectl"])
    command = [*programs.command("kubectl"), *context.args]
    os.execve(command[0], command, {**os.environ, "KUBECONFIG": str(chosen.kubeconfig)})  # noqa: S606 - its exit code is ours


def _running(name: str, cluster: str) -> Cluster:
    chosen = Sandbox.attach(name).cluster(cluster)
    if not chosen.is_running():
        raise NotRunning(f"{cluster} is stopped", f"Start it: fedctl sandbox start {cluster}{_option(name)}")
    return chosen


def _option(name: str) -> str:
    return "" if name == DEFAULT_NAME else f" --name {name}"
