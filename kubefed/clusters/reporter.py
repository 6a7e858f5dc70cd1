"""Writes a KubeFedCluster's status: at once when something changed, otherwise rarely, and never more than one at a time."""

from typing import Any

import orjson

from kubefed.clusters.record import KUBEFED_CLUSTERS
from kubefed.clusters.status import differs
from kubefed.clusters.surroundings import Surroundings
from kubefed.core.errors import KubefedError
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.lane import Operation
from kubefed.engine.priority import Priority

REFRESH_S = 300.0
"""An unchanged status is written this seldom: N clusters must not mean N writes every ten seconds."""


class StatusReporter:
    """The status of one KubeFedCluster."""

    def __init__(self, cluster: ClusterName, around: Surroundings) -> None:
        self._key = ObjectKey(around.settings.namespace, cluster)
        self._around = around
        self._stored: dict[str, Any] = {}
        self._written_at = float("-inf")

    @property
    def stored(self) -> dict[str, Any]:
        """The status as the API server has it, as far as is known."""
        return self._stored

    def learn(self, status: dict[str, Any]) -> None:
        """The record was read: this is what its status says."""
        self._stored = status

    def report(self, status: dict[str, Any]) -> None:
        """Have `status` written if it says something new, or if the last write is long ago."""
        now = self._around.clock.monotonic()
        if not differs(status, self._stored) and now - self._written_at < REFRESH_S:
            return

        async def write() -> None:
            body = orjson.dumps({"status": status})
            await self._around.host.patch(KUBEFED_CLUSTERS, self._key, body, subresource="status")

        def ended(error: KubefedError | None) -> None:
            if error is None:
                self._stored, self._written_at = status, now

        self._around.host_lane.submit(
            Operation(("cluster-status", self._key), "report cluster", write, ended, Priority.EVENT)
        )
