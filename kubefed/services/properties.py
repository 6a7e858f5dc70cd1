"""Tells members who they are: the About API's properties for the cluster's id and the clusterset's.

Properties that somebody else has written are left as they are. A member that does not serve the kind is asked again when it
changes.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson

from kubefed.api.about_v1alpha1 import CLUSTER_ID, CLUSTERSET_ID
from kubefed.clusters.member import Member
from kubefed.core.errors import AlreadyExists, KubefedError, NotFound
from kubefed.core.markers import OWNER_ANNOTATION
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.lane import Operation
from kubefed.engine.priority import Priority
from kubefed.kube.client import Client
from kubefed.services.words import PROPERTIES


class PropertyWriter:
    """The properties of all members. `owner` is the mark of this federation, and the clusterset's name.

    `holds` tells of a member that must not be written to now.
    """

    def __init__(self, owner: str, holds: Callable[[Member], bool]) -> None:
        self._owner = owner
        self._holds = holds
        self._told: set[ClusterName] = set()

    def look_at(self, member: Member) -> None:
        """Have a member's properties written, once each time it becomes ready."""
        if not member.ready or self._holds(member):
            self._told.discard(member.name)
        elif member.name not in self._told:
            self._told.add(member.name)
            run, ended = partial(self._tell, member), partial(self._ended, member.name)
            member.lane.submit(Operation("cluster-properties", "write properties", run, ended, Priority.RESYNC))

    async def _tell(self, member: Member) -> None:
        for name, value in ((CLUSTER_ID, str(member.name)), (CLUSTERSET_ID, self._owner)):
            await self._ensure(member.client, name, value)

    async def _ensure(self, client: Client, name: str, value: str) -> None:
        try:
            stored = orjson.loads(await client.get(PROPERTIES, ObjectKey("", name)))
        except NotFound as answer:
            if answer.reason != "NotFound":
                raise
            await _create(client, self._manifest(name, value))
            return
        metadata = stored.get("metadata") or {}
        if (metadata.get("annotations") or {}).get(OWNER_ANNOTATION) != self._owner:
            return
        if (stored.get("spec") or {}).get("value") != value:
            patch = {"metadata": {"resourceVersion": metadata.get("resourceVersion")}, "spec": {"value": value}}
            await client.patch(PROPERTIES, ObjectKey("", name), orjson.dumps(patch))

    def _manifest(self, name: str, value: str) -> dict[str, Any]:
        return {
            "apiVersion": PROPERTIES.api_version,
            "kind": PROPERTIES.kind,
            "metadata": {"name": name, "annotations": {OWNER_ANNOTATION: self._owner}},
            "spec": {"value": value},
        }

    def _ended(self, cluster: ClusterName, error: KubefedError | None) -> None:
        """What failed is tried when the cluster changes next."""
        if error is not None:
            self._told.discard(cluster)


async def _create(client: Client, manifest: dict[str, Any]) -> None:
    try:
        await client.create(PROPERTIES, "", orjson.dumps(manifest))
    except AlreadyExists:
        return
