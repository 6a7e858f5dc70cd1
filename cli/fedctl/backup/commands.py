"""What `fedctl backup` and `fedctl restore` take."""

from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, DryRun, HostContext, HostOptions, Kubeconfig, SystemNamespace
from fedctl.telling import Misuse, plainly


@plainly
def backup(
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write it, readable for you alone; - is stdout.")
    ] = "-",
    credentials: Annotated[
        bool,
        typer.Option("--credentials/--no-credentials", help="Whether the Secrets of the members' credentials are part."),
    ] = True,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
) -> None:
    """Write all that makes up the federation as YAML: CRDs, configuration, clusters, federated objects, and what was
    recorded about their copies. It contains secrets."""
    from fedctl.backup.collecting import backup

    backup(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), output, credentials=credentials)


@plainly
def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A backup, of fedctl or of kubectl; - is stdin.")] = "",
    complete: Annotated[
        bool, typer.Option("--complete", help="Everything is back: let the controller remove copies again.")
    ] = False,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Bring a federation back into a host, with the statuses and records that keep its copies untouched.

    What is there already is left as it is. From the first object on until `fedctl restore --complete`, no copy is deleted
    or let go: what is not back yet must not be taken for deleted.
    """
    from fedctl.backup.restoring import complete_restore, restore

    if bool(file) is complete:
        raise Misuse("name the file of a backup, or say --complete when everything is back")
    options = HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    if complete:
        complete_restore(options, dry_run=dry_run)
    else:
        restore(options, file, dry_run=dry_run)
