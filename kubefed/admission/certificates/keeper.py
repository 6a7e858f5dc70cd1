"""Keeps the webhook's own certificates: in a Secret that all replicas share.

Every replica does the same, at its own pace. Who is first wins by optimistic locking, and the others read what it wrote.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from kubefed.admission.certificates import stored
from kubefed.admission.certificates.issuing import Pair
from kubefed.admission.certificates.rotation import Material, Rotation
from kubefed.core.clock import Clock
from kubefed.core.errors import AlreadyExists, ApiError, Misconfigured, NotFound, Stale
from kubefed.core.names import ObjectKey
from kubefed.kube.client import Client

_LOG = logging.getLogger(__name__)
_TRIES = 5
PERIOD_S = 30.0


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who must know: `use` hears each pair that is to be served, beginning with the first; `publish` hears what API servers
    must trust, as PEM, and says whether they have been told."""

    use: Callable[[Pair], None]
    publish: Callable[[str], Awaitable[bool]]


class CertificateKeeper:
    """Looks after the Secret of one namespace's webhook."""

    def __init__(self, client: Client, namespace: str, rotation: Rotation, clock: Clock, hearers: Hearers) -> None:
        self._client = client
        self._key = ObjectKey(namespace, stored.SECRET_NAME)
        self._rotation = rotation
        self._clock = clock
        self._hearers = hearers
        self._known: Material | None = None
        self._served: Pair | None = None

    async def begin(self) -> None:
        """Find or make what is to be served first. Raises as `look_after`."""
        self._serve(await self._settle(published=False))

    async def run(self, period_s: float = PERIOD_S) -> None:
        """Look after everything again and again until cancelled. What a server refuses waits for the next time."""
        while True:
            try:
                await self.look_after()
            except (ApiError, Misconfigured) as problem:
                _LOG.warning("the webhook's certificates could not be looked after: %s", problem)
            await asyncio.sleep(period_s * random.uniform(0.8, 1.0))  # noqa: S311 - jitter

    async def look_after(self) -> None:
        """Publish what is trusted, renew what is due, serve what is current.

        Raises Misconfigured when the Secret is somebody else's, ApiError when it cannot be read or written.
        """
        material = await self._settle(published=False)
        if await self._hearers.publish(material.bundle_pem):
            settled = await self._settle(published=True)
            if settled.authorities != material.authorities:
                await self._hearers.publish(settled.bundle_pem)
            material = settled
        self._serve(material)

    def _serve(self, material: Material) -> None:
        self._known = material
        if self._served != material.current:
            self._hearers.use(material.current)
            self._served = material.current
            _LOG.info("serving a certificate", extra={"secret": str(self._key)})

    async def _settle(self, *, published: bool) -> Material:
        for _ in range(_TRIES):
            try:
                return await self._try_to_settle(published=published)
            except (Stale, AlreadyExists):
                continue  # another replica was first: go on from what it wrote
        raise Misconfigured(f"Secret {self._key} keeps being changed by somebody else")

    async def _try_to_settle(self, *, published: bool) -> Material:
        """One try. A Secret that was deleted is written again from memory, so that what others trust stays good."""
        try:
            secret: dict[str, Any] | None = orjson.loads(await self._client.get(stored.SECRETS, self._key))
        except NotFound:
            secret = None
        if secret is not None and not stored.is_ours(secret):
            raise Misconfigured(
                f"Secret {self._key} was not made by this webhook: mount it and name the directory with --cert-dir, "
                "or delete it"
            )
        found = stored.read(secret) if secret is not None else None
        wanted = self._rotation.settle(found or self._known, self._clock.now(), published=published)
        if wanted != found:
            await self._store(wanted, secret)
        return wanted

    async def _store(self, material: Material, secret: dict[str, Any] | None) -> None:
        if secret is None:
            body = orjson.dumps(stored.manifest(self._key, material))
            await self._client.create(stored.SECRETS, self._key.namespace, body)
            return
        version = secret["metadata"]["resourceVersion"]
        body = orjson.dumps(stored.manifest(self._key, material, version))
        await self._client.replace(stored.SECRETS, self._key, body)
