"""What `fedctl upgrade` takes."""

from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, DryRun, HostContext, HostOptions, Kubeconfig, SystemNamespace
from fedctl.telling import Misuse, plainly


@plainly
def upgrade(
    what: Annotated[str, typer.Argument(metavar="crds", help="The definitions of kubefed's own kinds.")],
    members: Annotated[
        bool, typer.Option("--members", help="Those that members need, in every member, instead of the host's.")
    ] = False,
    cluster_context: Annotated[
        list[str] | None,
        typer.Option(metavar="CLUSTER=CONTEXT", help="A member's context. Default: the name of the cluster."),
    ] = None,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Bring definitions up to this version. Objects stay as they are, and newer definitions are left alone."""
    from fedctl.upgrade.upgrading import upgrade_host, upgrade_members

    if what != "crds":
        raise Misuse(f"expected `crds`, got: {what}")
    host = HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    if members:
        upgrade_members(host, cluster_context or [], dry_run=dry_run)
    elif cluster_context:
        raise Misuse("--cluster-context goes with --members")
    else:
        upgrade_host(host, dry_run=dry_run)
