"""What a command is: its names, its flags, and the function that runs it."""

from collections.abc import Callable
from dataclasses import dataclass

from kubefedctl.pflag import Flag, Parsed


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command: what was typed, and how much is to be told."""

    parsed: Parsed
    verbosity: int


@dataclass(frozen=True, slots=True)
class Command:
    """One command, or with `commands` and no `run` a group of them.

    `usage` is what follows the name; `meaning` one line, `story` the whole; `example` a command line.
    """

    name: str
    meaning: str
    usage: str = ""
    story: str = ""
    example: str = ""
    flags: tuple[Flag, ...] = ()
    run: Callable[[Call], None] | None = None
    commands: tuple["Command", ...] = ()

    def child(self, name: str) -> "Command | None":
        """The command of that name below this one."""
        return next((each for each in self.commands if each.name == name), None)
