"""What `fedctl federate` takes, in this form and in kubefedctl's."""

from typing import Annotated

import typer

from fedctl.options import (
    SYSTEM_NAMESPACE,
    DryRun,
    HostContext,
    HostOptions,
    Kubeconfig,
    Namespace,
    SystemNamespace,
    YamlOutput,
)
from fedctl.telling import Misuse, plainly

Words = Annotated[list[str] | None, typer.Argument(metavar="[resource] TYPE NAME", help="The type and name of the object.")]


@plainly
def federate(
    words: Words = None,
    namespace: Namespace = "",
    contents: Annotated[
        bool, typer.Option("--contents", "-c", help="For a namespace: federate what is in it as well.")
    ] = False,
    skip_api_resources: Annotated[
        str, typer.Option("--skip-api-resources", "-s", metavar="LIST", help="Types or groups to leave out of contents.")
    ] = "",
    enable_type: Annotated[
        bool, typer.Option("--enable-type", "-t", help="Enable the type first, where it is not federated yet.")
    ] = False,
    filename: Annotated[
        str,
        typer.Option("--filename", "-f", metavar="FILE", help="Objects from a file (- for stdin); prints, asks nobody."),
    ] = "",
    output: Annotated[
        YamlOutput | None, typer.Option("--output", "-o", help="Print the federated object, and create nothing.")
    ] = None,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
    dry_run: DryRun = False,
) -> None:
    """Make a federated object out of an ordinary one of the host, placed in all clusters.

    The object itself stays as it is. With -o yaml or -f, the federated object is printed: to be edited, and applied.
    """
    if bool(words) == bool(filename):
        raise Misuse("name the TYPE and NAME of an object, or a file with -f")
    if filename:
        from fedctl.federate.files import print_federated

        print_federated(filename)
        return
    from fedctl.federate.federating import Wish, federate

    if enable_type and output:
        raise Misuse("-t writes and -o does not: use one of them")
    type_name, name = object_of(words or [])
    skipped = tuple(filter(None, (each.strip() for each in skip_api_resources.split(","))))
    wish = Wish(type_name, name, namespace, contents, skipped, enable_type, prints=output is YamlOutput.yaml)
    federate(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), wish, dry_run=dry_run)


def object_of(words: list[str]) -> tuple[str, str]:
    """Type and name out of `resource TYPE NAME` or `TYPE NAME`."""
    match words:
        case ["resource", type_name, name] | [type_name, name]:
            return type_name, name
        case _:
            raise Misuse(f"expected `resource TYPE NAME` or `TYPE NAME`, got: {' '.join(words)}")
