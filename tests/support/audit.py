"""What was asked of an API server, by its own audit log."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

_WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_COLUMNS = {"events": "events", "leases": "leases", "kubefedclusters": "cluster health"}
CONTROLLER = "kubefed/"
"""How the controller's User-Agent begins. That of each write goes on with the leadership it was made under."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request that was answered. `received_at` is when the server got it.

    `sent` and `answer` are the bodies, where the server's audit policy keeps them.
    """

    received_at: datetime
    answered_at: datetime
    verb: str
    uri: str
    group: str
    resource: str
    subresource: str
    namespace: str
    name: str
    agent: str
    user: str
    code: int
    sent: dict[str, Any]
    answer: dict[str, Any]

    @property
    def writes(self) -> bool:
        """Whether it asked for a change."""
        return self.verb in _WRITES

    @property
    def changed(self) -> bool:
        """Whether it did change something."""
        return self.writes and 200 <= self.code < 300

    @property
    def column(self) -> str:
        """What it was about: objects, events, leases or cluster health."""
        return _COLUMNS.get(self.resource, "objects")

    @property
    def leadership(self) -> int:
        """The number of the leadership under which the controller made it; 0 for what needs none."""
        return int(self.agent.partition(" leader=")[2] or 0)


@dataclass(slots=True)
class AuditLog:
    """One API server's audit log, read from a mark on."""

    path: Path
    _from: int = 0

    def mark(self) -> None:
        """Count from here."""
        self._from = self.path.stat().st_size

    def requests(self, agent: str = CONTROLLER) -> Iterator[Request]:
        """Every answered request since the mark by clients whose User-Agent starts with `agent`, in the log's order."""
        with self.path.open("rb") as log:
            log.seek(self._from)
            for line in log:
                if not line.endswith(b"\n"):
                    return
                event = orjson.loads(line)
                if event.get("stage") == "ResponseComplete" and event.get("userAgent", "").startswith(agent):
                    yield _request(event)

    def writes(self, agent: str = CONTROLLER) -> Counter[str]:
        """How many writes there were since the mark, by column; and `conflicts`."""
        counts: Counter[str] = Counter()
        for request in self.requests(agent):
            if request.writes:
                counts[request.column] += 1
                if request.column == "objects" and request.code == 409:
                    counts["conflicts"] += 1
        return counts


def _request(event: dict[str, Any]) -> Request:
    about = event.get("objectRef") or {}
    return Request(
        received_at=datetime.fromisoformat(event["requestReceivedTimestamp"]),
        answered_at=datetime.fromisoformat(event["stageTimestamp"]),
        verb=event["verb"],
        uri=event.get("requestURI", ""),
        group=about.get("apiGroup", ""),
        resource=about.get("resource", ""),
        subresource=about.get("subresource", ""),
        namespace=about.get("namespace", ""),
        name=about.get("name", ""),
        agent=event.get("userAgent", ""),
        user=(event.get("user") or {}).get("username", ""),
        code=(event.get("responseStatus") or {}).get("code", 0),
        sent=event.get("requestObject") or {},
        answer=event.get("responseObject") or {},
    )
