"""`make compat`: runs the tests of every row on KubeFed's CRDs and on ours, and prints one line a row."""

import argparse
import sys
from pathlib import Path

from tests.compat.report import GUIDE, Verdict, explained, verdict
from tests.compat.rows import ROWS, Row
from tests.compat.runs import CRD_SETS, run


def main() -> int:
    """0 if every row is matched, or explained in the guide."""
    parser = argparse.ArgumentParser(prog="python -m tests.compat", description=__doc__)
    parser.add_argument("--row", type=int, action="append", help="only this row; can be given several times")
    chosen = parser.parse_args().row
    rows = [row for row in ROWS if not chosen or row.number in chosen]
    endings = {crds: run(crds, rows) for crds in CRD_SETS}
    excused = explained(Path(GUIDE).read_text(encoding="utf-8"))
    verdicts = [verdict(row, endings) for row in rows]
    print(f"\nKubeFed's checklist under trust Compatible, on CRDs of: {', '.join(CRD_SETS)}\n")
    for row, found in zip(rows, verdicts, strict=True):
        _print_row(row, found, excused=row.number in excused)
    open_rows = [row.number for row, found in zip(rows, verdicts, strict=True) if not found.matched]
    unexcused = [number for number in open_rows if number not in excused]
    matched, excuses = len(rows) - len(open_rows), len(open_rows) - len(unexcused)
    print(f"\n{matched} of {len(rows)} rows matched, {excuses} explained in {GUIDE}")
    return 1 if unexcused else 0


def _print_row(row: Row, found: Verdict, *, excused: bool) -> None:
    word = "matched" if found.matched else "explained" if excused else "UNMATCHED"
    counts = ", ".join(f"{crds} {count}" for crds, count in found.passed.items())
    print(f"{row.number:>2}  {word:<9}  {row.title}  ({counts}; vectors {found.vectors})")
    for problem in found.problems:
        print(f"      {problem}")


if __name__ == "__main__":
    sys.exit(main())
