"""What `fedctl describe` takes."""

from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, HostContext, HostOptions, Kubeconfig, Namespace, SystemNamespace
from fedctl.telling import plainly


@plainly
def describe(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Any name of the type: deployments, deploy, fdeploy.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The federated object.")],
    namespace: Namespace = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
) -> None:
    """Show one federated object, or a service that clusters export.

    Of an object: where it is placed and why, how each copy is and differs, and what happened.

    Copies are looked at in the members that are ready, for at most three seconds; no other is asked anything.
    """
    from fedctl.describe.describing import describe, describe_any_service

    if kind.lower() in ("service", "services", "svc"):
        describe_any_service(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), kind, namespace, name)
        return
    describe(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), kind, namespace, name)
