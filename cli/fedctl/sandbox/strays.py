"""Processes of a sandbox that no state file names any more: the maker was killed between starting and recording one.

They are recognised by their command line, which names the sandbox's directory. The rule is pure; `find` asks the system.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from fedctl.sandbox import processes
from fedctl.sandbox.processes import ProcessId
from fedctl.sandbox.servers import PROGRAMS

_OWN_MODULES = "fedctl.sandbox."


def belongs_to(directory: Path, arguments: Sequence[str]) -> bool:
    """Whether a command line is that of a server, or of a helper of ours, that works in this sandbox's directory.

    A person's editor or `tail -f` in that directory is neither.
    """
    is_server = any(os.path.basename(argument) in PROGRAMS for argument in arguments[:2])  # noqa: PTH119 - text, not a path of ours
    is_helper = any(argument.startswith(_OWN_MODULES) for argument in arguments[1:4])
    inside = f"{directory}/"
    names_it = any(argument == str(directory) or inside in argument for argument in arguments)
    return (is_server or is_helper) and names_it


def find(directory: Path) -> list[ProcessId]:
    """Every process of this sandbox that runs now, but for the one that asks."""
    running = processes.all_with_arguments()
    pids = [pid for pid, arguments in running.items() if belongs_to(directory, arguments) and pid != os.getpid()]
    return [process for pid in pids if (process := processes.identify(pid)) is not None]
