"""What `fedctl render` takes."""

from enum import StrEnum
from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, HostContext, HostOptions, Kubeconfig, Namespace, SystemNamespace
from fedctl.telling import Misuse, plainly


class Form(StrEnum):
    """How the copies are printed."""

    yaml = "yaml"
    json = "json"


@plainly
def render(
    kind: Annotated[str, typer.Argument(metavar="[KIND", help="Any name of the type: deployments, deploy.")] = "",
    name: Annotated[str, typer.Argument(metavar="NAME]", help="The federated object.")] = "",
    filename: Annotated[
        str,
        typer.Option(
            "--filename",
            "-f",
            metavar="FILE",
            help="Render what a file holds instead, for the KubeFedClusters in it; - is stdin.",
        ),
    ] = "",
    cluster: Annotated[str, typer.Option("--cluster", metavar="NAME", help="This cluster alone, selected or not.")] = "",
    output: Annotated[Form, typer.Option("--output", "-o", help="As YAML with comments, or as JSON.")] = Form.yaml,
    namespace: Namespace = "",
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
) -> None:
    """Print what is written to each cluster, and which entry of the overrides set which field. Writes nothing.

    With -f nobody is asked, unless the file has no KubeFedCluster and --cluster is left out: then those of the host count.
    """
    from fedctl.render.rendering import render_file, render_stored

    host = HostOptions(kubeconfig, host_cluster_context, kubefed_namespace)
    if bool(filename) == bool(kind and name):
        raise Misuse("say either KIND and NAME, or a file with -f")
    as_json = output is Form.json
    if filename:
        render_file(host, filename, cluster, as_json=as_json)
    else:
        render_stored(host, kind, namespace, name, cluster, as_json=as_json)
