"""Kills the controller around one chosen write: at a proxy, before the write goes on or after it was answered."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from tests.chaos.proxy.messages import Answered, Asked
from tests.chaos.proxy.server import Cut, Exchange, Fault

_NOT_COUNTED = frozenset({"leases", "events", "kubefedclusters"})
"""What is written by the clock rather than because of an object, so that no two runs write it alike."""


class Moment(Enum):
    """When the controller dies."""

    BEFORE = "before"
    """The write never reaches the server."""
    AFTER = "after"
    """The server has done it and nobody hears of it."""


@dataclass(frozen=True, slots=True, order=True)
class Write:
    """One write of a reference run: what it is whatever its namespace is called, and the how manieth of its like."""

    cluster: str
    verb: str
    path: str
    number: int

    def __str__(self) -> str:
        return f"{self.cluster} {self.verb} {self.path} #{self.number}"


@dataclass
class Ledger:
    """The writes of one run so far, over all proxies."""

    namespace: str
    seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    writes: list[Write] = field(default_factory=list)

    def enter(self, cluster: str, asked: Asked) -> Write | None:
        """Count a request; None when it is no write of an object of this run."""
        parts = asked.path.split("/")
        if not asked.is_write or not _NOT_COUNTED.isdisjoint(parts):
            return None
        creates_namespace = asked.verb == "POST" and parts[-1] == "namespaces" and self.namespace.encode() in asked.body
        if self.namespace not in parts and not creates_namespace:
            return None
        kind = (cluster, asked.verb, "/".join("NAMESPACE" if part == self.namespace else part for part in parts))
        self.seen[kind] += 1
        write = Write(*kind, self.seen[kind])
        self.writes.append(write)
        return write


class Record(Fault):
    """Lets everything pass and takes down what is written."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def asked(self, exchange: Exchange) -> Answered | None:
        self._ledger.enter(self.proxy.name, exchange.asked)
        return None


class Strike(Fault):
    """Kills the controller around one write, once."""

    def __init__(self, ledger: Ledger, target: Write, moment: Moment, kill: Callable[[], None]) -> None:
        self._ledger, self._target, self._moment, self._kill = ledger, target, moment, kill
        self.struck = False

    async def asked(self, exchange: Exchange) -> Answered | None:
        if self._ledger.enter(self.proxy.name, exchange.asked) != self._target or self.struck:
            return None
        if self._moment is Moment.AFTER:
            await exchange.forward()
        self.struck = True
        self._kill()
        raise Cut
