"""How the commands speak to a person while they work: progress, and errors without tracebacks. Output goes to stderr."""

import errno
import functools
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar

import typer
from rich.console import Console

from fedctl.sandbox.errors import SandboxError

if TYPE_CHECKING:
    from fedctl.sandbox import building, launch

P = ParamSpec("P")
R = TypeVar("R")

aside = Console(stderr=True, highlight=False, soft_wrap=True)
"""For everything that is not the command's answer."""

_PLAIN_EVERY_S = 15.0


def plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Make a command say its errors as a sentence and what to do next, and exit with the error's own code."""

    @functools.wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SandboxError as fault:
            say_error(fault.what, fault.todo)
            raise typer.Exit(fault.exit_code) from None
        except OSError as fault:
            if fault.errno not in _OF_THE_MACHINE:
                raise
            where = f": {fault.filename}" if fault.filename else ""
            say_error(f"{fault.strerror}{where}", _OF_THE_MACHINE[fault.errno])
            raise typer.Exit(1) from None

    return told


_OF_THE_MACHINE = {
    errno.ENOSPC: "Free some disk, or put state and cache elsewhere with XDG_STATE_HOME and XDG_CACHE_HOME.",
    errno.EDQUOT: "Your quota is used up: free some disk, or use XDG_STATE_HOME and XDG_CACHE_HOME.",
    errno.EACCES: "Check who owns it; XDG_STATE_HOME and XDG_CACHE_HOME name other places.",
    errno.EROFS: "XDG_STATE_HOME and XDG_CACHE_HOME name other places.",
}


def say_error(what: str, todo: str = "") -> None:
    """Print an error and, under it, what to do."""
    aside.print("[bold red]Error:[/]", end=" ")
    aside.print(what, markup=False)
    if todo:
        aside.print(todo, markup=False)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the block as Ctrl-C does: with everything cleaned up behind it."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, _leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


@contextmanager
def build_progress() -> "Iterator[building.Watch]":
    """Show a build: a bar on a terminal, otherwise a line for each new phase and every 15 seconds."""
    if not aside.is_terminal:
        yield _PlainBuild().step
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=aside, transient=True) as bar:
        task = bar.add_task("building", total=None)
        yield lambda step: bar.update(task, description=step.doing, completed=step.done, total=step.total or None)


class _PlainBuild:
    """Lines for logs: phases when they change, counts every now and then."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._last_phase = ""
        self._last_line = 0.0

    def step(self, step: "building.Step") -> None:
        """Say it, or not."""
        now = time.monotonic()
        phase = step.doing.split(" ", 1)[0]
        if phase == self._last_phase and now - self._last_line < _PLAIN_EVERY_S:
            return
        self._last_phase, self._last_line = phase, now
        count = f" {step.done} of at most {step.total} packages" if step.total else ""
        aside.print(f"[{now - self._started:4.0f} s] {step.doing}{count}", markup=False)


@contextmanager
def start_progress() -> "Iterator[launch.Watch]":
    """Show clusters starting: one changing line each on a terminal, otherwise a line per stage."""
    started = time.monotonic()
    stages: dict[str, str] = {}
    if not aside.is_terminal:
        yield lambda cluster, stage: aside.print(f"[{time.monotonic() - started:4.1f} s] {cluster}: {stage}", markup=False)
        return
    from rich.live import Live
    from rich.table import Table

    with Live(console=aside, transient=True, refresh_per_second=8) as live:

        def watch(cluster: str, stage: str) -> None:
            stages[cluster] = f"[green]{stage}[/]" if stage == "ready" else stage
            grid = Table.grid(padding=(0, 2))
            for name, reached in stages.items():
                grid.add_row(f"  {name}", reached)
            live.update(grid)

        yield watch
