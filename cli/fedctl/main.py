"""`fedctl`: which command is which function. The root of the command line."""

import typer

from fedctl.install.commands import install

app = typer.Typer(
    name="fedctl",
    help="Federate Kubernetes clusters: install, join, enable, federate, see.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.command("install")(install)


@app.callback()
def root() -> None:
    """Federate Kubernetes clusters: install, join, enable, federate, see."""


def main() -> None:
    """The entry point of the executable `fedctl`."""
    app(prog_name="fedctl")
