"""What `fedctl install` takes."""

from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, DryRun, HostContext, HostOptions, Kubeconfig, SystemNamespace
from fedctl.telling import plainly

Ranges = Annotated[
    list[str] | None,
    typer.Option(
        "--allowed-endpoint-range",
        metavar="CIDR",
        help="Addresses at which members' API servers may be although they are refused otherwise, such as loopback "
        "addresses. Can be given several times; adds to what is allowed.",
    ),
]
Image = Annotated[
    str, typer.Option("--image", metavar="IMAGE", help="Also run the controller in the host, from this image.")
]


@plainly
def install(
    allowed_endpoint_range: Ranges = None,
    image: Image = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Install the federation in the host cluster: its CRDs, configuration, types and rights.

    Can be run again at any time: it brings CRDs and rights up to date, and leaves configuration and types as they are.
    """
    from fedctl.install.installation import Wish, install

    host = HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    install(host, Wish(tuple(allowed_endpoint_range or ()), image), dry_run=dry_run)
