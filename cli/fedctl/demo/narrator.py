"""How the demo speaks: numbered steps with their times, commands as they are typed, what was found to be true."""

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fedctl import tables, telling
from fedctl.tables import Cell


@dataclass(slots=True)
class Narrator:
    """Tells one demo. Plain lines where the output is no terminal; nothing but tables is ever folded."""

    steps: int
    _console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    _times: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step, with the time that it took."""
        self._line(f"\n[{len(self._times) + 1}/{self.steps}] {title}", "bold")
        began = time.monotonic()
        yield
        taken = time.monotonic() - began
        self._times.append((title, taken))
        self._line(f"      {taken:.1f} s", tables.FAINT)

    def command(self, text: str) -> None:
        """A command that is about to run."""
        self._line(f"  $ {text}", "cyan")

    def found(self, text: str) -> None:
        """Something that was checked and is true."""
        self._console.print(Text.assemble(("  ok  ", tables.GOOD), telling.plain(text)))

    def note(self, text: str) -> None:
        """Something to know."""
        self._line(f"  {telling.plain(text)}")

    def say(self, text: str) -> None:
        """A line as it is."""
        self._line(telling.plain(text) if text else "")

    def table(self, columns: list[str], rows: list[list[Cell]]) -> None:
        """Facts side by side."""
        self.show(tables.table(columns, rows))

    def show(self, drawn: Table) -> None:
        """A table, with some air around it."""
        self._line("")
        telling.show(drawn)
        self._line("")
        sys.stdout.flush()

    def busy(self, text: str) -> AbstractContextManager[object]:
        """Something that takes a moment: shown as such on a terminal."""
        return self._console.status(telling.plain(text), spinner="line") if self._console.is_terminal else nullcontext()

    def total_s(self) -> float:
        """The time of all steps so far."""
        return sum(taken for _, taken in self._times)

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style))
