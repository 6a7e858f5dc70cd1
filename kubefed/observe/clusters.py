"""Numbers about members: their states, how long it takes to ask and to write to them. KubeFed's names and buckets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Gauge, Histogram

from kubefed.core.names import ClusterName

OLD_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1000.0)
"""Those of KubeFed's own histograms, in seconds."""
_STATES = ("ready", "notready", "offline")
_ACTIONS: Mapping[str, str] = {"create": "create", "update": "update", "unlabel": "update", "delete": "delete"}
"""KubeFed's words for operations on copies. To take labels off was an update there; members are read besides."""


@dataclass(frozen=True, slots=True)
class ClusterState:
    """One member at the time of a scrape. `waiting` are operations queued or running."""

    name: ClusterName
    ready: bool
    offline: bool
    waiting: int

    @property
    def word(self) -> str:
        """KubeFed's word for it: one of three."""
        return "ready" if self.ready else "offline" if self.offline else "notready"


class ClusterMetrics:
    """The metrics of all members of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def seconds(name: str, about: str, *labels: str) -> Histogram:
            return Histogram(name, about, labels, buckets=OLD_BUCKETS, registry=registry)

        self._known: set[ClusterName] = set()
        self._states = Gauge("kubefedcluster_total", "Clusters by state", ("state", "cluster"), registry=registry)
        self._joined = Gauge("joined_cluster_total", "Clusters that are joined", registry=registry)
        self._waiting = Gauge(
            "kubefed_member_operations_waiting", "Operations queued or running", ("cluster",), registry=registry
        )
        self._probes = seconds("cluster_health_status_duration_seconds", "Time of one look at a cluster's health")
        self._connections = seconds("cluster_client_connection_duration_seconds", "Time to make a client for a cluster")
        self._dispatched = seconds("dispatch_operation_duration_seconds", "Operations on copies in members", "action")
        for action in _ACTIONS.values():
            self._dispatched.labels(action)
        for verb in ("join", "unjoin"):  # command lines do that; dashboards made for KubeFed ask for the names
            seconds(f"{verb}_cluster_duration_seconds", f"Time to {verb} a cluster: none is {verb}ed by a controller")

    def probed(self, seconds: float) -> None:
        """A member was asked how it is."""
        self._probes.observe(seconds)

    def connected(self, seconds: float) -> None:
        """A client for a member was made."""
        self._connections.observe(seconds)

    def dispatched(self, verb: str, seconds: float) -> None:
        """An operation in a member ended."""
        if action := _ACTIONS.get(verb):
            self._dispatched.labels(action).observe(seconds)

    def show(self, states: Iterable[ClusterState]) -> set[ClusterName]:
        """All members at the time of a scrape; others are shown no more. Those that are gone since the last time."""
        gone, self._known = self._known, set()
        for state in states:
            self._known.add(state.name)
            self._waiting.labels(state.name).set(state.waiting)
            for word in _STATES:
                self._states.labels(word, state.name).set(1 if word == state.word else 0)
        self._joined.set(len(self._known))
        gone -= self._known
        for name in gone:
            self._waiting.remove(name)
            for word in _STATES:
                self._states.remove(word, name)
        return gone
