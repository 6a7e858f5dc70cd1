"""What `fedctl approve` takes."""

from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, DryRun, HostContext, HostOptions, Kubeconfig, SystemNamespace
from fedctl.telling import plainly

Cause = Annotated[
    str, typer.Argument(metavar="[CAUSE]", help="namespace/NAME or cluster/NAME. Without it, all that waits is listed.")
]
Plan = Annotated[str, typer.Option("--plan", metavar="ID", help="The plan, as it was shown: another one is not approved.")]


@plainly
def approve(
    cause: Cause = "",
    plan: Plan = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Show removals that wait because one act asks for many of them, or let exactly these go on.

    A plan that has changed since it was shown has another ID, and needs to be looked at again.
    """
    from fedctl.approve.approving import approve, show_waiting

    options = HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    if cause:
        approve(options, cause, plan, dry_run=dry_run)
    else:
        show_waiting(options)
