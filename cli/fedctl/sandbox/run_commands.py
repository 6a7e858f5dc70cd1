"""`fedctl sandbox run`: a command with a sandbox for as long as it runs, if wanted in a network of their own."""

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from fedctl.sandbox import isolation, leash, netlink, sandbox_commands, telling
from fedctl.sandbox.lifecycle import Wish, up
from fedctl.sandbox.options import Members, Servers, TopologyFile
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.programs import Programs
from fedctl.sandbox.running import Sandbox

_NOT_FOUND, _NOT_EXECUTABLE, _SIGNALLED = 127, 126, 128  # as shells say it


@telling.plainly
def run(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND...", help="What to run; KUBECONFIG is set for it.")],
    members: Members = None,
    topology: TopologyFile = None,
    controllers: Annotated[bool, typer.Option(help="Run a kube-controller-manager in every cluster.")] = True,
    scheduler: Annotated[bool, typer.Option(help="Run schedulers, and simulate nodes and pods. Needs controllers.")] = True,
    servers: Servers = None,
    isolated: Annotated[
        bool, typer.Option("--isolated", help="In a network namespace of their own, where pods have real addresses. Linux.")
    ] = False,
    inside: Annotated[bool, typer.Option("--inside", hidden=True, help="We are in that namespace.")] = False,
) -> None:
    """Run a command with a sandbox of its own, which is removed when the command ends. Its exit code is passed on."""
    programs = sandbox_commands.servers_for(servers)
    shape = sandbox_commands.shape_of(members, topology)
    plan = Plan.of(shape, controllers=controllers, scheduler=scheduler).model_copy(update={"isolated": isolated})
    if isolated and not inside:
        _enter_namespace(
            ["--servers", str(programs.path), *_shape_options(members, topology), *_program_options(plan)], command
        )
    if isolated:
        netlink.bring_up_loopback()
    raise typer.Exit(_run_with_sandbox(plan, programs, command))


def _enter_namespace(options: list[str], command: list[str]) -> None:
    """Become the same command in a new namespace. The servers were found, or built, out here where there is a network."""
    again = leash.own_module("fedctl.sandbox", "run", "--isolated", "--inside", *options, "--", *command)
    entered = [*isolation.entrance(), *again]
    os.execvpe(entered[0], entered, leash.own_environment())  # noqa: S606 - unshare itself is what should run


def _shape_options(members: int | None, topology: Path | None) -> list[str]:
    counted = [] if members is None else ["--members", str(members)]
    return counted if topology is None else [*counted, "--topology", str(topology)]


def _program_options(plan: Plan) -> list[str]:
    controllers = "--controllers" if plan.controllers else "--no-controllers"
    return [controllers, "--scheduler" if plan.scheduler else "--no-scheduler"]


def _run_with_sandbox(plan: Plan, programs: Programs, command: list[str]) -> int:
    name = f"run-{os.getpid()}-{secrets.token_hex(2)}"
    with telling.interruptible():
        with telling.start_progress() as watch:
            sandbox = Sandbox.made(up(Wish(name, plan, programs, owned=True), watch))
        with sandbox:
            return _run(command, {**os.environ, "KUBECONFIG": str(sandbox.kubeconfig), "KUBEFED_SANDBOX": name})


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run a command as a shell would: its exit code, or 128 + the signal that ended it, or 126 or 127."""
    try:
        child = subprocess.Popen(command, env=environment)
    except FileNotFoundError:
        telling.say_error(f"{command[0]}: command not found")
        return _NOT_FOUND
    except PermissionError:
        telling.say_error(f"{command[0]}: not executable")
        return _NOT_EXECUTABLE
    with _handing_signals_to(child):
        code = child.wait()
    return code if code >= 0 else _SIGNALLED - code


@contextmanager
def _handing_signals_to(child: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Ctrl-C reaches the child from the terminal and is its to handle; other ends are handed on. We stay to clean up."""

    def hand_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    before = {number: signal.signal(number, hand_on) for number in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
