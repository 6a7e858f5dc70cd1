"""From options to a running event loop: file limits, logs, the host's connection, signals."""

import asyncio
import resource
import sys
from contextlib import suppress
from dataclasses import replace

from kubefed.app.options import Options
from kubefed.app.outside import host_connection, stop_at_signals, system_namespace
from kubefed.app.process import Process
from kubefed.app.shadow import ShadowRun
from kubefed.core.clock import SystemClock
from kubefed.kube.connection import Connection
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
    settled = replace(options, namespace=system_namespace(options.namespace))
    host = host_connection(options.kubeconfig, options.context, options.master)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_run(settled, host))


async def _run(options: Options, connection: Connection) -> int:
    process = ShadowRun if options.shadow else Process
    return await process(options, connection, SystemClock()).run(stop_at_signals())


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
