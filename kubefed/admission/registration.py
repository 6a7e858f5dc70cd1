"""Makes the host's API servers ask us: enters our webhooks and our authorities into the configurations that are there.

Configurations themselves are made by whoever installs; a webhook has no right to. They may be empty: what is entered only
once somebody answers cannot block what is installed meanwhile.
"""

import base64
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from kubefed.admission.configurations import Installation, Manifest, completed, configurations
from kubefed.api.core_v1beta1 import Scope
from kubefed.core.errors import ApiError, Forbidden, NotFound, Stale
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.kube.client import Client

_LOG = logging.getLogger(__name__)
_TRIES = 5
_INJECTED_BY_OTHERS = "cert-manager.io/inject-"


class Registration:
    """Looks after the configurations of one namespace's webhook, under either scope: their names tell it."""

    def __init__(self, client: Client, namespace: str, url: str = "") -> None:
        self._client = client
        self._wanted = [
            each
            for scope in Scope
            for each in configurations(replace(Installation(), namespace=namespace, scope=scope, url=url))
        ]
        self._told: set[str] = set()

    async def settle(self, bundle_pem: str | None) -> bool:
        """Bring every configuration that is there up to date.

        `bundle_pem`: what API servers must trust; None when somebody else looks after that. False when that failed, or
        none may be seen. The rights are for the names of one scope, so that the others being forbidden says nothing.
        """
        bundle = None if bundle_pem is None else base64.b64encode(bundle_pem.encode()).decode()
        seen = failed = False
        for resource, wanted in self._wanted:
            name = wanted["metadata"]["name"]
            try:
                await self._settle_one(resource, wanted, bundle)
                seen = True
            except Forbidden as error:
                self._tell_once(logging.DEBUG, resource, name, error)
            except ApiError as error:
                failed = True
                self._tell_once(logging.WARNING, resource, name, error)
        return seen and not failed

    async def _settle_one(self, resource: ResourceType, wanted: Manifest, bundle: str | None) -> None:
        """Raises Stale when others keep changing it."""
        key = ObjectKey("", wanted["metadata"]["name"])
        for attempt in range(_TRIES):
            try:
                stored: dict[str, Any] = orjson.loads(await self._client.get(resource, key))
            except NotFound:
                return
            changed = completed(stored, wanted, None if _injected_by_others(stored) else bundle)
            if changed == stored:
                return
            try:
                await self._client.replace(resource, key, orjson.dumps(changed))
            except Stale:
                if attempt == _TRIES - 1:
                    raise
                continue
            _LOG.info("brought up to date", extra={"kind": resource.kind, "object": key.name})
            return

    def _tell_once(self, level: int, resource: ResourceType, name: str, error: ApiError) -> None:
        line = f"{resource.kind} {name} cannot be looked after: {error}"
        if line not in self._told:
            _LOG.log(level, "%s", line)
        self._told = {line, *self._told} if len(self._told) < _MOST_REMEMBERED else {line}


_MOST_REMEMBERED = 32


def _injected_by_others(configuration: Mapping[str, Any]) -> bool:
    annotations = (configuration.get("metadata") or {}).get("annotations") or {}
    return any(name.startswith(_INJECTED_BY_OTHERS) for name in annotations)
