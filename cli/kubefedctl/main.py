"""`kubefedctl`: finds the command, and ends as KubeFed's did.

Exit code 1 for what cannot be read as a command line, 255 with a fatal line in the log for whatever goes wrong later.
"""

import difflib
import os
import sys
from collections.abc import Sequence

from fedctl.telling import in_words, place_of, plain, plain_lines
from kubefed.core.errors import KubefedError
from kubefedctl import klog
from kubefedctl.command import Call, Command
from kubefedctl.federating import FEDERATE
from kubefedctl.flags import HELP, LOGGING
from kubefedctl.getting import GET
from kubefedctl.help import help_text, usage_text
from kubefedctl.membership import JOIN, UNJOIN
from kubefedctl.orphaning import ORPHANING_DELETION
from kubefedctl.pflag import BadFlag, Parsed, command_word, parse
from kubefedctl.types import DISABLE, ENABLE
from kubefedctl.versions import VERSION

_HELP_COMMAND = Command(
    name="help", meaning="Help about any command", usage="[command]", story="Shows the flags of a command."
)
ROOT = Command(
    name="kubefedctl",
    meaning="Federates Kubernetes clusters, in the words of KubeFed's command line.",
    commands=(DISABLE, ENABLE, FEDERATE, GET, _HELP_COMMAND, JOIN, ORPHANING_DELETION, UNJOIN, VERSION),
)
_FATAL, _MISTYPED, _INTERRUPTED = 255, 1, 130
_TRACEBACK = "FEDCTL_TRACEBACK"


def run(typed: Sequence[str]) -> int:
    """Run one command line. Returns the exit code."""
    path, rest = _found(typed)
    command = path[-1]
    if command is _HELP_COMMAND:
        return _help_about(rest)
    if len(path) == 1 and (at := command_word(rest, (HELP, *LOGGING))) is not None:
        return _unknown_command(rest[at])
    try:
        parsed = parse(rest, (*command.flags, HELP, *LOGGING))
    except BadFlag as mistake:
        sys.stderr.write(plain_lines(f"Error: {mistake}\n{usage_text(path)}\n{mistake}\n"))
        return _MISTYPED
    if parsed.switch(HELP.name) or command.run is None:
        sys.stdout.write(help_text(path))
        return 0
    return _run(command, parsed)


def _found(typed: Sequence[str]) -> tuple[list[Command], list[str]]:
    """The commands from the root to the one that was named, and all that is left of the line without their names."""
    path, rest = [ROOT], list(typed)
    while path[-1].commands:
        at = command_word(rest, (HELP, *LOGGING))
        child = path[-1].child(rest[at]) if at is not None else None
        if at is None or child is None:
            break
        path.append(child)
        del rest[at]
    return path, rest


def _help_about(typed: Sequence[str]) -> int:
    names = [word for word in typed if not word.startswith("-")]
    path, rest = _found(names)
    if rest:
        sys.stderr.write(plain_lines(f"Unknown help topic {' '.join(names)!r}\n{usage_text([ROOT])}"))
    else:
        sys.stdout.write(help_text(path))
    return 0


def _unknown_command(word: str) -> int:
    sentence = plain(f'unknown command "{word}" for "{ROOT.name}"')
    known = difflib.get_close_matches(word.lower(), [each.name for each in ROOT.commands], n=1)
    if known:
        sentence += "\n\nDid you mean this?\n" + "".join(f"\t{name}\n" for name in known)
    sys.stderr.write(f"Error: {sentence}\nRun '{ROOT.name} --help' for usage.\n{sentence}\n")
    return _MISTYPED


def _run(command: Command, parsed: Parsed) -> int:
    try:
        with klog.logging_as_told(parsed) as verbosity:
            return _logged(command, Call(parsed, verbosity))
    except OSError as fault:
        sys.stderr.write(plain_lines(f"log: exiting because of error: {fault.strerror}: {fault.filename}\n"))
        return _FATAL


def _logged(command: Command, call: Call) -> int:
    try:
        if command.run is not None:
            command.run(call)
    except KubefedError as fault:
        klog.fatal(f"Error: {' '.join(filter(None, in_words(fault)))}")
        return _FATAL
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; Python would complain while it exits
        return _FATAL
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as bug:
        if os.environ.get(_TRACEBACK):
            raise
        klog.fatal(f"Error: kubefedctl has a bug: {type(bug).__name__} in {place_of(bug)}. {_TRACEBACK}=1 shows more")
        return _FATAL
    return 0


def main() -> None:
    """The entry point of the executable `kubefedctl`."""
    sys.exit(run(sys.argv[1:]))
