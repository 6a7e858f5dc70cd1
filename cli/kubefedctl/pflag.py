"""Reads a command line as Go's pflag does, which scripts written for KubeFed rely on. Pure.

`--flag=value`, `--flag value`, `--switch`, `--switch=false`, `-f value`, `-f=value`, `-fvalue`, `-tc`; flags after
arguments; `--` ends them; `_` in a name stands for `-`. The sentences of errors are pflag's, because scripts show them.
"""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kubefed.api.durations import Duration

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})
_INTEGER = re.compile(r"[+-]?[0-9]+")
_SEVERITIES = ("INFO", "WARNING", "ERROR", "FATAL")
_PATTERN_LEVEL = re.compile(r"[^=,]+=[0-9]+")
_INT32 = 2**31
_UINT64 = 2**64


class BadFlag(ValueError):
    """What was typed cannot be read. The text is the whole sentence."""


class Kind(StrEnum):
    """What a flag takes, by pflag's name for it in help texts."""

    TEXT = "string"
    SWITCH = ""
    WORDS = "strings"
    LEVEL = "Level"
    UNSIGNED = "uint"
    DURATION = "duration"
    SEVERITY = "severity"
    PLACE = "traceLocation"
    PATTERNS = "moduleSpec"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. `default` is as a person would type it; `kept_quiet`: accepted, and in no help text."""

    name: str
    meaning: str
    kind: Kind = Kind.TEXT
    short: str = ""
    default: str = ""
    kept_quiet: bool = False

    @property
    def shown(self) -> str:
        """As errors name it."""
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"


@dataclass(slots=True)
class Parsed:
    """What was typed. Asking for a flag that the command does not have is a KeyError."""

    flags: Mapping[str, Flag]
    given: dict[str, list[str]] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """The last value given, or the default."""
        return (self.given.get(name) or [self.flags[name].default])[-1]

    def switch(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.text(name) in _TRUE

    def number(self, name: str) -> int:
        """The value of a flag that takes a whole number."""
        return int(self.text(name) or "0")

    def words(self, name: str) -> tuple[str, ...]:
        """All values given, each split at commas."""
        return tuple(word for text in self.given.get(name, ()) for word in _split(text))

    def was_given(self, name: str) -> bool:
        """Whether the flag was typed at all."""
        return name in self.given


def parse(typed: Sequence[str], flags: Sequence[Flag]) -> Parsed:
    """Read a command line. Raises BadFlag."""
    by_name = {flag.name: flag for flag in flags}
    by_short = {flag.short: flag for flag in flags if flag.short}
    parsed = Parsed(by_name)
    left = list(typed)
    while left:
        word = left.pop(0)
        if word == "--":
            parsed.arguments += left
            break
        if word.startswith("--"):
            _long(word[2:], left, by_name, parsed)
        elif word.startswith("-") and word != "-":
            _shorts(word, left, by_short, parsed)
        else:
            parsed.arguments.append(word)
    return parsed


def command_word(typed: Sequence[str], flags: Sequence[Flag]) -> int | None:
    """Where the first word is that is neither a flag nor the value of one, so far as `flags` tell; None without any."""
    switches = {flag.name for flag in flags if flag.kind is Kind.SWITCH}
    short_switches = {flag.short for flag in flags if flag.kind is Kind.SWITCH and flag.short}
    at = 0
    while at < len(typed):
        word = typed[at]
        if word == "--":
            return None
        if not word.startswith("-") or word == "-":
            return at
        is_long = word.startswith("--")
        takes_next = word[2:] not in switches if is_long else len(word) == 2 and word[1:] not in short_switches
        at += 2 if takes_next and "=" not in word else 1
    return None


def _long(body: str, left: list[str], by_name: Mapping[str, Flag], parsed: Parsed) -> None:
    if not body or body.startswith(("-", "=")):
        raise BadFlag(f"bad flag syntax: --{body}")
    typed_name, equals, value = body.partition("=")
    name = typed_name.replace("_", "-")
    flag = by_name.get(name)
    if flag is None:
        raise BadFlag(f"unknown flag: --{name}")
    if not equals:
        if flag.kind is Kind.SWITCH:
            value = "true"
        elif left:
            value = left.pop(0)
        else:
            raise BadFlag(f"flag needs an argument: --{name}")
    _set(parsed, flag, value)


def _shorts(word: str, left: list[str], by_short: Mapping[str, Flag], parsed: Parsed) -> None:
    cluster = word[1:]
    while cluster:
        letter, rest = cluster[0], cluster[1:]
        flag = by_short.get(letter)
        if flag is None:
            raise BadFlag(f"unknown shorthand flag: {letter!r} in -{cluster}")
        if len(rest) > 1 and rest.startswith("="):
            value, rest = rest[1:], ""
        elif flag.kind is Kind.SWITCH:
            value = "true"
        elif rest:
            value, rest = rest, ""
        elif left:
            value = left.pop(0)
        else:
            raise BadFlag(f"flag needs an argument: {letter!r} in -{cluster}")
        _set(parsed, flag, value)
        cluster = rest


def _set(parsed: Parsed, flag: Flag, value: str) -> None:
    if objection := _CHECKS[flag.kind](value):
        raise BadFlag(f'invalid argument "{value}" for "{flag.shown}" flag: {objection}')
    parsed.given.setdefault(flag.name, []).append(value)


# --- what each kind takes: each says what is wrong, or nothing -------------------------------------------------


def _any(_: str) -> str:
    return ""


def _switch(value: str) -> str:
    return "" if value in _TRUE | _FALSE else f'strconv.ParseBool: parsing "{value}": invalid syntax'


def _level(value: str) -> str:
    if not _INTEGER.fullmatch(value):
        return f'strconv.ParseInt: parsing "{value}": invalid syntax'
    return "" if -_INT32 <= int(value) < _INT32 else f'strconv.ParseInt: parsing "{value}": value out of range'


def _unsigned(value: str) -> str:
    return "" if value.isdecimal() and value.isascii() and int(value) < _UINT64 else "parse error"


def _duration(value: str) -> str:
    if value.isdecimal() and value != "0":
        return f'time: missing unit in duration "{value}"'
    try:
        Duration.parse(value)
    except ValueError:
        return f'time: invalid duration "{value}"'
    return ""


def _severity(value: str) -> str:
    return "" if value.upper() in _SEVERITIES else _level(value)


def _patterns(value: str) -> str:
    is_right = all(_PATTERN_LEVEL.fullmatch(each) for each in value.split(",") if each)
    return "" if is_right else "syntax error: expect comma-separated list of filename=N"


def _words(value: str) -> str:
    try:
        _split(value)
    except csv.Error:
        return f"parse error: {value!r} is no comma-separated list"
    return ""


def _split(text: str) -> list[str]:
    return next(csv.reader([text], strict=True), [])


_CHECKS: Mapping[Kind, Callable[[str], str]] = {
    Kind.TEXT: _any,
    Kind.SWITCH: _switch,
    Kind.WORDS: _words,
    Kind.LEVEL: _level,
    Kind.UNSIGNED: _unsigned,
    Kind.DURATION: _duration,
    Kind.SEVERITY: _severity,
    Kind.PLACE: _any,
    Kind.PATTERNS: _patterns,
}


def severity_of(text: str) -> int:
    """0 for INFO to 3 for FATAL, from a name or a number that was accepted."""
    return _SEVERITIES.index(text.upper()) if text.upper() in _SEVERITIES else int(text)
