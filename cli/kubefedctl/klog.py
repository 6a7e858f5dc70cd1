"""Messages as klog writes them, and fedctl's words among them: `I0102 15:04:05.000000    1234 joining.py:42] ...`."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fedctl.telling import Person, Voice, lines_of, plain_lines, speaking_with
from kubefedctl.pflag import Parsed, severity_of

if TYPE_CHECKING:
    from rich.console import RenderableType

STEPS = 2
"""The verbosity from which on each step is told, as KubeFed did."""
_LEVELS = (logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
_LETTERS = dict(zip(_LEVELS, "IWEF", strict=True))
_LOG = logging.getLogger("kubefedctl")
_OF_THE_TELLER = 4
"""From where a message is logged up to who told it: through the voice, and through fedctl.telling."""


@dataclass(frozen=True, slots=True)
class Header:
    """How each message begins."""

    skipped: bool = False
    with_directory: bool = False


class Formatter(logging.Formatter):
    """klog's line: severity and date, time to the microsecond, process, place."""

    def __init__(self, header: Header) -> None:
        super().__init__()
        self._header = header

    def format(self, record: logging.LogRecord) -> str:
        """One message, with whatever could act on a terminal escaped."""
        text = plain_lines(record.getMessage())
        if self._header.skipped:
            return text
        moment = datetime.fromtimestamp(record.created, UTC).astimezone()
        path = Path(record.pathname)
        place = f"{path.parent.name}/{path.name}" if self._header.with_directory else path.name
        letter = _LETTERS[record.levelno]
        return f"{letter}{moment:%m%d %H:%M:%S.%f} {record.process:7d} {place}:{record.lineno}] {text}"


@contextmanager
def logging_as_told(parsed: Parsed) -> Iterator[int]:
    """Log as the flags say; the verbosity. Raises OSError when the log file cannot be written."""
    handlers = _handlers(parsed)
    formatter = Formatter(Header(parsed.switch("skip-headers"), parsed.switch("add-dir-header")))
    _LOG.setLevel(logging.INFO)
    _LOG.propagate = False
    for handler in handlers:
        handler.setFormatter(formatter)
        _LOG.addHandler(handler)
    try:
        yield parsed.number("v")
    finally:
        for handler in handlers:
            _LOG.removeHandler(handler)
            handler.close()


def _handlers(parsed: Parsed) -> Sequence[logging.Handler]:
    stderr = logging.StreamHandler(sys.stderr)
    file = parsed.text("log-file") or (parsed.text("log-dir") and str(Path(parsed.text("log-dir"), "kubefedctl.INFO")))
    if parsed.switch("logtostderr") or not file:
        return [stderr]
    if not parsed.switch("alsologtostderr"):
        threshold = severity_of(parsed.text("stderrthreshold"))
        stderr.setLevel(_LEVELS[min(max(threshold, 0), len(_LEVELS) - 1)])
    return [logging.FileHandler(file, encoding="utf-8"), stderr]


def info(text: str) -> None:
    """A message at every verbosity."""
    _LOG.info("%s", text, stacklevel=2)


def fatal(text: str) -> None:
    """The line that klog ends a program with. Ending it is the caller's."""
    _LOG.critical("%s", text, stacklevel=2)


@contextmanager
def speaking(verbosity: int, *, prints: bool) -> Iterator[None]:
    """What fedctl's modules tell meanwhile goes to the log; with `prints`, results go to stdout."""
    with speaking_with(_Logged(verbosity, Person() if prints else None)):
        yield


@dataclass(frozen=True, slots=True)
class _Logged:
    """Notes from verbosity 2 on, warnings always."""

    verbosity: int
    results: Voice | None

    def say(self, text: str) -> None:
        if self.results is not None:
            self.results.say(text)
        else:
            self._step(text)

    def show(self, renderable: "RenderableType") -> None:
        if self.results is not None:
            self.results.show(renderable)
        elif self.verbosity >= STEPS:
            self._step("\n".join(lines_of(renderable)))

    def note(self, text: str) -> None:
        self._step(text)

    def warn(self, text: str) -> None:
        _LOG.warning("%s", text, stacklevel=_OF_THE_TELLER - 1)

    def _step(self, text: str) -> None:
        if self.verbosity >= STEPS:
            _LOG.info("%s", text.strip("\n"), stacklevel=_OF_THE_TELLER)
