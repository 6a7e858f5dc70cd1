"""What `fedctl demo up` and `fedctl demo down` take."""

from pathlib import Path
from typing import Annotated

import typer

from fedctl.sandbox.options import Servers
from fedctl.telling import plainly

app = typer.Typer(
    name="demo",
    help="A federation of real API servers, shown step by step.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Contexts = Annotated[
    str,
    typer.Option(
        "--contexts",
        envvar="DEMO_CONTEXTS",
        metavar="HOST,MEMBER,MEMBER...",
        help="Contexts of your kubeconfig to use instead of a sandbox: the host first, then the members.",
    ),
]


@app.command("up")
@plainly
def up(contexts: Contexts = "", servers: Servers = None) -> None:
    """Start a host and three members, federate them, and show what a federation does. The clusters stay."""
    from fedctl.demo.performance import perform

    perform([each.strip() for each in contexts.split(",") if each.strip()], _absolute(servers))


@app.command("down")
@plainly
def down() -> None:
    """Remove what the demo made: the sandbox, or its objects in the clusters that it was shown on."""
    from fedctl.demo.teardown import remove

    remove()


def _absolute(path: Path | None) -> Path | None:
    return path.expanduser().absolute() if path else None
