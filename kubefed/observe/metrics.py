"""The process's numbers, for Prometheus. Labels are types, clusters and verbs: never names of objects."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from kubefed.core.errors import KubefedError
from kubefed.observe.clusters import ClusterMetrics, ClusterState
from kubefed.observe.reconciles import ReconcileMetrics
from kubefed.observe.workqueue import WorkqueueMetrics


class Metrics:
    """One process's metrics, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # they double the series, and nobody asks for them
        self.registry = CollectorRegistry()
        for collector in (GCCollector, PlatformCollector, ProcessCollector):
            collector(registry=self.registry)
        self.clusters = ClusterMetrics(self.registry)
        self.reconciles = ReconcileMetrics(self.registry)
        self.workqueue = WorkqueueMetrics(self.registry)
        self._requests = Counter(
            "rest_client_requests", "Requests to API servers", ("host", "method", "code"), registry=self.registry
        )
        self._request_seconds = Histogram(
            "rest_client_request_duration_seconds",
            "Time until an API server answered; of watches, until they ended",
            ("host", "verb"),
            registry=self.registry,
        )
        self._operation_ends = Counter(
            "kubefed_member_operations",
            "Operations by member and end",
            ("cluster", "action", "result"),
            registry=self.registry,
        )
        self._frozen = Gauge(
            "kubefed_frozen", "1 for what an administrator has frozen", ("scope", "name"), registry=self.registry
        )
        self._held = Gauge(
            "kubefed_removals_held", "Removals that wait for approval, by cause", ("scope", "name"), registry=self.registry
        )
        self.leader = Gauge("kubefed_leader", "1 while this process leads", registry=self.registry)

    def request(self, host: str, verb: str, status: int, seconds: float) -> None:
        """An API server was asked something. `host` is `host` or a cluster's name."""
        self._requests.labels(host, verb, str(status or "<error>")).inc()
        self._request_seconds.labels(host, verb).observe(seconds)

    def operation(self, cluster: str, action: str, error: KubefedError | None) -> None:
        """An operation ended, in a member or in the host."""
        self._operation_ends.labels(cluster, action, _result(error)).inc()

    def reconcile(self, controller: str, outcome: str, seconds: float, waited_s: float) -> None:
        """A key was decided on, after it had waited. Implements engine.loop.CountOutcome."""
        self.reconciles.ended(controller, outcome, seconds)
        self.workqueue.worked(controller, seconds, waited_s)

    def show_frozen(self, frozen: Iterable[tuple[str, str]]) -> None:
        """All that is frozen at the time of a scrape, as scope and name; nothing is shown of what is not."""
        self._frozen.clear()
        for scope, name in frozen:
            self._frozen.labels(scope, name).set(1)

    def show_held(self, held: Mapping[tuple[str, str], int]) -> None:
        """How many removals wait for approval at the time of a scrape, by scope and name of their cause."""
        self._held.clear()
        for (scope, name), count in held.items():
            self._held.labels(scope, name).set(count)

    def show_members(self, states: Iterable[ClusterState]) -> None:
        """All members at the time of a scrape. Of those that left nothing is shown, or clusters that come and go add up."""
        for name in self.clusters.show(states):
            self._operation_ends.remove_by_labels({"cluster": name})
            for metric in (self._requests, self._request_seconds):
                metric.remove_by_labels({"host": name})

    def render(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self.registry)


def _result(error: KubefedError | None) -> str:
    """How an operation ended, in one of our own words: a server may give any reason, and each would be a series."""
    return "ok" if error is None else type(error).__name__
