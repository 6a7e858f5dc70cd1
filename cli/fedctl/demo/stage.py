"""The clusters that the demo is shown on, and the commands that it runs there."""

import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.demo.checks import WITHIN_S, NotShown, eventually
from fedctl.demo.exhibits import SHOP
from fedctl.demo.narrator import Narrator
from fedctl.get.listing import show_clusters
from fedctl.get.workloads import show_objects
from fedctl.options import HostOptions
from fedctl.sandbox.leash import own_environment, own_module
from kubefed.core.names import ObjectKey

_COMMAND_S = 180


class Breaker(Protocol):
    """How a member is taken away and brought back."""

    @property
    def deed(self) -> str:
        """What `take_away` does, as in `member2: its API server got SIGKILL`."""

    def take_away(self, context: str) -> None:
        """Make a cluster stop answering."""

    def bring_back(self, context: str) -> None:
        """Let it answer again, with its data."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Which clusters, in contexts of $KUBECONFIG. `members` are contexts by the name under which each is joined.

    `host_is_current` says that the kubeconfig's current context is the host's, which commands then need not name.
    `breaker` is None for clusters that must not be stopped. `kubectl` is the command, `spoken` how a person types it.
    """

    host: str
    host_is_current: bool
    members: Mapping[str, str]
    kubectl: Sequence[str]
    spoken: str
    breaker: Breaker | None
    allowed_ranges: Sequence[str]


@dataclass(frozen=True, slots=True)
class Stage:
    """Those clusters, with connections, while the demo is told."""

    clusters: Clusters
    narrator: Narrator
    host: ApiServer
    members: Mapping[str, ApiServer]

    @property
    def options(self) -> HostOptions:
        """The host, for functions of other commands."""
        return HostOptions(context=self.clusters.host)

    @property
    def _host(self) -> tuple[str, ...]:
        """What commands of ours need to find the host."""
        return () if self.clusters.host_is_current else ("--host-cluster-context", self.clusters.host)

    def fedctl(self, *arguments: str) -> None:
        """Run a command of ours on the host."""
        self._run(shlex.join(("fedctl", *arguments, *self._host)), own_module("fedctl", *arguments, *self._host))

    def kubectl(self, *arguments: str, context: str = "") -> str:
        """Run kubectl on one cluster, the host unless another is named; returns its output."""
        host = "" if self.clusters.host_is_current else self.clusters.host
        where = ("--context", chosen) if (chosen := context or host) else ()
        spoken = f"{self.clusters.spoken} {shlex.join((*where, *arguments))}"
        return self._run(spoken, [*self.clusters.kubectl, *where, *arguments])

    def expect(self, read: Callable[[], object], wanted: object, what: str, within_s: float = WITHIN_S) -> float:
        """Wait until `read` gives what is wanted; returns the seconds. Raises NotShown."""
        with self.narrator.busy(f"waiting: {what}"):
            return eventually(read, wanted, what, within_s)

    def get(self, *subjects: str) -> None:
        """Show what `fedctl get` shows, of each subject: `clusters`, a kind, or `kind/name`."""
        for subject in subjects:
            kind, _, name = subject.partition("/")
            if kind == "clusters":
                self.narrator.command(shlex.join(("fedctl", "get", "clusters", *self._host)))
                show_clusters(self.options, "", None)
            else:
                self.narrator.command(shlex.join(filter(None, ("fedctl", "get", kind, name, "-n", SHOP, *self._host))))
                show_objects(self.options, kind, ObjectKey(SHOP, name), None)
        self.narrator.say("")

    def join(self, member: str, *options: str) -> None:
        """Make a cluster a member, or renew its credentials and rights."""
        context = self.clusters.members[member]
        other = () if member == context else ("--cluster-context", context)
        self.fedctl("join", "cluster", member, *other, *options)

    def _run(self, spoken: str, command: Sequence[str]) -> str:
        self.narrator.command(spoken)
        with self.narrator.busy(spoken):
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=_COMMAND_S,
                cwd=examples().parent,
                env=own_environment(),
                check=False,
            )
        if done.returncode:
            raise NotShown(f"`{spoken}` ended with exit code {done.returncode}:\n{(done.stdout + done.stderr).strip()}")
        return done.stdout


@contextmanager
def opened(clusters: Clusters, narrator: Narrator) -> Iterator[Stage]:
    """Connect to every cluster. Raises Misconfigured or Unreachable naming the context."""
    with ExitStack() as connections:
        servers = {
            context: connections.enter_context(ApiServer.opened(open_context(context=context)))
            for context in (clusters.host, *clusters.members.values())
        }
        members = {name: servers[context] for name, context in clusters.members.items()}
        yield Stage(clusters, narrator, servers[clusters.host], members)


def examples() -> Path:
    """The manifests that come with the checkout. Raises NotShown when this fedctl is not run from one."""
    found = Path(__file__).parents[3] / "examples"
    if not found.is_dir():
        raise NotShown("the demo applies the manifests in examples/, which only a checkout has: run it from there")
    return found
