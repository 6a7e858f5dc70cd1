"""Structured logs: one line a decision, JSON for machines, short columns for a person at a terminal.

Fields given as `extra` are part of the line. Control characters from objects never reach a terminal. What other libraries
say is told by its place and the kind of its exception alone: their texts may hold values of objects, and tokens.
"""

import json
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
    logging.raiseExceptions = False  # a record that cannot be formatted would be printed with all its arguments
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("kubefed").setLevel(logging.DEBUG if verbosity >= _DEBUG_FROM else logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


_DEBUG_FROM = 4


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """What was given as `extra`. Only plain values: other libraries attach whole objects to their records."""
    if not _is_ours(record):
        kind = record.exc_info[0] if record.exc_info else None
        return {"where": f"{record.module}:{record.lineno}", **({"error": kind.__name__} if kind else {})}
    given = ((name, value) for name, value in vars(record).items() if name not in _STANDARD)
    return {name: value for name, value in given if isinstance(value, str | int | float) and value != ""}


def _message(record: logging.LogRecord) -> str:
    return record.getMessage() if _is_ours(record) else f"{record.name} reports a problem"


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] == "kubefed"


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
            "message": _message(record),
            **_fields(record),
        }
        try:
            return orjson.dumps(line).decode()
        except TypeError:  # half a surrogate pair, or a number of more than 64 bits
            return json.dumps(line, ensure_ascii=False).encode("utf-8", "replace").decode()


class _TerminalFormatter(logging.Formatter):
    """`12:34:56 INFO  create copy  type=configmaps object=shop/web cluster=member1`."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record."""
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        text = f"{_moment(record):%H:%M:%S} {record.levelname:<7} {_message(record)}  {fields}".rstrip()
        return "".join(character if character.isprintable() else "?" for character in text)
