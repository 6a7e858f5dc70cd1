"""What `fedctl uninstall` takes."""

from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, DryRun, HostContext, HostOptions, Kubeconfig, SystemNamespace
from fedctl.telling import plainly


@plainly
def uninstall(
    delete_crds: Annotated[
        bool,
        typer.Option(
            "--delete-crds",
            help="Also delete the CRDs, and with them configuration and types. Refused while clusters are joined or "
            "federated objects are left.",
        ),
    ] = False,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Take controller, webhook and their rights out of the host cluster, and say what is left.

    Federated objects, cluster records, configuration and CRDs stay, and so do all copies in the members: installed again,
    the federation goes on where it was.
    """
    from fedctl.uninstall.uninstalling import uninstall

    uninstall(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), delete_crds=delete_crds, dry_run=dry_run)
