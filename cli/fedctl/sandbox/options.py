"""The options that several sandbox commands share."""

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
ClusterName = Annotated[str, typer.Argument(metavar="CLUSTER", help="Which cluster: host, member1, ...")]


class StatusOutput(StrEnum):
    """How `status` prints."""

    table = "table"
    json = "json"


class TopologyOutput(StrEnum):
    """How `topology` prints."""

    table = "table"
    lines = "lines"
