"""What `fedctl join` takes, in this form and in kubefedctl's."""

from typing import Annotated

import typer

from fedctl.options import (
    SYSTEM_NAMESPACE,
    DryRun,
    HostClusterName,
    HostContext,
    HostOptions,
    Kubeconfig,
    MemberContext,
    MemberKubeconfig,
    SystemNamespace,
)
from fedctl.telling import Misuse, plainly

Words = Annotated[list[str], typer.Argument(metavar="[cluster] NAME", help="What the member is to be called.")]


@plainly
def join(
    words: Words,
    cluster_context: MemberContext = "",
    member_kubeconfig: MemberKubeconfig = "",
    host_cluster_name: HostClusterName = "",
    secret_name: Annotated[
        str, typer.Option(metavar="NAME", help="The Secret for the credentials in the host. Default: one is named.")
    ] = "",
    label: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="A label of the cluster, for placement. Can be given several times."),
    ] = None,
    lifetime: Annotated[
        str,
        typer.Option(
            "--token-lifetime", metavar="DURATION", help="How long a token lives; the controller renews it. 10m to 24h."
        ),
    ] = "12h",
    grant_escalation: Annotated[
        bool,
        typer.Option(
            "--grant-escalation",
            help="Let the controller make roles in the member that grant more than it may do itself (bind, escalate). "
            "Needed for FederatedClusterRoles of every content.",
        ),
    ] = False,
    error_on_existing: Annotated[
        bool | None,
        typer.Option(
            "--error-on-existing/--no-error-on-existing",
            help="Fail when the cluster is joined already, instead of renewing credentials and rights. "
            "Default: renew for `join cluster NAME`, fail for `join NAME`.",
        ),
    ] = None,
    force_replace: Annotated[
        bool, typer.Option("--force-replace", help="Give a name that is taken to this cluster, whatever had it before.")
    ] = False,
    print_rbac: Annotated[
        bool, typer.Option("--print-rbac", help="Print what would be made in the member as YAML, and write nothing.")
    ] = False,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Make a cluster a member: an account with limited rights there, its credentials and a record in the host.

    Run again, it renews credentials and rights: after types were enabled, or when a member was restored.
    """
    from fedctl.join.joining import join, print_member_objects
    from fedctl.join.planning import Wish

    name, long_form = cluster_of(words)
    wish = Wish(
        cluster=name,
        context=cluster_context or name,
        kubeconfig=member_kubeconfig or kubeconfig,
        host_name=host_cluster_name,
        secret_name=secret_name,
        labels=tuple(label or ()),
        lifetime=lifetime,
        grant_escalation=grant_escalation,
        error_on_existing=error_on_existing if error_on_existing is not None else not long_form,
        force_replace=force_replace,
    )
    host = HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    if print_rbac:
        print_member_objects(host, wish)
    else:
        join(host, wish, dry_run=dry_run)


def cluster_of(words: list[str]) -> tuple[str, bool]:
    """The name out of `cluster NAME` or `NAME`, and whether it was the long form."""
    match words:
        case [name]:
            return name, False
        case ["cluster", name]:
            return name, True
        case _:
            raise Misuse(f"expected `cluster NAME` or `NAME`, got: {' '.join(words)}")
