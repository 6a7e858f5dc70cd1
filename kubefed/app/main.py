"""The command line of the controller's image: `kubefed controller-manager` and `kubefed webhook`."""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from kubefed.app.klog import without_klog
from kubefed.app.options import Options
from kubefed.core.errors import Misconfigured
from kubefed.version import __version__

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

_BOUNDED = "Accepted and without effect: each server gets a bounded number of requests at once, and is waited for."


@app.callback()
def root() -> None:
    """kubefed, the federation controller."""


@app.command("controller-manager")
def controller_manager(
    kubefed_namespace: Annotated[
        str, typer.Option(help="The system namespace. Default: the pod's own, or kube-federation-system.")
    ] = "",
    kubeconfig: Annotated[str, typer.Option(help="The host's kubeconfig. Default: the pod's service account.")] = "",
    context: Annotated[str, typer.Option(help="The kubeconfig's context. Default: its current one.")] = "",
    healthz_addr: Annotated[str, typer.Option(help="Where /healthz and /readyz are served.")] = ":8080",
    metrics_addr: Annotated[str, typer.Option(help="Where /metrics is served.")] = ":9090",
    liveness_addr: Annotated[str, typer.Option(help="Where /livez is served, by a thread of its own.")] = ":8081",
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Write nothing: print the writes that would be made, and end.")
    ] = False,
    master: Annotated[str, typer.Option(help="The host's API server, instead of the kubeconfig's.")] = "",
    kubefed_config: Annotated[str, typer.Option(help="A file with a KubeFedConfig, read instead of the host's.")] = "",
    rest_config_qps: Annotated[float, typer.Option(help=_BOUNDED)] = 100.0,  # noqa: ARG001 - KubeFed's flag
    rest_config_burst: Annotated[int, typer.Option(help=_BOUNDED)] = 200,  # noqa: ARG001 - KubeFed's flag
    v: Annotated[int, typer.Option("--v", help="Log verbosity, as klog counts it; 4 and more show details.")] = 2,
    version_only: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Run the controller until it is told to stop (exit code 0) or loses its leadership (1)."""
    from kubefed.app.start import announce, start  # the imports of a controller take half a second

    announce()
    if version_only:
        return
    options = Options(
        namespace=kubefed_namespace,
        kubeconfig=kubeconfig,
        context=context,
        master=master,
        config_file=kubefed_config,
        healthz_address=healthz_addr,
        metrics_address=metrics_addr,
        liveness_address=liveness_addr,
        verbosity=v,
        shadow=shadow,
    )
    raise typer.Exit(_guarded(lambda: start(options)))


@app.command("webhook")
def webhook(
    kubefed_namespace: Annotated[
        str, typer.Option(help="The system namespace. Default: the pod's own, or kube-federation-system.")
    ] = "",
    kubeconfig: Annotated[str, typer.Option(help="The host's kubeconfig. Default: the pod's service account.")] = "",
    context: Annotated[str, typer.Option(help="The kubeconfig's context. Default: its current one.")] = "",
    master: Annotated[str, typer.Option(help="The host's API server, instead of the kubeconfig's.")] = "",
    secure_port: Annotated[int, typer.Option(min=1, max=65535, help="The port that is served, with TLS.")] = 8443,
    cert_dir: Annotated[
        str, typer.Option(help="A directory with tls.crt and tls.key, read again when they change. Default: makes its own.")
    ] = "",
    url: Annotated[
        str, typer.Option(help="Where API servers reach it outside the cluster: https://HOST:PORT. Default: its Service.")
    ] = "",
    v: Annotated[int, typer.Option("--v", help="Log verbosity, as klog counts it; 4 and more show details.")] = 2,
    version_only: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Judge what is written into the host, until it is told to stop (exit code 0)."""
    from kubefed.app.webhook import WebhookOptions, announce, start_webhook

    announce()
    if version_only:
        return
    options = WebhookOptions(
        namespace=kubefed_namespace,
        kubeconfig=kubeconfig,
        context=context,
        master=master,
        secure_port=secure_port,
        cert_dir=cert_dir,
        url=url.rstrip("/"),
        verbosity=v,
    )
    raise typer.Exit(_guarded(lambda: start_webhook(options)))


@app.command()
def version() -> None:
    """Print the version."""
    sys.stdout.write(f"kubefed version: {__version__}\n")


def main() -> None:
    """The entry point of the executable `kubefed`."""
    app(args=without_klog(sys.argv[1:]))


def _guarded(run: Callable[[], int]) -> int:
    """What a person must mend is one line, not a traceback."""
    try:
        return run()
    except Misconfigured as problem:
        sys.stderr.write(f"Error: {problem}\n")
        return 1
    except KeyboardInterrupt:
        return 130
