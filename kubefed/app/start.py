"""From options to a running event loop: file limits, logs, the host's connection, signals."""

import asyncio
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import replace

from kubefed.app.options import Options
from kubefed.app.process import Process
from kubefed.app.shadow import ShadowRun
from kubefed.core.clock import SystemClock
from kubefed.core.markers import DEFAULT_NAMESPACE
from kubefed.kube.connection import Connection
from kubefed.kube.endpoint import https_url
from kubefed.kube.host import in_cluster, load_context, own_namespace
from kubefed.observe.logs import configure_logs
from kubefed.version import __version__

_WANTED_FILES = 65536  # one connection per watch: 500 members times a dozen kinds


def announce() -> None:
    """The first line on stdout, as KubeFed had it."""
    sys.stdout.write(f"KubeFed controller-manager version: {__version__}\n")
    sys.stdout.flush()


def start(options: Options) -> int:
    """Run one controller process and return its exit code. Raises Misconfigured."""
    configure_logs(options.verbosity)
    _raise_file_limit()
    namespace = options.namespace or own_namespace() or DEFAULT_NAMESPACE
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_run(replace(options, namespace=namespace), _host(options)))


async def _run(options: Options, connection: Connection) -> int:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    process = ShadowRun if options.shadow else Process
    return await process(options, connection, SystemClock()).run(stop)


def _host(options: Options) -> Connection:
    outside = options.kubeconfig or options.context
    host = load_context(options.kubeconfig, options.context).connection if outside else in_cluster()
    return replace(host, server=https_url(options.master)) if options.master else host


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """uvloop where there is one: a fifth of the memory per TLS stream."""
    with suppress(ImportError):
        import uvloop

        return uvloop.Loop
    return None


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED_FILES if hard == resource.RLIM_INFINITY else min(_WANTED_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
