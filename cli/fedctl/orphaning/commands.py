"""What `fedctl orphaning-deletion` takes."""

from enum import StrEnum
from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, DryRun, HostContext, HostOptions, Kubeconfig, Namespace, SystemNamespace
from fedctl.telling import plainly


class Deed(StrEnum):
    """What is to be done about it."""

    enable = "enable"
    disable = "disable"
    status = "status"


@plainly
def orphaning_deletion(
    deed: Annotated[Deed, typer.Argument(metavar="enable|disable|status", help="Switch it, or print how it is.")],
    kind: Annotated[
        str, typer.Argument(metavar="TYPE", help="Any name of the federated type: federateddeployments, deploy.")
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The federated object.")],
    namespace: Namespace = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Have the copies of a federated object stay, as ordinary objects, when it is deleted, or go with it, as is usual.

    `status` prints Enabled or Disabled.
    """
    from fedctl.orphaning.orphaning import print_status, switch
    from kubefed.core.names import ObjectKey

    host = HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    if deed is Deed.status:
        print_status(host, kind, ObjectKey(namespace, name))
    else:
        switch(host, kind, ObjectKey(namespace, name), enabled=deed is Deed.enable, dry_run=dry_run)
