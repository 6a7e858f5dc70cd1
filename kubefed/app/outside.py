"""What our processes take from the machine they run on: the way to the host cluster, and the signals that end them."""

import asyncio
import signal
from dataclasses import replace

from kubefed.core.markers import DEFAULT_NAMESPACE
from kubefed.kube.connection import Connection
from kubefed.kube.endpoint import https_url
from kubefed.kube.host import in_cluster, load_context, own_namespace


def host_connection(kubeconfig: str, context: str, master: str) -> Connection:
    """The way to the host: by a kubeconfig if one or a context is named, otherwise as a pod. Raises Misconfigured.

    `master` replaces the server's address.
    """
    host = load_context(kubeconfig, context).connection if kubeconfig or context else in_cluster()
    return replace(host, server=https_url(master)) if master else host


def system_namespace(named: str) -> str:
    """The namespace of the federation: as `named`, else the pod's own, else KubeFed's."""
    return named or own_namespace() or DEFAULT_NAMESPACE


def stop_at_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, for the running loop."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    return stop
