"""Writes a KubeFedCluster's status: at once when something changed, otherwise rarely, and never more than one at a time."""

from functools import partial
from typing import Any

import orjson

from kubefed.clusters.record import KUBEFED_CLUSTERS
from kubefed.clusters.status import age_s, differs
from kubefed.clusters.surroundings import Surroundings
from kubefed.core.errors import KubefedError, Stale
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.lane import Operation
from kubefed.engine.priority import Priority
from kubefed.kube.wire import Object

REFRESH_S = 300.0
"""An unchanged status is written this seldom: N clusters must not mean N writes every ten seconds."""


class StatusReporter:
    """The status of one KubeFedCluster."""

    def __init__(self, cluster: ClusterName, around: Surroundings) -> None:
        self._key = ObjectKey(around.settings.namespace, cluster)
        self._around = around
        self._stored: dict[str, Any] = {}
        self._version = 0
        self._stale = False

    @property
    def stored(self) -> dict[str, Any]:
        """The status as the API server has it, as far as is known."""
        return self._stored

    def learn(self, record: Object) -> None:
        """The record was read: this is what its status says, unless we have written a newer one since."""
        if record.resource_version > self._version:
            self._take(record)

    def report(self, status: dict[str, Any]) -> None:
        """Have `status` written if it says something new, or if the last write is long ago."""
        if not differs(status, self._stored) and age_s(self._stored, self._around.clock.now()) < REFRESH_S:
            return

        target = ("cluster-status", self._key)
        write = partial(self._write, status)
        self._around.host_lane.submit(Operation(target, "report cluster", write, self._ended, Priority.EVENT))

    async def _write(self, status: dict[str, Any]) -> None:
        if self._stale:
            self._take(await self._around.host.get_object(KUBEFED_CLUSTERS, self._key))
        body = orjson.dumps(self._document(status))
        written = await self._around.host.replace(KUBEFED_CLUSTERS, self._key, body, subresource="status")
        self._stored, self._version = status, written.resource_version

    def _take(self, record: Object) -> None:
        self._stored, self._version, self._stale = _status_of(record), record.resource_version, False

    def _ended(self, error: KubefedError | None) -> None:
        """A status that could not be written is stale when it could be: the next probe brings a newer one.

        After a conflict that write reads first, for the host may have been set back to before what we remember.
        """
        self._stale = self._stale or isinstance(error, Stale)

    def _document(self, status: dict[str, Any]) -> dict[str, Any]:
        """The whole object as its status subresource takes it: what is left out of a status is gone afterwards."""
        return {
            "apiVersion": KUBEFED_CLUSTERS.api_version,
            "kind": KUBEFED_CLUSTERS.kind,
            "metadata": {
                "name": self._key.name,
                "namespace": self._key.namespace,
                "resourceVersion": str(self._version),
            },
            "status": status,
        }


def _status_of(record: Object) -> dict[str, Any]:
    """The status as it is stored; what cannot be read counts as none, and is written over."""
    try:
        status = orjson.loads(record.status) if record.status else {}
    except orjson.JSONDecodeError:
        return {}
    return status if isinstance(status, dict) else {}
