"""The options that several commands share, spelled once."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from kubefed.core.errors import Misconfigured

SYSTEM_NAMESPACE = "kube-federation-system"

Kubeconfig = Annotated[
    str,
    typer.Option("--kubeconfig", metavar="FILE", help="Kubeconfig file. Default: $KUBECONFIG, then ~/.kube/config."),
]
HostContext = Annotated[
    str,
    typer.Option(
        "--host-cluster-context",
        "--host-context",
        metavar="CONTEXT",
        help="The host cluster's context. Default: the current one.",
    ),
]
SystemNamespace = Annotated[
    str, typer.Option("--kubefed-namespace", metavar="NAMESPACE", help="The federation's system namespace.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")]
Namespace = Annotated[
    str, typer.Option("--namespace", "-n", metavar="NAMESPACE", help="Default: the namespace of the context.")
]
MemberContext = Annotated[
    str,
    typer.Option("--cluster-context", metavar="CONTEXT", help="The member's context. Default: the name of the cluster."),
]
MemberKubeconfig = Annotated[
    str,
    typer.Option("--member-kubeconfig", metavar="FILE", help="The file with the member's context, when it is another."),
]
HostClusterName = Annotated[
    str,
    typer.Option(
        "--host-cluster-name",
        metavar="NAME",
        help="What the host is called in the member. Default: its context; needed when that holds / or :.",
    ),
]


def contexts_of(texts: Iterable[str]) -> dict[str, str]:
    """Members' contexts by their clusters, from `CLUSTER=CONTEXT`. Raises Misconfigured."""
    found = {}
    for text in texts:
        cluster, _, context = text.partition("=")
        if not (cluster and context):
            raise Misconfigured(f"--cluster-context {text!r} is not CLUSTER=CONTEXT")
        found[cluster] = context
    return found


class Output(StrEnum):
    """How a table can be had otherwise."""

    wide = "wide"
    json = "json"
    yaml = "yaml"


class YamlOutput(StrEnum):
    """Manifests instead of deeds."""

    yaml = "yaml"


@dataclass(frozen=True, slots=True)
class HostOptions:
    """Which federation a command is about: where its host is, and what its system namespace is called."""

    kubeconfig: str = ""
    context: str = ""
    namespace: str = SYSTEM_NAMESPACE
