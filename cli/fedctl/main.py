"""`fedctl`: which command is which function. The root of the command line."""

import typer

from fedctl.enable.commands import disable, enable
from fedctl.get.commands import get
from fedctl.install.commands import install
from fedctl.join.commands import join

app = typer.Typer(
    name="fedctl",
    help="Federate Kubernetes clusters: install, join, enable, federate, see.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.command("install")(install)
app.command("join")(join)
app.command("enable")(enable)
app.command("disable")(disable)
app.command("get")(get)


@app.callback()
def root() -> None:
    """Federate Kubernetes clusters: install, join, enable, federate, see."""


def main() -> None:
    """The entry point of the executable `fedctl`."""
    app(prog_name="fedctl")
