"""`fedctl sandbox ...`: which command is which function."""

import typer

from fedctl.sandbox import cluster_commands, run_commands, sandbox_commands
from fedctl.sandbox.cluster_commands import PASS_THROUGH

app = typer.Typer(
    name="sandbox",
    help="Real Kubernetes API servers on this machine: a host and members to try things on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.command("up")(sandbox_commands.up)
app.command("status")(sandbox_commands.show_status)
app.command("kubeconfig")(cluster_commands.kubeconfig)
app.command("kubectl", context_settings=PASS_THROUGH)(cluster_commands.kubectl)
app.command("down")(sandbox_commands.down)
app.command("run", context_settings=PASS_THROUGH)(run_commands.run)
app.command("stop")(cluster_commands.stop)
app.command("start")(cluster_commands.start)
app.command("pause")(cluster_commands.pause)
app.command("resume")(cluster_commands.resume)
app.command("logs")(cluster_commands.logs)
app.command("topology")(sandbox_commands.show_topology)
app.command("build")(sandbox_commands.build)
