"""What `fedctl doctor` takes."""

from typing import Annotated

import typer

from fedctl.options import SYSTEM_NAMESPACE, HostContext, HostOptions, Kubeconfig, SystemNamespace
from fedctl.telling import plainly


@plainly
def doctor(
    kubefed: Annotated[
        bool, typer.Option("--kubefed", help="Look at a KubeFed that controls this host, before its place is taken.")
    ] = False,
    kubeconfig: Kubeconfig = "",
    host_cluster_context: HostContext = "",
    kubefed_namespace: SystemNamespace = SYSTEM_NAMESPACE,
) -> None:
    """Look for what is wrong, or should not stay so, and say what to do about it. Reads the host only; writes nothing.

    Ends with 1 when there is a problem, with 0 when there are at most warnings and notes.
    """
    from fedctl.doctor.examining import examine

    if examine(HostOptions(kubeconfig, host_cluster_context, kubefed_namespace), kubefed=kubefed):
        raise typer.Exit(1)
