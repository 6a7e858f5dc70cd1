"""What `fedctl orphaning-deletion` takes."""

from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, DryRun, HostContext, HostOptions, Kubeconfig, Namespace, SystemNamespace
from fedctl.telling import plainly

FederatedKind = Annotated[
    str, typer.Argument(metavar="TYPE", help="Any name of the federated type: federateddeployments, deployments, fdeploy.")
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The federated object.")]

app = typer.Typer(help="Whether the copies of a federated object stay when it is deleted.", no_args_is_help=True)


@app.command("enable")
@plainly
def enable(
    kind: FederatedKind,
    name: Name,
    namespace: Namespace = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Have the copies stay, as ordinary objects, when the federated object is deleted."""
    from fedctl.orphaning.orphaning import switch

    host = HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    switch(host, kind, namespace, name, enabled=True, dry_run=dry_run)


@app.command("disable")
@plainly
def disable(
    kind: FederatedKind,
    name: Name,
    namespace: Namespace = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Have the copies deleted with the federated object, as is usual."""
    from fedctl.orphaning.orphaning import switch

    host = HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    switch(host, kind, namespace, name, enabled=False, dry_run=dry_run)


@app.command("status")
@plainly
def status(
    kind: FederatedKind,
    name: Name,
    namespace: Namespace = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
) -> None:
    """Print Enabled or Disabled."""
    from fedctl.orphaning.orphaning import print_status

    print_status(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), kind, namespace, name)
