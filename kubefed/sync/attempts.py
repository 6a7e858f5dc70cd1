"""What did not work, or was undone, per copy; and so when to try again.

Only in memory: after a restart everything is tried once at once.
"""

import random
from dataclasses import dataclass

from kubefed.api.types_v1beta1 import PropagationStatus
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.backoff import Backoff
from kubefed.sync.facts import Attempt

_FAILURE = Backoff(first_s=1.0, longest_s=60.0)
_REPAIR = Backoff(first_s=1.0, longest_s=60.0)
_FIGHT = "somebody in the cluster keeps changing the copy; repairs are spaced out"
_CALM_S = 600.0  # a copy that nobody has touched for so long is repaired at once again


@dataclass(slots=True)
class _Tried:
    attempt: Attempt
    times: int
    at: float


class Attempts:
    """The last attempt on each copy that is in trouble. Copies that are well take no room here."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._failures: dict[ObjectKey, dict[ClusterName, _Tried]] = {}
        self._repairs: dict[ObjectKey, dict[ClusterName, _Tried]] = {}

    def of(self, key: ObjectKey, cluster: ClusterName) -> Attempt | None:
        """What was tried last; None when all is well."""
        for kept in (self._failures, self._repairs):
            tried = kept.get(key, {}).get(cluster)
            if tried is not None:
                return tried.attempt
        return None

    def failed(
        self, key: ObjectKey, cluster: ClusterName, status: PropagationStatus, explanation: str, now: float, *, retry: bool
    ) -> None:
        """An operation failed; `retry` is False when only a change of something can help."""
        before = self._failures.setdefault(key, {}).get(cluster)
        times = before.times + 1 if before is not None else 1
        not_before = now + _FAILURE.delay_s(times, self._rng) if retry else None
        self._failures[key][cluster] = _Tried(Attempt(str(status), explanation, not_before), times, now)

    def succeeded(self, key: ObjectKey, cluster: ClusterName) -> None:
        """An operation went well."""
        _discard(self._failures, key, cluster)

    def repaired(self, key: ObjectKey, cluster: ClusterName, now: float) -> None:
        """A drifted copy was put right. That was at once the first time; the next repairs wait longer each time."""
        before = self._repairs.setdefault(key, {}).get(cluster)
        times = before.times + 1 if before is not None and now - before.at <= _CALM_S else 1
        attempt = Attempt("", _FIGHT, now + _REPAIR.delay_s(times, self._rng))
        self._repairs[key][cluster] = _Tried(attempt, times, now)

    def reconsider(self, key: ObjectKey) -> None:
        """The object was edited: whatever was tried before, it is worth trying at once."""
        self._failures.pop(key, None)
        self._repairs.pop(key, None)

    def reconsider_cluster(self, cluster: ClusterName) -> None:
        """The cluster is back, or changed: failures there are history."""
        for key in list(self._failures):
            _discard(self._failures, key, cluster)

    def forget_cluster(self, cluster: ClusterName) -> None:
        """The cluster has left the federation."""
        self.reconsider_cluster(cluster)
        for key in list(self._repairs):
            _discard(self._repairs, key, cluster)


def _discard(kept: dict[ObjectKey, dict[ClusterName, _Tried]], key: ObjectKey, cluster: ClusterName) -> None:
    clusters = kept.get(key)
    if clusters is not None and clusters.pop(cluster, None) is not None and not clusters:
        del kept[key]
