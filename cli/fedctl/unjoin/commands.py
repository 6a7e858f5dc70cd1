"""What `fedctl unjoin` takes, in this form and in kubefedctl's."""

from typing import Annotated

import typer

from fedctl.join.commands import cluster_of
from fedctl.options import (
    SYSTEM_NAMESPACE,
    DryRun,
    HostClusterName,
    HostContext,
    HostOptions,
    Kubeconfig,
    MemberContext,
    MemberKubeconfig,
    SystemNamespace,
)
from fedctl.telling import plainly


@plainly
def unjoin(
    words: Annotated[list[str], typer.Argument(metavar="[cluster] NAME", help="The member.")],
    delete_copies: Annotated[
        bool,
        typer.Option(
            "--delete-copies/--keep-copies",
            help="What becomes of the copies there: they are deleted, namespaces with everything in them, or stay as "
            "ordinary objects.",
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Go on past errors in the member, also when it is dead; says what stays behind."),
    ] = False,
    cluster_context: MemberContext = "",
    member_kubeconfig: MemberKubeconfig = "",
    host_cluster_name: HostClusterName = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Make a cluster no member any more: its record, credentials and rights are removed.

    Its copies stay where they are, as ordinary objects, unless --delete-copies is given.
    """
    from fedctl.unjoin.unjoining import Wish, unjoin

    name, _ = cluster_of(words)
    wish = Wish(
        cluster=name,
        context=cluster_context or name,
        kubeconfig=member_kubeconfig or kubeconfig,
        host_name=host_cluster_name,
        deletes=delete_copies,
        force=force,
    )
    unjoin(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), wish, dry_run=dry_run)
