"""Reads from the host, consistently, whatever takes an object away from a member, before it is taken away.

A watch can be behind, a store can be wrong, a server can have been restored from a backup. What is read here goes into the
local stores, and the decision is made anew on them: only if it comes out the same is anything removed.
"""

import asyncio
from collections.abc import Awaitable, Callable

from kubefed.core.clock import Clock
from kubefed.core.errors import NotFound, Unintelligible
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.client import Client
from kubefed.kube.store import Store
from kubefed.kube.wire import Object
from kubefed.sync.plan import Plan
from kubefed.sync.surroundings import Surroundings

FRESH_S = 2.0
"""How long a reading serves: removals of one plan start together; one that was held up in its lane reads anew."""


class Reading:
    """One reading of the host for all removals of a plan that start about now. When it fails, the next tries again."""

    def __init__(self, read: Callable[[], Awaitable[None]], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._read_at = float("-inf")
        self._lock = asyncio.Lock()

    async def __call__(self) -> None:
        """Return when what was read is fresh. Raises what reading raised."""
        async with self._lock:
            now = self._clock.monotonic()
            if now - self._read_at > FRESH_S:
                await self._read()
                self._read_at = now


async def read_again(
    kind: FederatedType, key: ObjectKey, plan: Plan, federated: Store[Object], around: Surroundings
) -> None:
    """Read the federated object and, where it is still wanted, what limits its placement.

    For a FederatedNamespace the host's own namespace as well: it must not be mistaken for a member's. Raises ApiError when
    anything cannot be read: then nothing is removed.
    """
    if kind.of_namespaces:
        await around.namespaces.read_again(key.name)
    newest = await _read(around.host, kind.federated, key, federated)
    if newest is None or newest.metadata.terminating:
        return
    namespaces = around.namespaces.federated
    if kind.federated.namespaced and not kind.of_namespaces and namespaces is not None:
        await _read(around.host, around.namespaces.resource, ObjectKey(key.namespace, key.namespace), namespaces)
    for step in plan.steps:
        if step.action.removes:
            await around.registry.read_again(step.cluster)


async def _read(host: Client, resource: ResourceType, key: ObjectKey, store: Store[Object]) -> Object | None:
    """One consistent read into a store. None when the host says that there is no such object."""
    try:
        newest = await host.get_object(resource, key)
    except NotFound as answer:
        known = store.get(key)
        if answer.reason != "NotFound":
            # Not "no such object" but "no such resource type": a lost CRD is ignorance.
            raise Unintelligible(answer.request, status=404, reason="ResourceTypeNotServed") from None
        if known is not None:
            store.remove(key, known.resource_version)
        return None
    store.apply(newest)
    return newest
