"""The process's numbers, for Prometheus. Labels are types, clusters and verbs: never names of objects."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from kubefed.core.errors import ApiError, KubefedError
from kubefed.core.names import ClusterName

_OLD_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1000.0)  # KubeFed's histograms
_STATES = ("ready", "notready", "offline")


class Metrics:
    """One process's metrics, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (GCCollector, PlatformCollector, ProcessCollector):
            collector(registry=self.registry)
        self._requests = Counter(
            "rest_client_requests", "Requests to API servers", ("host", "method", "code"), registry=self.registry
        )
        self._operations = Histogram(
            "dispatch_operation_duration_seconds",
            "Operations on copies in member clusters",
            ("action",),
            buckets=_OLD_BUCKETS,
            registry=self.registry,
        )
        self._operation_ends = Counter(
            "kubefed_member_operations",
            "Operations by member and end",
            ("cluster", "action", "result"),
            registry=self.registry,
        )
        self._reconciles = Counter(
            "controller_runtime_reconcile", "Reconciles by end", ("controller", "result"), registry=self.registry
        )
        self._reconcile_seconds = Histogram(
            "controller_runtime_reconcile_time_seconds", "Time of one reconcile", ("controller",), registry=self.registry
        )
        self._clusters = Gauge("kubefedcluster_total", "Clusters by state", ("state", "cluster"), registry=self.registry)
        self._depth = Gauge("workqueue_depth", "Keys that wait", ("name",), registry=self.registry)
        self._oldest = Gauge(
            "workqueue_unfinished_work_seconds", "Age of the oldest key that waits", ("name",), registry=self.registry
        )
        self._lane = Gauge(
            "kubefed_member_operations_waiting", "Operations queued or running", ("cluster",), registry=self.registry
        )
        self.leader = Gauge("kubefed_leader", "1 while this process leads", registry=self.registry)

    def request(self, host: str, verb: str, status: int) -> None:
        """An API server was asked something. `host` is `host` or a cluster's name."""
        self._requests.labels(host, verb, str(status or "<error>")).inc()

    def operation(self, cluster: str, action: str, error: KubefedError | None, seconds: float) -> None:
        """An operation ended."""
        self._operations.labels(action).observe(seconds)
        self._operation_ends.labels(cluster, action, _result(error)).inc()

    def reconcile(self, controller: str, outcome: str, seconds: float) -> None:
        """A key was decided on."""
        self._reconciles.labels(controller, _RECONCILE_RESULTS.get(outcome, outcome)).inc()
        self._reconcile_seconds.labels(controller).observe(seconds)

    def cluster(self, cluster: ClusterName, *, ready: bool, offline: bool, waiting: int) -> None:
        """A member's state at the time of a scrape."""
        state = "ready" if ready else "offline" if offline else "notready"
        for each in _STATES:
            self._clusters.labels(each, cluster).set(1 if each == state else 0)
        self._lane.labels(cluster).set(waiting)

    def forget_cluster(self, cluster: ClusterName) -> None:
        """A member left."""
        for state in _STATES:
            self._clusters.remove(state, cluster)
        self._lane.remove(cluster)

    def queue(self, controller: str, depth: int, oldest_age_s: float) -> None:
        """A queue's state at the time of a scrape."""
        self._depth.labels(controller).set(depth)
        self._oldest.labels(controller).set(oldest_age_s)

    def render(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self.registry)


_RECONCILE_RESULTS = {"done": "success", "again": "needs_recheck", "failed": "error"}


def _result(error: KubefedError | None) -> str:
    if error is None:
        return "ok"
    return error.reason or str(error.status) if isinstance(error, ApiError) else type(error).__name__
