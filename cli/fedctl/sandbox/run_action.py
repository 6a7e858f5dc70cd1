"""`fedctl sandbox run`: a command with a sandbox for as long as it runs, if wanted in a network of their own."""

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from fedctl.sandbox import actions, isolation, leash, netlink, telling
from fedctl.sandbox.lifecycle import Wish, up
from fedctl.sandbox.options import Shape
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.programs import Programs
from fedctl.sandbox.running import Sandbox

_NOT_FOUND, _NOT_EXECUTABLE, _SIGNALLED = 127, 126, 128  # as shells say it


def run(command: list[str], shape: Shape, *, servers: Path | None, isolated: bool, inside: bool) -> int:
    """Run a command with a sandbox and return its exit code; `inside` says that we are in the namespace already."""
    programs = actions.servers_for(servers)
    plan = actions.plan_of(shape).model_copy(update={"isolated": isolated})
    if isolated and not inside:
        _enter_namespace(["--servers", str(programs.path), *shape.options()], command)
    if isolated:
        netlink.bring_up_loopback()
    return _run_with_sandbox(plan, programs, command)


def _enter_namespace(options: list[str], command: list[str]) -> None:
    """Become the same command in a new namespace. The servers were found, or built, out here where there is a network."""
    again = leash.own_module("fedctl.sandbox", "run", "--isolated", "--inside", *options, "--", *command)
    entered = [*isolation.entrance(), *again]
    os.execvpe(entered[0], entered, leash.own_environment())  # noqa: S606 - unshare itself is what should run


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
