"""What `fedctl install` takes."""

from enum import StrEnum
from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, DryRun, HostContext, HostOptions, Kubeconfig, SystemNamespace
from fedctl.telling import plainly


class Reach(StrEnum):
    """How far a federation can reach, as its configuration spells it."""

    cluster = "Cluster"
    namespaced = "Namespaced"


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
    str,
    typer.Option(
        "--image", metavar="IMAGE", help="Also run the controller and the admission webhook in the host, from this image."
    ),
]
Webhook = Annotated[bool, typer.Option("--webhook/--no-webhook", help="Whether --image also runs the admission webhook.")]
ScopeOption = Annotated[
    Reach | None,
    typer.Option(
        "--scope",
        help="Federate the whole cluster, or the system namespace alone. Default: what is installed, else Cluster.",
        show_default=False,
    ),
]
KeepCrds = Annotated[
    bool,
    typer.Option("--keep-crds", help="Leave CRDs that are there as they are, such as KubeFed's; add missing ones."),
]


@plainly
def install(
    allowed_endpoint_range: Ranges = None,
    image: Image = "",
    webhook: Webhook = True,
    scope: ScopeOption = None,
    keep_crds: KeepCrds = False,
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
    asked_scope = scope.value if scope else ""
    wish = Wish(tuple(allowed_endpoint_range or ()), image, webhook=webhook, scope=asked_scope, keep_crds=keep_crds)
    install(host, wish, dry_run=dry_run)
