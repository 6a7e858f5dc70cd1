"""Numbers about the queues of controllers, under the names that client-go gave its own."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kubefed.engine.queue import Queue

_BUCKETS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0)  # client-go's


@dataclass(frozen=True, slots=True)
class _Counted:
    """What a queue had counted when it was last looked at."""

    queue: Queue
    added: int
    retried: int


class WorkqueueMetrics:
    """The metrics of all queues of one process, by the name of their controller."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, about: str) -> Gauge:
            return Gauge(name, about, ("name",), registry=registry)

        def seconds(name: str, about: str) -> Histogram:
            return Histogram(name, about, ("name",), buckets=_BUCKETS, registry=registry)

        self._counted: dict[str, _Counted] = {}
        self._added = Counter("workqueue_adds", "Keys that came into line", ("name",), registry=registry)
        self._retried = Counter("workqueue_retries", "Keys asked for again after a failure", ("name",), registry=registry)
        self._depth = gauge("workqueue_depth", "Keys that wait")
        self._oldest = gauge("kubefed_queue_oldest_seconds", "Age of the key that has waited longest")
        self._unfinished = gauge("workqueue_unfinished_work_seconds", "Time of the work of this moment")
        self._longest = gauge("workqueue_longest_running_processor_seconds", "Longest work of this moment")
        self._waited = seconds("workqueue_queue_duration_seconds", "Time that a key waited")
        self._worked = seconds("workqueue_work_duration_seconds", "Time that a key was worked on")

    def worked(self, name: str, seconds: float, waited_s: float) -> None:
        """A key was worked on."""
        self._waited.labels(name).observe(waited_s)
        self._worked.labels(name).observe(seconds)

    def show(self, name: str, queue: Queue) -> None:
        """A queue at the time of a scrape. A controller decides in one step, so that no work is under way then."""
        before = self._counted.get(name)
        if before is None or before.queue is not queue:  # a type was enabled again: its new queue counts from nothing
            before = _Counted(queue, 0, 0)
        self._counted[name] = _Counted(queue, queue.added, queue.retried)
        self._added.labels(name).inc(queue.added - before.added)
        self._retried.labels(name).inc(queue.retried - before.retried)
        self._depth.labels(name).set(len(queue))
        self._oldest.labels(name).set(queue.oldest_age_s())
        self._unfinished.labels(name).set(0)
        self._longest.labels(name).set(0)
