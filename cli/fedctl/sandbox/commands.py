"""`fedctl sandbox ...`: the commands. Each reads its options, calls the library and shows the result."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(name="sandbox", help="Real API servers on this machine.", no_args_is_help=True)

Name = Annotated[str, typer.Option("--name", help="Which sandbox.")]


@app.command()
def up(
    members: Annotated[int, typer.Option(help="How many member clusters.")] = 3,
    topology: Annotated[Path | None, typer.Option(help="A topology file instead.")] = None,
    name: Name = "default",
    controllers: Annotated[bool, typer.Option()] = True,
    scheduler: Annotated[bool, typer.Option()] = True,
    servers: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Start a sandbox."""
    from fedctl.sandbox import topology as topologies
    from fedctl.sandbox.plans import Plan
    from fedctl.sandbox.running import Sandbox

    shape = topologies.read(topology) if topology else topologies.of_members(members)
    plan = Plan.of(shape, controllers=controllers, scheduler=scheduler)
    sandbox = Sandbox.up(plan, name=name, servers=servers, watch=lambda cluster, stage: typer.echo(f"{cluster}: {stage}"))
    typer.echo(f"export KUBECONFIG={sandbox.kubeconfig}")


@app.command()
def down(name: Name = "default") -> None:
    """Remove a sandbox."""
    from fedctl.sandbox import lifecycle

    typer.echo("removed" if lifecycle.down(name) else "nothing to remove")


@app.command()
def kubeconfig(name: Name = "default") -> None:
    """Print the path of the kubeconfig."""
    from fedctl.sandbox.running import Sandbox

    typer.echo(Sandbox.attach(name).kubeconfig)
