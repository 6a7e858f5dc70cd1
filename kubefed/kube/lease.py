"""One leader at a time, by a coordination.k8s.io Lease, with a fence that the leader's own clock enforces.

A Lease alone is not fencing: it only tells others when they may take over. The fence is ours: a leader stops writing
`renew_deadline_s` after the *start* of its last successful renewal, by a clock that counts suspend, while others wait
`lease_duration_s` after the last renewal that they saw. The former is shorter, so the two never overlap.
"""

import asyncio
import math
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import msgspec
import orjson

from kubefed.core.clock import Clock, rfc3339
from kubefed.core.errors import AlreadyExists, ApiError, LeadershipLost, NotFound, Stale, Unintelligible
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
    """A state of the Lease as it was seen, and when our own clock had seen it first."""

    resource_version: str
    holder: str
    transitions: int
    duration_s: float
    seen_at: float


class _WireMetadata(msgspec.Struct, rename="camel"):
    resource_version: str


class _WireSpec(msgspec.Struct, rename="camel"):
    holder_identity: str | None = None
    lease_transitions: int | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None


class _WireLease(msgspec.Struct):
    metadata: _WireMetadata
    spec: _WireSpec | None = None


_LEASE_DECODER = msgspec.json.Decoder(_WireLease)


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
                if self.leading:  # whoever slept past the fence has stopped leading, even if nobody else has begun
                    await self._attempt()
        finally:
            was_leading, self._leading = self.leading, False
            try:
                if was_leading:
                    await self._release()
            finally:
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
            body = await self._client.get(LEASES, self._key)
        except NotFound as answer:
            if answer.reason != "NotFound":
                raise
            return await self._create()
        lease = _decoded(body)
        observed = self._observe(lease)
        ours = observed.holder == self._identity
        if self._leading and not ours:
            self._fenced_at = float("-inf")
            return False
        expired = not observed.holder or started - observed.seen_at >= observed.duration_s
        if not ours and not expired:
            return False
        acquired_at = lease.spec.acquire_time if ours and lease.spec else None
        epoch = observed.transitions + (0 if ours else 1)
        try:
            await self._client.replace(LEASES, self._key, _with_spec(body, self._spec(epoch, acquired_at)))
        except Stale:
            return False
        self.epoch = epoch
        return True

    async def _create(self) -> bool:
        body = {
            "apiVersion": LEASES.api_version,
            "kind": LEASES.kind,
            "metadata": {"name": self._key.name, "namespace": self._key.namespace},
            "spec": self._spec(_FIRST_EPOCH, None),
        }
        with suppress(AlreadyExists):
            await self._client.create(LEASES, self._key.namespace, orjson.dumps(body))
            self.epoch = _FIRST_EPOCH
            return True
        return False

    def _observe(self, lease: _WireLease) -> _Observed:
        """What the Lease says, with the time since when it has said so: the only measure of expiry that needs no clock
        but our own. It was renewed before we saw it, be the answer ever so slow."""
        version = lease.metadata.resource_version
        if self._observed is None or self._observed.resource_version != version:
            spec = lease.spec or _WireSpec()
            self._observed = _Observed(
                version,
                spec.holder_identity or "",
                spec.lease_transitions or 0,
                float(spec.lease_duration_seconds or self._times.lease_duration_s),
                self._clock.monotonic(),
            )
        return self._observed

    def _spec(self, epoch: int, acquired_at: str | None) -> dict[str, object]:
        now = rfc3339(self._clock.now()).replace("Z", ".000000Z")
        return {
            "acquireTime": acquired_at or now,
            "holderIdentity": self._identity,
            "leaseDurationSeconds": math.ceil(self._times.lease_duration_s),
            "leaseTransitions": epoch,
            "renewTime": now,
        }

    async def _release(self) -> None:
        """Let a successor start at once. Best effort: not being able to only costs it the lease's duration."""
        with suppress(ApiError, TimeoutError):
            async with asyncio.timeout(2.0):
                body = await self._client.get(LEASES, self._key)
                if self._observe(_decoded(body)).holder == self._identity:
                    given_back = self._spec(self.epoch, None) | {"holderIdentity": "", "leaseDurationSeconds": 1}
                    await self._client.replace(LEASES, self._key, _with_spec(body, given_back))


_FIRST_EPOCH = 1


def _decoded(body: bytes) -> _WireLease:
    try:
        return _LEASE_DECODER.decode(body)
    except (ValueError, RecursionError):
        raise Unintelligible("GET lease", status=200, reason="NotKubernetes") from None


def _with_spec(body: bytes, spec: dict[str, object]) -> bytes:
    """The Lease as it was read, with what is ours to say."""
    lease: dict[str, object] = orjson.loads(body)
    return orjson.dumps(lease | {"spec": spec})
