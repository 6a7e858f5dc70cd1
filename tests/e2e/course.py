"""A course in Markdown as a person takes it: one shell, each command typed in turn, what is printed held against the page.

In blocks called `console`, `$ ` begins a command and the lines under it are what it prints; `...` stands for anything.
A block called `docker` is for people who have it.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROMPT, _ANYTHING = "$ ", "..."
_EXIT_CODE = re.compile(r"^\[exit code (\d+)\]$")
_READS = re.compile(r"^(kubectl|kubefedctl) .*\b(get|status)\b")
_WITHIN_S = 60.0
_PAUSE_S = 0.3
_END = "the-command-has-ended"


@dataclass(frozen=True, slots=True)
class Step:
    """One command, what it prints, and how it ends."""

    command: str
    printed: str
    code: int = 0

    @property
    def only_looks(self) -> bool:
        """Whether it can be typed again until what it shows has come about, as people do."""
        return _READS.match(self.command) is not None

    def shows(self, output: str) -> bool:
        """Whether this output is what the page says. Blanks count as one; a page that says nothing expects nothing."""
        pieces = [re.escape(" ".join(piece.split())) for piece in self.printed.split(_ANYTHING)]
        return re.fullmatch(r"\s*.*?\s*".join(pieces), " ".join(output.split()), re.DOTALL) is not None


def blocks_of(page: str) -> list[tuple[str, str]]:
    """Every fenced block: what it is called, and its text."""
    return [(match.group(1), match.group(2)) for match in _BLOCK.finditer(page)]


def steps_of(page: str) -> list[Step]:
    """Every command of the page, in order."""
    return [step for name, text in blocks_of(page) if name == "console" for step in _steps(text)]


def _steps(block: str) -> Iterator[Step]:
    for part in f"\n{block}".split(f"\n{_PROMPT}")[1:]:
        command, *lines = part.rstrip("\n").split("\n")
        code = _EXIT_CODE.match(lines[-1]) if lines else None
        yield Step(command, "\n".join(lines[:-1] if code else lines), int(code.group(1)) if code else 0)


class Shell:
    """A shell that remembers variables and background jobs from one command to the next."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "--norc"],
            cwd=directory,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def types(self, command: str) -> tuple[int, str]:
        """Run a command; its exit code and everything it printed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\ncode=$?\necho\necho {_END} $code\n")
        self._process.stdin.flush()
        lines = []
        for line in self._process.stdout:
            if line.startswith(_END):
                break
            lines.append(line)
        return int(line.removeprefix(_END)), "".join(lines)

    def end(self) -> None:
        """End it, and what it left running."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@contextmanager
def a_shell(directory: Path, environment: Mapping[str, str]) -> Iterator[Shell]:
    """A shell for the length of a block."""
    shell = Shell(directory, environment)
    try:
        yield shell
    finally:
        shell.end()


def follow(shell: Shell, step: Step) -> None:
    """Type a command until it has done what the page says. Fails with what was printed last."""
    deadline = time.monotonic() + _WITHIN_S
    while True:
        code, output = shell.types(step.command)
        if code == step.code and step.shows(output):
            return
        may_come = step.only_looks and time.monotonic() < deadline
        assert may_come, f"$ {step.command}\n{output}[exit code {code}]\n\nexpected:\n{step.printed}"
        time.sleep(_PAUSE_S)
