"""The options that several sandbox commands share."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_NAME = "default"

Name = Annotated[str, typer.Option("--name", metavar="NAME", help="Which sandbox.", envvar="KUBEFED_SANDBOX")]
Servers = Annotated[
    Path | None,
    typer.Option(
        "--servers",
        metavar="PATH",
        help="The server binary, or a directory with kube-apiserver, etcd and the rest. Default: $KUBEBUILDER_ASSETS, "
        "then the cached build, which is made when missing.",
    ),
]
Members = Annotated[
    int | None, typer.Option("--members", min=0, max=40, help="How many member clusters; 3 when nothing is said.")
]
TopologyFile = Annotated[
    Path | None,
    typer.Option("--topology", metavar="FILE", help="Clusters as a topology file describes them, instead of --members."),
]
Controllers = Annotated[bool, typer.Option(help="Run a kube-controller-manager in every cluster.")]
Scheduler = Annotated[bool, typer.Option(help="Run schedulers, and simulate nodes and pods. Needs controllers.")]
ClusterName = Annotated[str, typer.Argument(metavar="CLUSTER", help="Which cluster: host, member1, ...")]


class StatusOutput(StrEnum):
    """How `status` prints."""

    table = "table"
    json = "json"


class TopologyOutput(StrEnum):
    """How `topology` prints."""

    table = "table"
    lines = "lines"


@dataclass(frozen=True, slots=True)
class Shape:
    """What the options say about clusters and programs, before anything is read or checked."""

    members: int | None
    topology: Path | None
    controllers: bool
    scheduler: bool

    def options(self) -> list[str]:
        """The same as options of another command line."""
        counted = [] if self.members is None else ["--members", str(self.members)]
        described = [] if self.topology is None else ["--topology", str(self.topology)]
        controllers = "--controllers" if self.controllers else "--no-controllers"
        return [*counted, *described, controllers, "--scheduler" if self.scheduler else "--no-scheduler"]
