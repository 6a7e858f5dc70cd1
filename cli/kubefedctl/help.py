"""Help texts, laid out as those of Go's cobra. Pure."""

from collections.abc import Iterable, Sequence

from kubefedctl.command import Command
from kubefedctl.flags import HELP, LOGGING
from kubefedctl.pflag import Flag, Kind


def help_text(path: Sequence[Command]) -> str:
    """What `--help` prints for the last of `path`, which begins at the root."""
    command = path[-1]
    return f"{command.story or command.meaning}\n\n{usage_text(path)}"


def usage_text(path: Sequence[Command]) -> str:
    """The same without the story: what follows an error in what was typed."""
    command = path[-1]
    full_name = " ".join(each.name for each in path)
    lines = ["Usage:", f"  {' '.join(filter(None, (full_name, command.usage)))} [flags]"]
    if command.commands:
        lines += [f"  {full_name} [command]", "", "Available Commands:", *_commands(command.commands)]
    if command.example:
        lines += ["", "Examples:", f"  {command.example}"]
    own = (*command.flags, HELP)
    if len(path) == 1:
        lines += ["", "Flags:", *flag_lines((*own, *LOGGING))]
    else:
        lines += ["", "Flags:", *flag_lines(own), "", "Global Flags:", *flag_lines(LOGGING)]
    if command.commands:
        lines += ["", f'Use "{full_name} [command] --help" for more information about a command.']
    return "\n".join(lines) + "\n"


def _commands(commands: Iterable[Command]) -> list[str]:
    ordered = sorted(commands, key=lambda each: each.name)
    width = max(len(each.name) for each in ordered)
    return [f"  {each.name.ljust(width)} {each.meaning}" for each in ordered]


def flag_lines(flags: Iterable[Flag]) -> list[str]:
    """One line a flag, sorted by name."""
    shown = sorted((flag for flag in flags if not flag.kept_quiet), key=lambda flag: flag.name)
    heads = [_head(flag) for flag in shown]
    width = max(map(len, heads))
    return [f"{head.ljust(width)}   {flag.meaning}{_default(flag)}" for head, flag in zip(heads, shown, strict=True)]


def _head(flag: Flag) -> str:
    short = f"-{flag.short}, " if flag.short else "    "
    return f"  {short}--{flag.name} {flag.kind}".rstrip()


def _default(flag: Flag) -> str:
    if not flag.default:
        return ""
    return f' (default "{flag.default}")' if flag.kind is Kind.TEXT else f" (default {flag.default})"
