"""Structured logs: one line a decision, JSON for machines, short columns for a person at a terminal.

Fields given as `extra` are part of the line. Control characters from objects never reach a terminal.
"""

import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

import orjson

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_QUIET = ("kopf", "aiohttp", "asyncio", "kubernetes", "urllib3")


def configure_logs(verbosity: int, stream: TextIO | None = None) -> None:
    """Send logs to `stream` (stderr): from `verbosity` 4 on, as klog counts, with our own debug lines."""
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(_TerminalFormatter() if target.isatty() else _JSONFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("kubefed").setLevel(logging.DEBUG if verbosity >= _DEBUG_FROM else logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


_DEBUG_FROM = 4


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """What was given as `extra`. Only plain values: other libraries attach whole objects to their records."""
    given = ((name, value) for name, value in vars(record).items() if name not in _STANDARD)
    return {name: value for name, value in given if isinstance(value, str | int | float) and value != ""}


def _moment(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


class _JSONFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record. Tracebacks are left out: their text may hold values."""
        line = {
            "time": _moment(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        return orjson.dumps(line, default=str).decode()


class _TerminalFormatter(logging.Formatter):
    """`12:34:56 INFO  create copy  type=configmaps object=shop/web cluster=member1`."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record."""
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        text = f"{_moment(record):%H:%M:%S} {record.levelname:<7} {record.getMessage()}  {fields}".rstrip()
        return "".join(character if character.isprintable() else "?" for character in text)
