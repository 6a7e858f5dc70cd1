"""How the demo ends: the time it took, and commands to go on with that work as printed, in any directory and shell."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from fedctl.demo.exhibits import SHOP, WEB
from fedctl.demo.narrator import Narrator
from fedctl.demo.stage import Clusters


def close(narrator: Narrator, clusters: Clusters) -> None:
    """Say what is left running, what to try, and how to remove it."""
    narrator.say("")
    narrator.say(f"All of this was checked as it was shown, in {narrator.total_s():.0f} s. The clusters go on running.")
    narrator.say("Three commands to try next:")
    for command in next_commands(clusters, fedctl_here()):
        narrator.say(f"  {command}")
    removal = "make demo-down" if os.environ.get("MAKELEVEL") else f"{fedctl_here()} demo down"
    narrator.say(f"Remove everything with: {removal}")


def next_commands(clusters: Clusters, fedctl: str) -> list[str]:
    """Where everything is; a change in a member that does not last; one object with all that is known."""
    context = list(clusters.members.values())[-1]
    host = "" if clusters.host_is_current else f" --host-cluster-context {shlex.quote(clusters.host)}"
    kubeconfig = os.environ.get("KUBECONFIG", "")
    option = f" --kubeconfig {shlex.quote(kubeconfig)}" if kubeconfig else ""
    before, option = (f"env KUBECONFIG={shlex.quote(kubeconfig)} ", "") if os.pathsep in kubeconfig else ("", option)
    kubectl = "kubectl" if shutil.which("kubectl") else shlex.join(clusters.kubectl)
    return [
        f"{before}{fedctl} get deployments -n {SHOP}{host}{option}",
        f"{before}{kubectl}{option} --context {shlex.quote(context)} -n {SHOP} scale deployment {WEB.name} --replicas=7",
        f"{before}{fedctl} describe deployment {WEB.name} -n {SHOP}{host}{option}",
    ]


def fedctl_here() -> str:
    """fedctl as the person's shell finds it: by its name if that leads to this one, else by its whole path."""
    mine = Path(sys.executable).parent / "fedctl"
    found = shutil.which("fedctl")
    return "fedctl" if found and Path(found).resolve() == mine.resolve() else shlex.quote(str(mine))
