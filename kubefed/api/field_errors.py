"""What is wrong with a field, said as Kubernetes says it."""

import dataclasses
import json
from enum import StrEnum
from typing import Any


class Mistake(StrEnum):
    """A kind of mistake; the value is what the cause in a metav1.Status is called."""

    REQUIRED = "FieldValueRequired"
    INVALID = "FieldValueInvalid"
    NOT_SUPPORTED = "FieldValueNotSupported"
    DUPLICATE = "FieldValueDuplicate"

    @property
    def words(self) -> str:
        """What people read."""
        return _WORDS[self]


_WORDS = {
    Mistake.REQUIRED: "Required value",
    Mistake.INVALID: "Invalid value",
    Mistake.NOT_SUPPORTED: "Unsupported value",
    Mistake.DUPLICATE: "Duplicate value",
}


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake in one field.

    `str` leaves the value out and is safe in logs, events and statuses. `for_author` contains it, as KubeFed's messages
    did, and is for the person who just wrote it: the answer of a webhook, the output of a command.
    """

    mistake: Mistake
    field: str
    detail: str = ""
    value_text: str = dataclasses.field(default="", repr=False)

    def __str__(self) -> str:
        return self._message("")

    def for_author(self) -> str:
        """The message with the value in it, unless the value may hold credentials."""
        return self._message(self.value_text)

    def _message(self, value_text: str) -> str:
        return ": ".join(part for part in (self.field, self.mistake.words, value_text, self.detail) if part)


def required(path: str) -> FieldError:
    """The field must have a value."""
    return FieldError(Mistake.REQUIRED, path)


def invalid(path: str, value: Any, detail: str) -> FieldError:
    """The value cannot be."""
    return FieldError(Mistake.INVALID, path, detail, _value_text(value))


def invalid_secretively(path: str, detail: str) -> FieldError:
    """The value cannot be, and it may hold credentials, so that nobody is shown it."""
    return FieldError(Mistake.INVALID, path, detail)


def not_supported(path: str, value: str, supported: tuple[str, ...]) -> FieldError:
    """The value is not one of the known ones."""
    known = ", ".join(json.dumps(one) for one in supported)
    return FieldError(Mistake.NOT_SUPPORTED, path, f"supported values: {known}", _value_text(value))


def duplicate(path: str, value: str) -> FieldError:
    """The value is there already."""
    return FieldError(Mistake.DUPLICATE, path, value_text=_value_text(value))


def _value_text(value: Any) -> str:
    """A value as Kubernetes' messages show it, but never more than a line of it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


_LONGEST_VALUE = 200
