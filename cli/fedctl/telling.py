"""How commands speak to a person: results to stdout, everything else to stderr, errors without tracebacks.

Whatever comes from an object goes through `plain` first: a name or a message must not move the cursor, change colours or
turn text around on somebody's terminal.
"""

import functools
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

import typer

from kubefed.core.errors import (
    AlreadyExists,
    ApiError,
    Forbidden,
    KubefedError,
    NotFound,
    OutcomeUnknown,
    Stale,
    Unauthenticated,
    Unintelligible,
    Unreachable,
)

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

P = ParamSpec("P")
R = TypeVar("R")

_LONGEST_SERVER_MESSAGE = 600
_UNFOLDED = 10_000
_UNSHOWN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, invisible and direction-changing characters, lone surrogates, and what no terminal knows how to draw."""


def plain(text: str) -> str:
    """The text with every character that could act on a terminal written as its escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if unicodedata.category(char) in _UNSHOWN_CATEGORIES else char for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii") if char.isascii() else f"\\u{ord(char):04x}"


class Voice(Protocol):
    """How a command line says what the commands' modules have to tell."""

    def say(self, text: str) -> None:
        """A line of the command's result."""

    def show(self, renderable: "RenderableType") -> None:
        """A table or the like, as part of the result."""

    def note(self, text: str) -> None:
        """A line beside the result: what is going on, and what to know about it."""

    def warn(self, text: str) -> None:
        """Something that works but should not stay so."""


class Person:
    """fedctl's voice: to whoever sits at the terminal."""

    def say(self, text: str) -> None:
        """To stdout."""
        sys.stdout.write(f"{plain_lines(text)}\n")

    def show(self, renderable: "RenderableType") -> None:
        """To stdout. Colours only on a terminal; nowhere else is a line ever folded."""
        from rich.console import Console

        sys.stdout.flush()
        if sys.stdout.isatty():
            terminal = Console(highlight=False)
            _fit(renderable, terminal)
            terminal.print(renderable)
            return
        sys.stdout.write("".join(f"{line}\n" for line in lines_of(renderable)))

    def note(self, text: str) -> None:
        """To stderr."""
        sys.stdout.flush()
        sys.stderr.write(f"{plain_lines(text)}\n")

    def warn(self, text: str) -> None:
        """To stderr, headed."""
        _headed("Warning:", "33", text)


_VOICE: ContextVar[Voice] = ContextVar("voice", default=Person())  # noqa: B039 - it holds nothing


@contextmanager
def speaking_with(voice: Voice) -> Iterator[None]:
    """Whatever is told within the block is told by this voice."""
    before = _VOICE.set(voice)
    try:
        yield
    finally:
        _VOICE.reset(before)


def say(text: str) -> None:
    """A line of the command's result."""
    _VOICE.get().say(text)


def show(renderable: "RenderableType") -> None:
    """A table or the like, as part of the result."""
    _VOICE.get().show(renderable)


def note(text: str) -> None:
    """A line beside the result: what is going on, and what to know about it."""
    _VOICE.get().note(text)


def warn(text: str) -> None:
    """Something that works but should not stay so."""
    _VOICE.get().warn(text)


def lines_of(renderable: "RenderableType") -> list[str]:
    """The lines of a table or the like, without colours and however long."""
    from rich.console import Console

    console = Console(highlight=False, width=_UNFOLDED, no_color=True)
    with console.capture() as captured:
        console.print(renderable)
    return [line.rstrip() for line in captured.get().splitlines()]


def _fit(renderable: "RenderableType", terminal: "Console") -> None:
    """Fold every column of a table that is too wide, which would lose columns and ends of words otherwise."""
    from rich.measure import Measurement
    from rich.table import Table

    if not isinstance(renderable, Table):
        return
    endless = terminal.options.update_width(_UNFOLDED)
    if Measurement.get(terminal, endless, renderable).minimum > terminal.width:
        for column in renderable.columns:
            column.no_wrap, column.overflow = False, "fold"


def say_error(what: str, todo: str = "") -> None:
    """An error and, under it, what to do."""
    _headed("Error:", "1;31", what)
    if todo:
        note(todo)


def _headed(head: str, colour: str, text: str) -> None:
    coloured = f"\x1b[{colour}m{head}\x1b[0m" if sys.stderr.isatty() else head
    sys.stdout.flush()
    sys.stderr.write(f"{coloured} {plain_lines(text)}\n")


def plain_lines(text: str) -> str:
    """The text line by line, each plain."""
    return "\n".join(map(plain, text.split("\n")))


def plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Make a command say its errors as a sentence and what to do next, and exit with 1; 130 after Ctrl-C."""

    @functools.wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except KubefedError as fault:
            say_error(*in_words(fault))
            raise typer.Exit(1) from None
        except BrokenPipeError:
            sys.stderr.close()  # whoever read our output has gone; Python would complain while it exits
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            note("Interrupted. What has been said to be done is done; the command can be run again.")
            raise typer.Exit(130) from None

    return told


def place_of(bug: BaseException) -> str:
    """Where an exception was raised: `copies.py:83`. Never its text, which may quote what must not be shown."""
    trace = bug.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"


def in_words(fault: KubefedError) -> tuple[str, str]:
    """What happened, and what to do about it."""
    if not isinstance(fault, ApiError):
        return str(fault), ""
    message = "" if _may_quote_a_credential(fault) else fault.server_message[:_LONGEST_SERVER_MESSAGE]
    return f"{fault}\n{message}" if message else str(fault), _todo(fault)


def _may_quote_a_credential(fault: ApiError) -> bool:
    """A server that refuses a Secret quotes from it."""
    return "/secrets" in fault.request or fault.request.endswith("/token")


def _todo(fault: ApiError) -> str:
    if isinstance(fault, NotFound) and fault.reason != "NotFound":
        return "The cluster does not serve this type. On the host: fedctl install; elsewhere, install its CRD."
    return next((todo for kind, todo in _TODO.items() if isinstance(fault, kind)), "")


_TODO: dict[type[ApiError], str] = {
    Unreachable: "The cluster did not answer: check that it runs, and the context's address, network and proxy.",
    OutcomeUnknown: "The connection broke before the answer: it may have been done. Look, then run the command again.",
    Unauthenticated: "The cluster does not accept the context's credentials: log in again, or use another context.",
    Forbidden: "The context's user lacks the rights for this: use another context, or ask for them.",
    NotFound: "Check the name and the namespace.",
    Stale: "Somebody else changed it at the same moment: run the command again.",
    AlreadyExists: "",
    Unintelligible: "What answered is no Kubernetes API server: check the context's address and proxy.",
}


class Misuse(typer.BadParameter):
    """An error in what was typed: shown below the command's usage, with exit code 2."""

    def format_message(self) -> str:
        """The sentence alone: no single parameter is to blame."""
        return plain(self.message)
