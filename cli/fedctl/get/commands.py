"""What `fedctl get` takes."""

from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, HostContext, HostOptions, Kubeconfig, Namespace, Output, SystemNamespace
from fedctl.telling import Misuse, plainly

What = Annotated[
    str,
    typer.Argument(
        metavar="clusters|types|exports|KIND", help="Members, types, exported services, or federated objects of a kind."
    ),
]


@plainly
def get(
    what: What,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Only this one.")] = "",
    namespace: Namespace = "",
    all_namespaces: Annotated[bool, typer.Option("--all-namespaces", "-A", help="Objects of all namespaces.")] = False,
    output: Annotated[Output | None, typer.Option("--output", "-o", help="More columns, or a form for programs.")] = None,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
) -> None:
    """Show members, federated types, exported services, or federated objects with their copies.

    Kinds go by any name: deployments, deploy, federateddeployments, fdeploy. Copies are counted in the members that are
    ready; no other is asked anything.
    """
    from fedctl.get.showing import show_what
    from fedctl.get.workloads import ALL_NAMESPACES
    from kubefed.core.names import ObjectKey

    if namespace and all_namespaces:
        raise Misuse("-n and -A exclude each other")
    place = ObjectKey(ALL_NAMESPACES if all_namespaces else namespace, name)
    show_what(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), what, place, output)
