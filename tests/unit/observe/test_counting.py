"""What each number counts, and that what is gone is shown no more."""

from prometheus_client.parser import text_string_to_metric_families

from kubefed.core.errors import Forbidden
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.priority import Priority
from kubefed.engine.queue import Queue
from kubefed.observe.clusters import ClusterState
from kubefed.observe.metrics import Metrics
from tests.fakes.clock import FakeClock, seeded

EU, US = ClusterName("eu"), ClusterName("us")


def samples(metrics: Metrics, name: str) -> dict[tuple[str, ...], float]:
    """The samples of one name by the values of their labels, in the order of the labels' names."""
    found = {}
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            if sample.name == name:
                found[tuple(value for _, value in sorted(sample.labels.items()))] = sample.value
    return found


def test_a_cluster_is_in_one_of_three_states_and_goes_with_its_record() -> None:
    metrics = Metrics()
    metrics.clusters.show([ClusterState(EU, True, False, 3), ClusterState(US, False, True, 0)])
    states = samples(metrics, "kubefedcluster_total")
    assert {labels for labels, value in states.items() if value == 1} == {("eu", "ready"), ("us", "offline")}
    assert len(states) == 6
    assert samples(metrics, "joined_cluster_total") == {(): 2}
    assert samples(metrics, "kubefed_member_operations_waiting") == {("eu",): 3, ("us",): 0}

    metrics.clusters.show([ClusterState(EU, False, False, 0)])
    assert samples(metrics, "kubefedcluster_total") == {("eu", "ready"): 0, ("eu", "notready"): 1, ("eu", "offline"): 0}
    assert samples(metrics, "kubefed_member_operations_waiting") == {("eu",): 0}


def test_a_cluster_that_left_leaves_no_series() -> None:
    metrics = Metrics()
    for host in ("eu", "host"):
        metrics.request(host, "GET", 200, 0.1)
        metrics.operation(host, "create", None)
    metrics.show_members([ClusterState(EU, True, False, 0)])
    assert '"eu"' in metrics.render().decode()
    metrics.show_members([])
    assert '"eu"' not in metrics.render().decode()
    assert samples(metrics, "rest_client_requests_total") == {("200", "host", "GET"): 1}


def test_operations_on_copies_are_dispatched_and_reading_a_member_is_not() -> None:
    metrics = Metrics()
    for verb in ("create", "update", "unlabel", "delete", "read replicas"):
        metrics.clusters.dispatched(verb, 0.2)
    dispatched = samples(metrics, "dispatch_operation_duration_seconds_count")
    assert dispatched == {("create",): 1, ("update",): 2, ("delete",): 1}


def test_an_operation_ends_with_the_servers_reason_and_never_its_message() -> None:
    metrics = Metrics()
    metrics.operation("eu", "create", None)
    refused = Forbidden("POST /api", status=403, reason="Forbidden", server_message="secret value")
    metrics.operation("eu", "create", refused)
    assert samples(metrics, "kubefed_member_operations_total") == {
        ("create", "eu", "ok"): 1, ("create", "eu", "Forbidden"): 1,
    }  # fmt: skip
    assert "secret value" not in metrics.render().decode()


def test_reconciles_are_counted_by_controller_runtimes_words() -> None:
    metrics = Metrics()
    for outcome in ("done", "done", "again", "failed"):
        metrics.reconcile("federateddeployment", outcome, 0.01, 0.1)
    kind = "federateddeployment"
    assert samples(metrics, "controller_runtime_reconcile_total") == {
        (kind, "success"): 2, (kind, "needs_recheck"): 1, (kind, "error"): 1, (kind, "not_synced"): 0,
    }  # fmt: skip
    assert samples(metrics, "controller_runtime_reconcile_errors_total") == {(kind,): 1}
    assert samples(metrics, "controller_runtime_reconcile_time_seconds_count") == {(kind,): 4}
    assert samples(metrics, "workqueue_queue_duration_seconds_count") == {(kind,): 4}
    assert samples(metrics, "workqueue_queue_duration_seconds_sum")[(kind,)] == 0.4


def test_each_controller_has_the_deprecated_metric_that_kubefed_gave_it() -> None:
    metrics = Metrics()
    for controller in ("federateddeployment", "federatedtypeconfig", "replicaschedulingpreference"):
        metrics.reconcile(controller, "done", 0.01, 0.0)
    others = {("federatedtypeconfigcontroller",): 1.0, ("schedulingpreferencecontroller",): 1.0}
    assert samples(metrics, "reconcile_federated_resources_duration_seconds_count") == {(): 1}
    assert samples(metrics, "controller_runtime_reconcile_duration_seconds_count") == others
    assert samples(metrics, "controller_runtime_reconcile_quantile_seconds_count") == others


def test_a_queue_that_starts_anew_does_not_take_back_what_was_counted() -> None:
    metrics, clock = Metrics(), FakeClock()

    def a_queue(keys: int) -> Queue:
        queue = Queue(clock, seeded())
        for number in range(keys):
            queue.add(ObjectKey("shop", str(number)), Priority.EVENT)
            queue.add(ObjectKey("shop", str(number)), Priority.EVENT)
        return queue

    first = a_queue(3)
    metrics.workqueue.show("sync", first)
    metrics.workqueue.show("sync", first)
    assert samples(metrics, "workqueue_adds_total") == {("sync",): 3}
    assert samples(metrics, "workqueue_depth") == {("sync",): 3}
    metrics.workqueue.show("sync", a_queue(2))
    assert samples(metrics, "workqueue_adds_total") == {("sync",): 5}
    assert samples(metrics, "workqueue_depth") == {("sync",): 2}
