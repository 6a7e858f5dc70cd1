"""Notices a KubeFed that still runs on the same host. Two controllers with different rules must never write side by side.

KubeFed's locks were a ConfigMap or Endpoints annotation; its later releases use the Lease that this process competes for
as well, so that they exclude each other. A Deployment of KubeFed's is taken for a KubeFed that may start any moment.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from kubefed.core.clock import Clock
from kubefed.core.errors import Forbidden, NotFound
from kubefed.core.markers import CONTROLLER_NAME
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.kube.client import Client

_LOCK_ANNOTATION = "control-plane.alpha.kubernetes.io/leader"
_CONFIG_MAPS = ResourceType("", "v1", "configmaps", "ConfigMap", namespaced=True)
_ENDPOINTS = ResourceType("", "v1", "endpoints", "Endpoints", namespaced=True)
_DEPLOYMENTS = ResourceType("apps", "v1", "deployments", "Deployment", namespaced=True)
_KUBEFEDS_PROGRAM = "hyperfed"
_LEASE_S = 15.0

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Seen:
    text: str
    since: float


class Predecessor:
    """What is known of KubeFed's own controller on the host."""

    def __init__(self, host: Client, namespace: str, clock: Clock) -> None:
        self._host = host
        self._namespace = namespace
        self._clock = clock
        self._locks: dict[ResourceType, _Seen] = {}
        self._unreadable: set[ResourceType] = set()

    async def alive(self) -> str:
        """Why a KubeFed must be taken for running, or an empty string. Raises ApiError when the host does not answer.

        A lock counts as held until it has not been renewed for its duration by our clock: whoever asks for the first time
        waits that long.
        """
        if deployed := await self._deployed():
            return deployed
        for resource in (_CONFIG_MAPS, _ENDPOINTS):
            if held := await self._held(resource):
                return held
        return ""

    async def _deployed(self) -> str:
        deployment = await self._read(_DEPLOYMENTS)
        spec = deployment.get("spec") or {}
        if not spec.get("replicas", 1) or not _runs_kubefed(deployment):
            return ""
        return (
            f"Deployment {self._namespace}/{CONTROLLER_NAME} runs KubeFed: scale it to 0 with "
            f"`kubectl -n {self._namespace} scale deployment {CONTROLLER_NAME} --replicas=0`"
        )

    async def _held(self, resource: ResourceType) -> str:
        lock = await self._read(resource)
        text = ((lock.get("metadata") or {}).get("annotations") or {}).get(_LOCK_ANNOTATION, "")
        record = _record(text)
        if not record.get("holderIdentity"):
            self._locks.pop(resource, None)
            return ""
        now, seen = self._clock.monotonic(), self._locks.get(resource)
        if seen is None or seen.text != text:
            seen = self._locks[resource] = _Seen(text, now)
        duration = record.get("leaseDurationSeconds")
        if now - seen.since >= (duration if isinstance(duration, int | float) and duration > 0 else _LEASE_S):
            return ""
        return f"KubeFed's lock, {resource.kind} {self._namespace}/{CONTROLLER_NAME}, may still be renewed by its holder"

    async def _read(self, resource: ResourceType) -> Mapping[str, Any]:
        """The object under KubeFed's name, or an empty one. What may not be read is said once."""
        try:
            found: dict[str, Any] = orjson.loads(
                await self._host.get(resource, ObjectKey(self._namespace, CONTROLLER_NAME))
            )
        except NotFound:
            return {}
        except Forbidden as refusal:
            if resource not in self._unreadable:
                self._unreadable.add(resource)
                _LOG.warning("whether KubeFed still runs cannot be told from its %s: %s", resource.kind, refusal)
            return {}
        return found


def _runs_kubefed(deployment: Mapping[str, Any]) -> bool:
    pod = ((deployment.get("spec") or {}).get("template") or {}).get("spec") or {}
    words = [
        str(word)
        for container in pod.get("containers") or ()
        for word in [*(container.get("command") or ()), *(container.get("args") or ())]
    ]
    return any(_KUBEFEDS_PROGRAM in word for word in words)


def _record(text: str) -> Mapping[str, Any]:
    try:
        record: Any = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        return {}
    return record if isinstance(record, dict) else {}
