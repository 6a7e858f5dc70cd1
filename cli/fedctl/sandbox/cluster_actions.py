"""What the commands about one cluster of a sandbox do: break it, bring it back, read its logs, talk to it."""

import os
import sys

from fedctl.sandbox import telling
from fedctl.sandbox.errors import NotRunning
from fedctl.sandbox.options import DEFAULT_NAME
from fedctl.sandbox.running import Cluster, Sandbox
from fedctl.sandbox.telling import aside


def stop(cluster: str, name: str, *, kill: bool) -> None:
    """Stop one cluster's servers, politely or not."""
    chosen = Sandbox.attach(name).cluster(cluster)
    if kill:
        chosen.kill()
    else:
        chosen.stop()
    aside.print(f"{cluster} is stopped. Bring it back with: fedctl sandbox start {cluster}{_option(name)}")


def start(cluster: str, name: str) -> None:
    """Start a stopped cluster again."""
    chosen = Sandbox.attach(name).cluster(cluster)
    with telling.interruptible():
        chosen.start()
    aside.print(f"{cluster} is ready at {chosen.endpoint}.")


def pause(cluster: str, name: str) -> None:
    """Freeze one cluster's API server."""
    _running(name, cluster).pause()
    aside.print(f"{cluster} is frozen. Let it go on with: fedctl sandbox resume {cluster}{_option(name)}")


def resume(cluster: str, name: str) -> None:
    """Let a frozen API server go on."""
    _running(name, cluster).resume()
    aside.print(f"{cluster} goes on.")


def logs(cluster: str, name: str, program: str, *, follow: bool, lines: int) -> None:
    """Become `tail` on a log: paging, pipes and Ctrl-C then work as everywhere."""
    log = Sandbox.attach(name).cluster(cluster).log(program)
    command = ["tail", f"-n{lines}" if lines else "-n+1", *(["-f"] if follow else []), str(log)]
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


def kubeconfig(name: str, *, content: bool) -> None:
    """Print the kubeconfig or its path."""
    path = Sandbox.attach(name).kubeconfig
    sys.stdout.write(path.read_text(encoding="utf-8") if content else f"{path}\n")


def kubectl(name: str, arguments: list[str]) -> None:
    """Become kubectl, so that its exit code is ours."""
    sandbox = Sandbox.attach(name)
    programs = sandbox.state().programs.require(["kubectl"])
    command = [*programs.command("kubectl"), *arguments]
    os.execve(command[0], command, {**os.environ, "KUBECONFIG": str(sandbox.kubeconfig)})  # noqa: S606 - no shell is wanted


def _running(name: str, cluster: str) -> Cluster:
    chosen = Sandbox.attach(name).cluster(cluster)
    if not chosen.is_running():
        raise NotRunning(f"{cluster} is stopped", f"Start it: fedctl sandbox start {cluster}{_option(name)}")
    return chosen


def _option(name: str) -> str:
    return "" if name == DEFAULT_NAME else f" --name {name}"
