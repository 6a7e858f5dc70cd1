"""The table a person reads, and whether every row is in its range."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.rows import Measured, Verdict

_COLOURS = {Verdict.OK: "green", Verdict.SLOW: "red", Verdict.SHOWN: "dim"}


def show(results: Sequence[Measured], title: str, console: Console) -> bool:
    """Print the table; False when a row is out of its range."""
    table = Table(title=title, title_justify="left", caption_justify="left")
    for heading in ("what", "kubefed", "range", "bare flow", "KubeFed 0.11.3", "Karmada 1.18", ""):
        table.add_column(heading, justify="left" if heading in ("what", "") else "right")
    for result in results:
        row = result.row
        table.add_row(
            row.name,
            _number(result.value, row.unit),
            _range(result),
            "-" if result.floor is None else _number(result.floor, row.unit),
            row.kubefed,
            row.karmada,
            f"[{_COLOURS[result.verdict]}]{result.verdict}[/]",
        )
    console.print(table)
    return all(result.verdict is not Verdict.SLOW for result in results)


def _range(result: Measured) -> str:
    row = result.row
    limits = [] if row.most is None else [f"<= {_number(row.most, row.unit)}"]
    if row.most_of_floor is not None:
        limits.append(f"<= {row.most_of_floor:g} x bare")
    return " or ".join(limits) or "-"


def _number(value: float, unit: str) -> str:
    digits = 0 if value == int(value) or value >= 100 else 1
    return f"{value:.{digits}f} {unit}".rstrip()
