"""`fedctl`: which command is which function. The root of the command line.

Nothing heavy is imported here or by the `commands` modules: `fedctl --help` answers in the time that Python and typer
take, and each command loads what it needs when it runs.
"""

import os
import sys
from importlib import import_module

import typer

from fedctl import telling
from fedctl.approve.commands import approve
from fedctl.backup.commands import backup, restore
from fedctl.describe.commands import describe
from fedctl.doctor.commands import doctor
from fedctl.enable.commands import disable, enable
from fedctl.export.commands import export, unexport
from fedctl.federate.commands import federate
from fedctl.freeze.commands import freeze, unfreeze
from fedctl.get.commands import get
from fedctl.install.commands import install
from fedctl.join.commands import join
from fedctl.orphaning.commands import orphaning_deletion
from fedctl.render.commands import render
from fedctl.uninstall.commands import uninstall
from fedctl.unjoin.commands import unjoin
from fedctl.upgrade.commands import upgrade
from fedctl.version.commands import version

app = typer.Typer(
    name="fedctl",
    help="Federate Kubernetes clusters: install, join, enable, federate, see.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
_TRACEBACK = "FEDCTL_TRACEBACK"
_WHOLE_COMMAND_LINE = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}

app.command("install")(install)
app.command("uninstall")(uninstall)
app.command("join")(join)
app.command("unjoin")(unjoin)
app.command("upgrade")(upgrade)
app.command("enable")(enable)
app.command("disable")(disable)
app.command("federate")(federate)
app.command("export")(export)
app.command("unexport")(unexport)
app.command("get")(get)
app.command("describe")(describe)
app.command("orphaning-deletion")(orphaning_deletion)
app.command("doctor")(doctor)
app.command("render")(render)
app.command("freeze")(freeze)
app.command("unfreeze")(unfreeze)
app.command("approve")(approve)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("version")(version)


@app.callback()
def root() -> None:
    """Federate Kubernetes clusters: install, join, enable, federate, see."""


@app.command("sandbox", context_settings=_WHOLE_COMMAND_LINE, add_help_option=False)
def sandbox(context: typer.Context) -> None:
    """Real Kubernetes API servers on this machine: a host and members to try things on."""
    _hand_over("fedctl.sandbox.commands", context)


@app.command("demo", context_settings=_WHOLE_COMMAND_LINE, add_help_option=False)
def demo(context: typer.Context) -> None:
    """A federation of real API servers, shown step by step."""
    _hand_over("fedctl.demo.commands", context)


def _hand_over(module: str, context: typer.Context) -> None:
    """Let another command line of its own take all that follows, `--help` included."""
    import_module(module).app(context.args, prog_name=context.command_path)


def main() -> None:
    """The entry point of the executable `fedctl`."""
    try:
        app(prog_name="fedctl")
    except Exception as bug:
        if os.environ.get(_TRACEBACK):
            raise
        telling.say_error(
            f"fedctl has a bug: {type(bug).__name__} in {telling.place_of(bug)}",
            f"Please report it, with what {_TRACEBACK}=1 shows in addition.",
        )
        sys.exit(1)
