"""What `fedctl version` takes."""

from enum import StrEnum
from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, HostContext, HostOptions, Kubeconfig, SystemNamespace
from fedctl.telling import plainly


class Form(StrEnum):
    """For programs instead of people."""

    json = "json"
    yaml = "yaml"


@plainly
def version(
    client: Annotated[bool, typer.Option("--client", help="Only this program's own; no cluster is asked.")] = False,
    output: Annotated[Form | None, typer.Option("--output", "-o", help="A form for programs.")] = None,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
) -> None:
    """Show the version of this program and, as far as the host knows them, of Kubernetes and the controller."""
    from fedctl.version.versions import show_versions

    host = None if client else HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    show_versions(host, output.value if output else "")
