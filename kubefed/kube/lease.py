"""One leader at a time, by a coordination.k8s.io Lease, with a fence that the leader's own clock enforces.

A Lease alone is not fencing: it only tells others when they may take over. The fence is ours: a leader stops writing
`renew_deadline_s` after the *start* of its last successful renewal, by a clock that counts suspend, while others wait
`lease_duration_s` after the last renewal that they saw. The former is shorter, so the two never overlap.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from kubefed.core.clock import Clock, rfc3339
from kubefed.core.errors import AlreadyExists, ApiError, LeadershipLost, NotFound, Stale
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.kube.client import Client

LEASES = ResourceType("coordination.k8s.io", "v1", "leases", "Lease", namespaced=True)


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """KubeFedConfig `spec.leaderElect`, in seconds. Valid when duration > deadline > 1.2 * period."""

    lease_duration_s: float = 15.0
    renew_deadline_s: float = 10.0
    retry_period_s: float = 5.0


@dataclass(frozen=True, slots=True)
class _Observed:
    """A state of the Lease as it was seen, and when our own clock saw it first."""

    resource_version: str
    holder: str
    transitions: int
    duration_s: float
    seen_at: float


class Leadership:
    """Takes, keeps and gives back one Lease.

    `client` must not be fenced by this very Leadership. `on_change` hears True when leading begins and False when it
    ends.
    """

    def __init__(
        self,
        client: Client,
        key: ObjectKey,
        *,
        identity: str,
        times: LeaseTimes,
        clock: Clock,
        on_change: Callable[[bool], None],
    ) -> None:
        self.epoch = 0
        """How often the Lease has changed hands; names this leadership in the User-Agent of every write."""
        self._client = client
        self._key = key
        self._identity = identity
        self._times = times
        self._clock = clock
        self._on_change = on_change
        self._fenced_at = 0.0
        self._observed: _Observed | None = None
        self._leading = False

    @property
    def leading(self) -> bool:
        """Whether this process may write at this moment."""
        return self._leading and self._clock.monotonic() < self._fenced_at

    def fence(self) -> None:
        """Called before every write. Raises LeadershipLost."""
        if not self.leading:
            raise LeadershipLost("this process does not hold the lease")

    async def run(self) -> None:
        """Acquire, then renew until the lease is lost; then return. Gives the lease back when cancelled."""
        try:
            while not await self._attempt():
                await self._sleep()
            self._leading = True
            self._on_change(True)
            while self.leading:
                await self._sleep()
                await self._attempt()
        finally:
            was_leading, self._leading = self.leading, False
            if was_leading:
                await self._release()
            self._on_change(False)

    async def _sleep(self) -> None:
        await asyncio.sleep(self._times.retry_period_s * random.uniform(0.8, 1.0))  # noqa: S311 - jitter

    async def _attempt(self) -> bool:
        """One try to take or renew. False when somebody else holds it or the API server did not answer in time."""
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._times.retry_period_s):
                held = await self._take(started)
        except (ApiError, TimeoutError):
            return False
        if held:
            self._fenced_at = started + self._times.renew_deadline_s
        return held

    async def _take(self, started: float) -> bool:
        try:
            lease = orjson.loads(await self._client.get(LEASES, self._key))
        except NotFound:
            return await self._create()
        observed = self._observe(lease, started)
        ours = observed.holder == self._identity
        expired = not observed.holder or started - observed.seen_at >= observed.duration_s
        if not ours and not expired:
            return False
        if self._leading and not ours:
            self._fenced_at = 0.0
            return False
        self.epoch = observed.transitions + (0 if ours else 1)
        lease["spec"] = self._spec(lease.get("spec") or {}, fresh=not ours)
        try:
            await self._client.replace(LEASES, self._key, orjson.dumps(lease))
        except Stale:
            return False
        return True

    async def _create(self) -> bool:
        self.epoch = 1
        body = {
            "apiVersion": LEASES.api_version,
            "kind": LEASES.kind,
            "metadata": {"name": self._key.name, "namespace": self._key.namespace},
            "spec": self._spec({}, fresh=True),
        }
        with suppress(AlreadyExists):
            await self._client.create(LEASES, self._key.namespace, orjson.dumps(body))
            return True
        return False

    def _observe(self, lease: dict[str, Any], now: float) -> _Observed:
        """What the Lease says, with the time since when it has said so: the only measure of expiry that needs no clock
        but our own."""
        version = str(lease["metadata"]["resourceVersion"])
        if self._observed is None or self._observed.resource_version != version:
            spec = lease.get("spec") or {}
            self._observed = _Observed(
                version,
                spec.get("holderIdentity") or "",
                int(spec.get("leaseTransitions") or 0),
                float(spec.get("leaseDurationSeconds") or self._times.lease_duration_s),
                now,
            )
        return self._observed

    def _spec(self, spec: dict[str, Any], *, fresh: bool) -> dict[str, Any]:
        now = rfc3339(self._clock.now()).replace("Z", ".000000Z")
        return {
            "acquireTime": now if fresh else spec.get("acquireTime", now),
            "holderIdentity": self._identity,
            "leaseDurationSeconds": int(self._times.lease_duration_s),
            "leaseTransitions": self.epoch,
            "renewTime": now,
        }

    async def _release(self) -> None:
        """Let a successor start at once. Best effort: not being able to only costs it the lease's duration."""
        with suppress(ApiError, TimeoutError):
            async with asyncio.timeout(2.0):
                lease = orjson.loads(await self._client.get(LEASES, self._key))
                if (lease.get("spec") or {}).get("holderIdentity") == self._identity:
                    lease["spec"] |= {"holderIdentity": "", "leaseDurationSeconds": 1}
                    await self._client.replace(LEASES, self._key, orjson.dumps(lease))
