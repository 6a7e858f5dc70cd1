"""What a person needs to see of a program's log without opening it. Reads files; no processes."""

import re
from pathlib import Path

_STACK = re.compile(r"goroutine \d+ ")
_ENTRY = re.compile(r"[IWEF]\d{4} |\{|\d{4}-\d\d-\d\d|panic: ")
"""How a new entry begins: klog's, JSON, a date, a panic."""

_TAIL_LINES, _LONGEST_LINE = 15, 300


def tail(log: Path) -> str:
    """The last lines of a log, indented, without stack traces."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "  (it printed nothing)"
    return "\n".join(f"  {line[:_LONGEST_LINE]}" for line in without_stacks(lines)[-_TAIL_LINES:])


def without_stacks(lines: list[str]) -> list[str]:
    """The lines that no Go stack trace takes up: traces hide the sentence before them that says why."""
    kept, in_stack = [], False
    for line in lines:
        in_stack = _STACK.match(line) is not None or (in_stack and _ENTRY.match(line) is None)
        if line and not in_stack:
            kept.append(line)
    return kept
