"""Reads what runs in members, through their lanes, and remembers it for as long as the copies do not change.

A copy that has not changed since it was read is not read again; what could not be read is read again after a pause that
grows. In memory only: after a restart everything is read once.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from kubefed.clusters.member import Member
from kubefed.core.clock import Clock
from kubefed.core.errors import ApiError, KubefedError, LeadershipLost, NotFound, Unreachable
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.engine.lane import Operation
from kubefed.engine.pauses import Pauses
from kubefed.engine.priority import Priority
from kubefed.kube.client import Client
from kubefed.kube.wire import Metadata
from kubefed.scheduling import census
from kubefed.scheduling.census import Observation, Workload
from kubefed.scheduling.planner import Replicas

PODS = ResourceType("", "v1", "pods", "Pod", namespaced=True)
LOOK_AGAIN_S = 10.0
"""How often pods are looked at that may turn out to be unschedulable, as under KubeFed."""
_DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one copy's replicas. One of `replicas` and `trouble` is given."""

    replicas: Replicas | None = None
    trouble: str = ""
    look_again_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    observation: Observation
    at: float


@dataclass(frozen=True, slots=True)
class _Failed:
    trouble: str
    not_before: float


class Observer:
    """The replicas of one type's copies. `ended` hears of the end of every reading."""

    def __init__(self, target: ResourceType, clock: Clock, rng: random.Random, ended: Callable[[ObjectKey], None]) -> None:
        self._target = target
        self._clock = clock
        self._rng = rng
        self._ended = ended
        self._read: dict[ClusterName, dict[ObjectKey, _Read]] = {}
        self._failed: dict[ClusterName, dict[ObjectKey, _Failed]] = {}
        self._pauses: dict[ClusterName, Pauses] = {}

    def seen(self, cluster: ClusterName, copy: Metadata) -> Seen | None:
        """What is known of this copy; None when it must be read."""
        now = self._clock.monotonic()
        read = self._read.get(cluster, {}).get(copy.key)
        if read is not None and read.observation.version >= copy.resource_version:
            left_s = read.at + LOOK_AGAIN_S - now if read.observation.undecided else None
            if left_s is None or left_s > 0:
                return Seen(read.observation.replicas, look_again_s=left_s)
        failed = self._failed.get(cluster, {}).get(copy.key)
        if failed is not None and failed.not_before > now:
            return Seen(trouble=failed.trouble, look_again_s=failed.not_before - now)
        return None

    def read(self, member: Member, copy: Metadata, priority: Priority) -> None:
        """Have a copy read, unless that is under way."""
        target = ("replicas", self._target, copy.key)
        if member.lane.under_way(target) is not None:
            return
        member.lane.submit(
            Operation(
                target,
                "read replicas",
                partial(self._observe, member, copy),
                partial(self._over, member.name, copy.key),
                priority,
                copy.namespace,
            )
        )

    def forget(self, key: ObjectKey) -> None:
        """Nobody asks for this object any more."""
        for read in self._read.values():
            read.pop(key, None)
        for failed in self._failed.values():
            failed.pop(key, None)
        for pauses in self._pauses.values():
            pauses.over(key)

    def reconsider(self, cluster: ClusterName) -> None:
        """The cluster came, went or changed: nothing that was read or failed there counts any more."""
        for kept in (self._read, self._failed, self._pauses):
            kept.pop(cluster, None)

    async def _observe(self, member: Member, copy: Metadata) -> None:
        try:
            async with asyncio.timeout(_DEADLINE_S):
                found = await self._look(member.client, copy)
        except TimeoutError:
            raise Unreachable(f"LIST {PODS}", reason="Timeout") from None
        self._read.setdefault(member.name, {})[copy.key] = _Read(found, self._clock.monotonic())

    async def _look(self, client: Client, copy: Metadata) -> Observation:
        try:
            workload = census.read_workload(await client.get(self._target, copy.key))
        except NotFound as answer:
            if answer.reason != "NotFound":
                raise
            return Observation(copy.resource_version, Replicas())
        if workload.settled or not workload.selector:
            return Observation(workload.version, Replicas(workload.wanted))
        count = census.count_pods(await _pods_of(client, copy.namespace, workload), self._clock.now())
        return census.observation(workload, count)

    def _over(self, cluster: ClusterName, key: ObjectKey, error: KubefedError | None) -> None:
        pauses = self._pauses.setdefault(cluster, Pauses(self._rng))
        if error is None:
            pauses.over(key)
            self._failed.get(cluster, {}).pop(key, None)
        elif isinstance(error, LeadershipLost):
            return
        else:
            not_before = self._clock.monotonic() + pauses.next_s(key)
            self._failed.setdefault(cluster, {})[key] = _Failed(_told(error), not_before)
        self._ended(key)


async def _pods_of(client: Client, namespace: str, workload: Workload) -> list[census.Pod]:
    pages = client.pages(PODS, namespace=namespace, label_selector=workload.selector)
    return [census.read_pod(item) async for page in pages for item in page.items or ()]


def _told(error: KubefedError) -> str:
    return error.explanation() if isinstance(error, ApiError) else str(error)
