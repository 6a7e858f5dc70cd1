"""Durations as Go writes them: `20s`, `1m30s`, `1.5h`. KubeFedConfig is full of them."""

import re
from dataclasses import dataclass
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A length of time with Go's precision and range. `str` gives Go's canonical form: `90s` is written as `1m30s`."""

    nanoseconds: int

    @classmethod
    def of(cls, seconds: float) -> Self:
        """A duration from seconds."""
        return cls(round(seconds * _SECOND))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read Go's form: decimal numbers, each with a unit, and an optional sign. Raises ValueError for anything else."""
        if not isinstance(text, str):
            raise TypeError("a duration is a string")
        sign, amount = (text[0], text[1:]) if text[:1] in {"+", "-"} else ("", text)
        if amount == "0":
            return cls(0)
        if len(amount) > _LONGEST_TEXT or not _DURATION.fullmatch(amount):
            raise ValueError('not a duration such as "1m30s"')
        nanoseconds = sum(_nanoseconds(*term) for term in _TERM.findall(amount))
        if nanoseconds > _LONGEST:
            raise ValueError("a duration of more than 292 years")
        return cls(-nanoseconds if sign == "-" else nanoseconds)

    @property
    def seconds(self) -> float:
        """The duration in seconds."""
        return self.nanoseconds / _SECOND

    def __str__(self) -> str:
        sign, rest = ("-", -self.nanoseconds) if self.nanoseconds < 0 else ("", self.nanoseconds)
        if rest < _SECOND:
            return sign + _below_a_second(rest)
        minutes, nanoseconds = divmod(rest, 60 * _SECOND)
        hours, minutes = divmod(minutes, 60)
        seconds = f"{_decimal(nanoseconds, _SECOND)}s"
        if hours:
            return f"{sign}{hours}h{minutes}m{seconds}"
        return f"{sign}{minutes}m{seconds}" if minutes else sign + seconds

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Models take the text or a Duration and write the canonical text."""
        return core_schema.no_info_plain_validator_function(cls._read, serialization=core_schema.to_string_ser_schema())

    @classmethod
    def _read(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        try:
            return cls.parse(value)
        except (TypeError, ValueError):
            raise PydanticCustomError("duration", 'should be a duration such as "1m30s"') from None

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string"}


def _nanoseconds(whole: str, fraction: str, unit: str) -> int:
    """One term of a duration. The fraction goes through a float, as in Go, so that a third of an hour is 20m."""
    size = _UNITS[unit]
    return int(whole or "0") * size + int(float(fraction or "0") * (size / 10.0 ** len(fraction)))


def _below_a_second(nanoseconds: int) -> str:
    """Go shows these in the largest unit that leaves a digit before the point; zero is `0s`."""
    if nanoseconds == 0:
        return "0s"
    unit = next(unit for unit in ("ms", "\u00b5s", "ns") if nanoseconds >= _UNITS[unit])
    return f"{_decimal(nanoseconds, _UNITS[unit])}{unit}"


def _decimal(amount: int, unit: int) -> str:
    whole, rest = divmod(amount, unit)
    digits = f"{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)


_SECOND = 1_000_000_000
_UNITS = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,
    "\u03bcs": 1_000,
    "ms": 1_000_000,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}
"""Go reads microseconds with the micro sign, the Greek letter and a plain u, and writes the micro sign."""
_TERM = re.compile(rf"([0-9]*)\.?([0-9]*)({'|'.join(_UNITS)})")
_DURATION = re.compile(rf"(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:{'|'.join(_UNITS)}))+")
_LONGEST = (1 << 63) - 1
_LONGEST_TEXT = 64
"""Longer than any duration a person writes; bounds the work on text from an API object."""
