"""Counts what the controller wrote, by the API servers' own audit logs."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

_WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_COLUMNS = {"events": "events", "leases": "leases", "kubefedclusters": "cluster health"}


@dataclass(slots=True)
class AuditLog:
    """One API server's audit log, read from a mark on."""

    path: Path
    _from: int = 0

    def mark(self) -> None:
        """Count from here."""
        self._from = self.path.stat().st_size

    def writes(self, agent: str) -> Counter[str]:
        """Completed writes since the mark by clients whose User-Agent starts with `agent`, by column; and `conflicts`."""
        counts: Counter[str] = Counter()
        with self.path.open("rb") as log:
            log.seek(self._from)
            for line in log:
                event = _completed_write(line, agent)
                if event is None:
                    continue
                resource = event.get("objectRef", {}).get("resource", "")
                column = _COLUMNS.get(resource, "objects")
                counts[column] += 1
                if column == "objects" and event.get("responseStatus", {}).get("code") == 409:
                    counts["conflicts"] += 1
        return counts


def _completed_write(line: bytes, agent: str) -> dict[str, Any] | None:
    event: dict[str, Any] = orjson.loads(line)
    if event.get("stage") != "ResponseComplete" or event.get("verb") not in _WRITES:
        return None
    return event if event.get("userAgent", "").startswith(agent) else None
