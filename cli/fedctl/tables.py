"""Tables as all commands draw them: no frame, bold heads, and text that is never taken for markup. Pure."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from fedctl.telling import plain

Cell = str | tuple[str, str]
"""A text, or a text and its style."""

GOOD, WARN, BAD, FAINT = "green", "yellow", "red", "dim"


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """A table whose cells say what they were given and nothing else."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        drawn.add_column(column, overflow="fold", no_wrap=column not in _MAY_FOLD)
    for row in rows:
        drawn.add_row(*map(cell, row))
    return drawn


def cell(content: Cell) -> Text:
    """One cell. What is empty shows as a dash."""
    text, style = (content, "") if isinstance(content, str) else content
    return Text(plain(text) or "-", style)


_MAY_FOLD = frozenset({"MESSAGE", "LAST ERROR", "WHAT", "ZONES", "LABELS", "CLUSTERS", "WHY", "TO DO"})
"""Columns of sentences and lists; names stay whole."""
