"""What `fedctl enable` and `fedctl disable` take."""

from pathlib import Path
from typing import Annotated

import typer

from fedctl.options import (
    SYSTEM_NAMESPACE,
    DryRun,
    HostContext,
    HostOptions,
    Kubeconfig,
    SystemNamespace,
    YamlOutput,
)
from fedctl.telling import Misuse, plainly

FederatedGroup = Annotated[
    str, typer.Option("--federated-group", metavar="GROUP", help="The API group of the federated type.")
]
FederatedVersion = Annotated[
    str, typer.Option("--federated-version", metavar="VERSION", help="The API version of the federated type.")
]
TargetVersion = Annotated[
    str, typer.Option("--version", metavar="VERSION", help="The version of the type. Default: the preferred one.")
]
TypeName = Annotated[
    str,
    typer.Argument(metavar="TYPE", help="Kind, plural, singular or short name; with its group where that is needed."),
]
_GROUP, _VERSION = "types.kubefed.io", "v1beta1"


@plainly
def enable(
    name: TypeName = "",
    federated_group: FederatedGroup = _GROUP,
    federated_version: FederatedVersion = _VERSION,
    version: TargetVersion = "",
    filename: Annotated[
        Path | None, typer.Option("--filename", "-f", metavar="FILE", help="An EnableTypeDirective instead of options.")
    ] = None,
    output: Annotated[
        YamlOutput | None, typer.Option("--output", "-o", help="Print what would be written, and write nothing.")
    ] = None,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Federate a type of objects: make its federated CRD, and have the controller propagate it."""
    from fedctl.enable.directive import Directive, read_directive
    from fedctl.enable.enabling import enable, print_manifests

    if bool(name) == bool(filename):
        raise Misuse("name the TYPE, or a file with -f")
    directive = read_directive(filename) if filename else Directive(name, version, federated_group, federated_version)
    host = HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    if output is YamlOutput.yaml:
        print_manifests(host, directive)
    else:
        enable(host, directive, dry_run=dry_run)


@plainly
def disable(
    name: TypeName,
    delete_crd: Annotated[
        bool, typer.Option("--delete-crd", help="Also delete the federated CRD; refused while it has objects.")
    ] = False,
    federated_group: FederatedGroup = _GROUP,
    version: TargetVersion = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Stop federating a type. Copies in the members stay as they are."""
    from fedctl.enable.disabling import Wish, disable

    host = HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    disable(host, Wish(name, version, federated_group, delete_crd=delete_crd), dry_run=dry_run)
