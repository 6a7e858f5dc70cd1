"""What `fedctl freeze` and `fedctl unfreeze` take."""

from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, DryRun, HostContext, HostOptions, Kubeconfig, SystemNamespace
from fedctl.telling import Misuse, plainly

Everything = Annotated[bool, typer.Option("--all", help="All members and types.")]
Cluster = Annotated[str, typer.Option("--cluster", metavar="NAME", help="This member alone.")]
Type = Annotated[str, typer.Option("--type", metavar="TYPE", help="Copies of this type alone: any name of it.")]


@plainly
def freeze(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why: shown wherever something is held.")],
    everything: Everything = False,
    cluster: Cluster = "",
    kind: Type = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Stop all writes to members within a second, and say so in the status of every object that is held.

    Members, copies and the controller go on as they are; nothing is created, updated, deleted or unlabelled.
    """
    from fedctl.freeze.freezing import freeze

    if not reason.strip():
        raise Misuse("say why with --reason: whoever is on call next will ask")
    target = _one_of(everything=everything, cluster=cluster, kind=kind)
    freeze(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), *target, reason, dry_run=dry_run)


@plainly
def unfreeze(
    everything: Everything = False,
    cluster: Cluster = "",
    kind: Type = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Let writes go on. What is frozen otherwise stays so: a cluster of its own, while everything else goes on."""
    from fedctl.freeze.freezing import unfreeze

    target = _one_of(everything=everything, cluster=cluster, kind=kind)
    unfreeze(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), *target, dry_run=dry_run)


def _one_of(*, everything: bool, cluster: str, kind: str) -> tuple[str, str]:
    """The cluster and the type, of which one at most is named."""
    if [everything, bool(cluster), bool(kind)].count(True) != 1:
        raise Misuse("say one of --all, --cluster and --type")
    return cluster, kind
