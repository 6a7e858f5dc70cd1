"""Numbers about what controllers decide, under the names of controller-runtime and under those that KubeFed deprecated."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary

from kubefed.observe.clusters import OLD_BUCKETS

_RESULTS = ("success", "error", "needs_recheck", "not_synced")
_RESULT_OF: Mapping[str, str] = {"done": "success", "again": "needs_recheck", "failed": "error"}
_TIME_BUCKETS = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9),
    *(1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60),
)  # controller-runtime's
_DEPRECATED_NAME: Mapping[str, str] = {
    "federatedtypeconfig": "federatedtypeconfigcontroller",
    "replicaschedulingpreference": "schedulingpreferencecontroller",
}
"""How two old metrics called those controllers that do not propagate; those that do had one of their own."""


class ReconcileMetrics:
    """The metrics of all controllers of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        by_controller = ("controller",)
        self._known: set[str] = set()
        self._ends = Counter(
            "controller_runtime_reconcile", "Reconciles by end", ("controller", "result"), registry=registry
        )
        self._errors = Counter(
            "controller_runtime_reconcile_errors", "Reconciles that failed", by_controller, registry=registry
        )
        self._seconds = Histogram(
            "controller_runtime_reconcile_time_seconds",
            "Time of one reconcile",
            by_controller,
            buckets=_TIME_BUCKETS,
            registry=registry,
        )
        self._most = Gauge(
            "controller_runtime_max_concurrent_reconciles", "Reconciles at a time", by_controller, registry=registry
        )
        self._active = Gauge(
            "controller_runtime_active_workers", "Reconciles of this moment", by_controller, registry=registry
        )
        self._old_seconds = Histogram(
            "controller_runtime_reconcile_duration_seconds",
            "Deprecated: controller_runtime_reconcile_time_seconds",
            by_controller,
            buckets=OLD_BUCKETS,
            registry=registry,
        )
        self._old_summary = Summary(
            "controller_runtime_reconcile_quantile_seconds",
            "Deprecated: controller_runtime_reconcile_time_seconds",
            by_controller,
            registry=registry,
        )
        self._old_federated = Histogram(
            "reconcile_federated_resources_duration_seconds",
            "Deprecated: controller_runtime_reconcile_time_seconds",
            buckets=OLD_BUCKETS,
            registry=registry,
        )

    def ended(self, controller: str, outcome: str, seconds: float) -> None:
        """A reconcile ended. `controller` is a federated kind in lower case, or the name of another controller."""
        self._introduce(controller)
        result = _RESULT_OF.get(outcome, outcome)
        self._ends.labels(controller, result).inc()
        if result == "error":
            self._errors.labels(controller).inc()
        self._seconds.labels(controller).observe(seconds)
        if old := _DEPRECATED_NAME.get(controller):
            self._old_seconds.labels(old).observe(seconds)
            self._old_summary.labels(old).observe(seconds)
        else:
            self._old_federated.observe(seconds)

    def _introduce(self, controller: str) -> None:
        """Show zeroes before anything has happened. A controller decides in one step, of which a scrape sees none."""
        if controller in self._known:
            return
        self._known.add(controller)
        for result in _RESULTS:
            self._ends.labels(controller, result)
        self._errors.labels(controller)
        self._most.labels(controller).set(1)
        self._active.labels(controller).set(0)
