"""What `fedctl export` and `fedctl unexport` take."""

from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, DryRun, HostContext, HostOptions, Kubeconfig, Namespace, SystemNamespace
from fedctl.telling import Misuse, plainly

Words = Annotated[list[str], typer.Argument(metavar="[service] NAME", help="The Service.")]
Clusters = Annotated[
    list[str] | None,
    typer.Option("--cluster", metavar="CLUSTER", help="Only in this member. Default: every member that has the Service."),
]
Contexts = Annotated[
    list[str] | None,
    typer.Option(
        "--cluster-context", metavar="CLUSTER=CONTEXT", help="A member's context. Default: the name of the cluster."
    ),
]


@plainly
def export(
    words: Words,
    namespace: Namespace = "",
    cluster: Clusters = None,
    cluster_context: Contexts = None,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Offer a Service of members to all clusters of the federation, with your own rights in these members."""
    from fedctl.export.exporting import Wish, export

    wish = Wish(service_of(words), namespace, tuple(cluster or ()), tuple(cluster_context or ()))
    export(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), wish, dry_run=dry_run)


@plainly
def unexport(
    words: Words,
    namespace: Namespace = "",
    cluster: Clusters = None,
    cluster_context: Contexts = None,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Offer a Service no longer. The Service itself stays; imports go when no cluster exports it any more."""
    from fedctl.export.exporting import Wish, unexport

    wish = Wish(service_of(words), namespace, tuple(cluster or ()), tuple(cluster_context or ()))
    unexport(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), wish, dry_run=dry_run)


def service_of(words: list[str]) -> str:
    """The name out of `service NAME` or `NAME`."""
    match words:
        case ["service" | "services" | "svc", name] | [name]:
            return name
        case _:
            raise Misuse(f"expected `service NAME` or `NAME`, got: {' '.join(words)}")
