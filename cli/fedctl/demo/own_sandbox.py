"""The demo's own clusters: a sandbox of three members, made or found running."""

import os
import shlex
from pathlib import Path

from fedctl.demo.narrator import Narrator
from fedctl.demo.stage import Clusters, examples
from fedctl.sandbox import actions, lifecycle, screens, status, telling, topology
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.running import Sandbox

NAME = "demo"
LOOPBACK = "127.0.0.1/32"


class SandboxBreaker:
    """Kills a member's servers, and starts them again."""

    deed = "its API server and its controllers got SIGKILL"

    def take_away(self, context: str) -> None:
        """As a power cut does."""
        Sandbox.attach(NAME).cluster(context).kill()

    def bring_back(self, context: str) -> None:
        """On the same port and with the same data; returns when it is ready."""
        Sandbox.attach(NAME).cluster(context).start()


def prepare(narrator: Narrator, servers: Path | None) -> Clusters:
    """Have the sandbox run, every cluster of it, and show it. Builds the servers first where there are none."""
    plan = Plan.of(topology.read(examples() / "topologies" / "three-members.yaml"))
    programs = actions.servers_for(servers)
    with telling.start_progress() as watch:
        made = lifecycle.up(lifecycle.Wish(NAME, plan, programs), watch)
    sandbox = Sandbox.made(made)
    if made.was_running:
        _mend(narrator, sandbox)
    state = sandbox.state()
    narrator.show(screens.clusters([status.of_cluster(state, name) for name in state.clusters]))
    os.environ["KUBECONFIG"] = str(sandbox.kubeconfig)
    narrator.command(f"export KUBECONFIG={shlex.quote(str(sandbox.kubeconfig))}")
    narrator.note(f"kubectl comes with it: fedctl sandbox kubectl --sandbox {NAME}")
    return Clusters(
        host=sandbox.host.name,
        host_is_current=True,
        members={member.name: member.name for member in sandbox.members},
        kubectl=programs.require(["kubectl"]).command("kubectl"),
        spoken="kubectl",
        breaker=SandboxBreaker(),
        allowed_ranges=(LOOPBACK,),
    )


def _mend(narrator: Narrator, sandbox: Sandbox) -> None:
    """Bring back what an earlier, interrupted demo, or a person, has stopped."""
    narrator.note("The sandbox was running already.")
    for cluster in sandbox.clusters.values():
        if cluster.is_paused():
            cluster.resume()
        if not cluster.is_ready():
            cluster.start()
            narrator.note(f"{cluster.name} had been stopped, and runs again.")


def remove() -> bool:
    """Remove the sandbox. Says whether there was one."""
    return lifecycle.down(NAME)
