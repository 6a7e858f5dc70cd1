"""Conditions of exports and imports, with the words of the Multi-Cluster Services API. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kubefed.core.clock import rfc3339
from kubefed.services.facts import Trouble
from kubefed.services.merging import Conflict
from kubefed.services.offers import Refusal
from kubefed.services.records import Condition, ExportRecord

VALID, READY, CONFLICT = "Valid", "Ready", "Conflict"
TRUE, FALSE, UNKNOWN = "True", "False", "Unknown"
_LONGEST_MESSAGE = 1_024
_FAMILY_FIELDS = ("spec.ipFamil", "spec.clusterIPs", "spec.ipFamilyPolicy")


def refused(export: ExportRecord, refusal: Refusal, now: datetime) -> tuple[Condition, ...]:
    """The conditions of an export that is not published."""
    found = _Conditions(export, now)
    if refusal.valid:
        found.say(VALID, TRUE, "Valid", "")
        found.say(READY, FALSE, refusal.reason, refusal.message)
    else:
        found.say(VALID, FALSE, refusal.reason, refusal.message)
        found.say(READY, FALSE, "Failed", "the export is not valid")
    found.say(CONFLICT, FALSE, "NoConflicts", "")
    return found.all()


def published(
    export: ExportRecord,
    conflicts: Sequence[Conflict],
    remarks: Iterable[str],
    problem: str,
    now: datetime,
    *,
    settled: bool,
    everywhere: bool = True,
) -> tuple[Condition, ...]:
    """The conditions of a valid export.

    `problem` is why it does not reach every cluster; `settled` whether there is nothing left to write. Until then a Ready
    that was said before stands. So does a failure while not `everywhere` can be written: it may be there that it is.
    """
    found = _Conditions(export, now)
    found.say(VALID, TRUE, "Valid", "")
    if problem:
        found.say(READY, FALSE, "Failed", problem)
    elif settled and (everywhere or not found.is_false(READY)):
        found.say(READY, TRUE, "Exported", "; ".join(remarks))
    elif not found.has(READY):
        found.say(READY, UNKNOWN, "Pending", "imports are being written")
    if conflicts:
        reasons = ",".join(conflict.reason for conflict in conflicts)
        found.say(CONFLICT, TRUE, reasons, "; ".join(conflict.message for conflict in conflicts))
    else:
        found.say(CONFLICT, FALSE, "NoConflicts", "")
    return found.all()


def import_ready(
    stored: Sequence[Condition], has_address: bool, troubles: Iterable[Trouble], generation: int, now: datetime
) -> tuple[Condition, ...]:
    """The conditions of an import. As long as nothing is known of why it has no address, what was said before stands."""
    found = _Conditions(None, now, stored, generation)
    about_service = next((each for each in troubles if each.about == "services"), None)
    if has_address:
        found.say(READY, TRUE, "Ready", "")
    elif about_service is None:
        if not found.has(READY):
            found.say(READY, FALSE, "Pending", "the import has no address yet")
    elif about_service.field.startswith(_FAMILY_FIELDS):
        found.say(READY, FALSE, "IPFamilyNotSupported", about_service.explanation)
    else:
        found.say(READY, FALSE, "Pending", f"its Service cannot be written: {about_service.explanation}")
    return found.all()


class _Conditions:
    """Conditions as they were, and as they are to be. Types that are not ours stay."""

    def __init__(
        self, export: ExportRecord | None, now: datetime, stored: Sequence[Condition] = (), generation: int = 0
    ) -> None:
        self._now = rfc3339(now)
        self._generation = export.generation if export is not None else generation
        before = export.conditions if export is not None else stored
        self._by_type: dict[str, Condition] = {each.type: each for each in before}

    def has(self, kind: str) -> bool:
        """Whether anything has been said about this."""
        return kind in self._by_type

    def is_false(self, kind: str) -> bool:
        """Whether this was denied."""
        return self.has(kind) and self._by_type[kind].status == FALSE

    def say(self, kind: str, status: str, reason: str, message: str) -> None:
        """A condition; its time is that of the last change of its status."""
        before = self._by_type.get(kind)
        since = before.last_transition_time if before is not None and before.status == status else self._now
        text = message if len(message) <= _LONGEST_MESSAGE else f"{message[: _LONGEST_MESSAGE - 1]}…"
        self._by_type[kind] = Condition(kind, status, reason, text, since, self._generation)

    def all(self) -> tuple[Condition, ...]:
        """Everything, in the order in which it was first said."""
        return tuple(self._by_type.values())


def written(conditions: Iterable[Condition]) -> list[Mapping[str, Any]]:
    """As a status holds them."""
    return [
        {
            "type": each.type,
            "status": each.status,
            "reason": each.reason,
            "message": each.message,
            "lastTransitionTime": each.last_transition_time,
            "observedGeneration": each.observed_generation,
        }
        for each in conditions
    ]
