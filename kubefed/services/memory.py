"""What the controller remembers between two looks at a service: writes whose effect is not seen yet, and refused ones.

In memory only. After a restart the first look finds out again.
"""

import random
from dataclasses import dataclass
from typing import NamedTuple

from kubefed.core.clock import Clock
from kubefed.core.errors import AlreadyExists, ApiError, KubefedError, LeadershipLost, NotFound, Retryable, Stale
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.engine.backoff import Backoff
from kubefed.kube.wire import Metadata
from kubefed.services.facts import Trouble
from kubefed.services.plan import Verb, Write

UNSEEN_S = 10.0
"""After so long without a sign of it, a write counts as not made: watches can be behind, but not for ever."""
_PAUSE = Backoff(first_s=0.2, longest_s=60.0)


class Target(NamedTuple):
    """One object, or its status, in one cluster."""

    cluster: ClusterName
    resource: ResourceType
    key: ObjectKey
    status: bool = False


def target_of(write: Write) -> Target:
    """What a write acts on."""
    return Target(write.cluster, write.resource, write.key, write.verb is Verb.STATUS)


@dataclass(frozen=True, slots=True)
class _Expected:
    version: int | None
    uid: str
    until: float


@dataclass(frozen=True, slots=True)
class _Failed:
    failures: int
    not_before: float
    trouble: Trouble | None


class Memory:
    """Per object: what its watch should bring, and what went wrong."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng
        self._expected: dict[Target, _Expected] = {}
        self._failed: dict[ObjectKey, dict[Target, _Failed]] = {}

    def expect(self, write: Write, version: int | None) -> None:
        """A write was answered with this resourceVersion; None: the object is gone."""
        until = self._clock.monotonic() + UNSEEN_S
        self._expected[target_of(write)] = _Expected(version, write.uid, until)

    def is_awaited(self, target: Target, stored: Metadata | None) -> bool:
        """Whether the effect of the last write has not been seen yet; `stored` is what the watch has brought."""
        expected = self._expected.get(target)
        if expected is None:
            return False
        if expected.version is None:
            seen = stored is None or stored.uid != expected.uid
        else:
            seen = stored is not None and stored.resource_version >= expected.version
        if seen or self._clock.monotonic() >= expected.until:
            del self._expected[target]
            return False
        return True

    def went_well(self, service: ObjectKey, target: Target) -> None:
        """Nothing is wrong with this object any more."""
        failed = self._failed.get(service)
        if failed is not None:
            failed.pop(target, None)
            if not failed:
                del self._failed[service]

    def failed(self, service: ObjectKey, target: Target, error: KubefedError) -> float | None:
        """A write failed: in how many seconds to try again; None when it is not ours to try."""
        if isinstance(error, LeadershipLost):
            return None
        known = self._failed.setdefault(service, {})
        failures = known[target].failures + 1 if target in known else 1
        wait_s = _PAUSE.delay_s(failures, self._rng)
        known[target] = _Failed(failures, self._clock.monotonic() + wait_s, _trouble(target, error, failures))
        return wait_s

    def pause_s(self, service: ObjectKey, target: Target) -> float:
        """For how many seconds this object is to be left alone."""
        failed = self._failed.get(service, {}).get(target)
        return max(0.0, failed.not_before - self._clock.monotonic()) if failed is not None else 0.0

    def troubles(self, service: ObjectKey, cluster: ClusterName) -> tuple[Trouble, ...]:
        """What a cluster's server refuses about a service."""
        failed = self._failed.get(service, {})
        return tuple(each.trouble for target, each in failed.items() if target.cluster == cluster and each.trouble)

    def forget(self, service: ObjectKey) -> None:
        """There is nothing left of it."""
        self._failed.pop(service, None)

    def reconsider(self, cluster: ClusterName) -> None:
        """The cluster came, went or changed: what was refused there is tried again, what was expected means nothing."""
        for target in [each for each in self._expected if each.cluster == cluster]:
            del self._expected[target]
        for service, failed in list(self._failed.items()):
            for target in [each for each in failed if each.cluster == cluster]:
                del failed[target]
            if not failed:
                del self._failed[service]


def _trouble(target: Target, error: KubefedError, failures: int) -> Trouble | None:
    """What people should know: refusals, but neither a server's silence nor a race that the next attempt ends."""
    if not isinstance(error, ApiError):
        return Trouble(target.resource.plural, type(error).__name__)
    if isinstance(error, Retryable) or (failures == 1 and isinstance(error, Stale | AlreadyExists | NotFound)):
        return None
    field = next((cause.field for cause in error.causes if cause.field), "")
    return Trouble(target.resource.plural, error.explanation(), field)
