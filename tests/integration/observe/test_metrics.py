"""Dashboards and alerts that were made for KubeFed find their numbers in a running controller that has done real work."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from fedctl.federation import TYPE_CONFIGS
from kubefed.core.markers import FREEZE_ANNOTATION
from kubefed.core.names import ObjectKey
from tests.builders import kinds
from tests.support.controller import Controller
from tests.support.federation import MEMBERS, SYSTEM, Federation
from tests.support.shop import Shop
from tests.support.waiting import eventually

BY_CONTROLLER, BY_NAME = {"controller"}, {"name"}
KUBEFEDS: dict[str, tuple[str, set[str]]] = {
    "kubefedcluster_total": ("gauge", {"state", "cluster"}),
    "joined_cluster_total": ("gauge", set()),
    "join_cluster_duration_seconds": ("histogram", set()),
    "unjoin_cluster_duration_seconds": ("histogram", set()),
    "cluster_health_status_duration_seconds": ("histogram", set()),
    "cluster_client_connection_duration_seconds": ("histogram", set()),
    "reconcile_federated_resources_duration_seconds": ("histogram", set()),
    "dispatch_operation_duration_seconds": ("histogram", {"action"}),
    "controller_runtime_reconcile_duration_seconds": ("histogram", BY_CONTROLLER),
    "controller_runtime_reconcile_quantile_seconds": ("summary", BY_CONTROLLER),
    "controller_runtime_reconcile_total": ("counter", {"controller", "result"}),
    "controller_runtime_reconcile_errors_total": ("counter", BY_CONTROLLER),
    "controller_runtime_reconcile_time_seconds": ("histogram", BY_CONTROLLER),
    "controller_runtime_max_concurrent_reconciles": ("gauge", BY_CONTROLLER),
    "controller_runtime_active_workers": ("gauge", BY_CONTROLLER),
    "workqueue_adds_total": ("counter", BY_NAME),
    "workqueue_retries_total": ("counter", BY_NAME),
    "workqueue_depth": ("gauge", BY_NAME),
    "workqueue_queue_duration_seconds": ("histogram", BY_NAME),
    "workqueue_work_duration_seconds": ("histogram", BY_NAME),
    "workqueue_unfinished_work_seconds": ("gauge", BY_NAME),
    "workqueue_longest_running_processor_seconds": ("gauge", BY_NAME),
    "rest_client_requests_total": ("counter", {"host", "method", "code"}),
    "rest_client_request_duration_seconds": ("histogram", {"host", "verb"}),
    "process_cpu_seconds_total": ("counter", set()),
    "process_resident_memory_bytes": ("gauge", set()),
}
OURS: dict[str, tuple[str, set[str]]] = {
    "kubefed_frozen": ("gauge", {"scope", "name"}),
    "kubefed_leader": ("gauge", set()),
    "kubefed_member_operations_total": ("counter", {"cluster", "action", "result"}),
    "kubefed_member_operations_waiting": ("gauge", {"cluster"}),
    "kubefed_queue_oldest_seconds": ("gauge", BY_NAME),
    "kubefed_removals_held": ("gauge", set()),  # nothing is held here, so that there is no sample with its labels
}
STANDARD = ("process_", "python_")
AT_WORK: dict[str, dict[str, str]] = {
    "cluster_health_status_duration_seconds_count": {},
    "cluster_client_connection_duration_seconds_count": {},
    "reconcile_federated_resources_duration_seconds_count": {},
    "dispatch_operation_duration_seconds_count": {"action": "create"},
    "controller_runtime_reconcile_duration_seconds_count": {"controller": "federatedtypeconfigcontroller"},
    "controller_runtime_reconcile_quantile_seconds_count": {"controller": "federatedtypeconfigcontroller"},
    "controller_runtime_reconcile_total": {"controller": "federatedconfigmap", "result": "success"},
    "controller_runtime_reconcile_time_seconds_count": {"controller": "federatedconfigmap"},
    "controller_runtime_max_concurrent_reconciles": {"controller": "federatedconfigmap"},
    "workqueue_adds_total": {"name": "federatedconfigmap"},
    "workqueue_queue_duration_seconds_count": {"name": "federatedconfigmap"},
    "workqueue_work_duration_seconds_count": {"name": "federatedconfigmap"},
    "rest_client_requests_total": {"host": "member1", "method": "POST", "code": "201"},
    "kubefedcluster_total": {"state": "ready", "cluster": "member1"},
}


@pytest.fixture(scope="module")
def busy(federation: Federation, controller: Controller) -> Shop:  # noqa: ARG001 - it must be running
    """A federated namespace where a ConfigMap has just been propagated and deleted again."""
    shop = Shop(federation, "busy-and-counted").open(*MEMBERS)
    wish = shop.settle(shop.config_map())
    shop.delete(wish)
    shop.await_gone(wish)
    return shop


@pytest.fixture(scope="module")
def families(busy: Shop, controller: Controller) -> Iterator[dict[str, Metric]]:
    """What its controller counts while one of its types is frozen."""
    with frozen(busy.federation, kinds.SERVICE_ACCOUNTS.name):
        eventually(lambda: "kubefed_frozen{" in controller.exposition(), "the freeze is counted")
        yield {each.name: each for each in text_string_to_metric_families(controller.exposition())}
    eventually(lambda: "kubefed_frozen{" not in controller.exposition(), "the freeze is counted no more")


@contextmanager
def frozen(federation: Federation, name: str) -> Iterator[None]:
    """A type that is frozen for a while."""
    record = ObjectKey(SYSTEM, name)
    federation.host.merge(TYPE_CONFIGS, record, {"metadata": {"annotations": {FREEZE_ANNOTATION: "at night"}}})
    try:
        yield
    finally:
        federation.host.merge(TYPE_CONFIGS, record, {"metadata": {"annotations": {FREEZE_ANNOTATION: None}}})


def labels_of(family: Metric) -> set[str]:
    """The names of a family's labels, but for those that its type adds."""
    return {label for sample in family.samples for label in sample.labels} - {"le", "quantile"}


def test_every_metric_has_its_name_type_and_labels_and_there_is_no_other(families: dict[str, Metric]) -> None:
    # Counters are families without the `_total` that all of their samples end with.
    found = {
        f"{name}_total" if family.type == "counter" else name: (family.type, labels_of(family))
        for name, family in families.items()
    }
    assert {name: found.get(name) for name in KUBEFEDS | OURS} == KUBEFEDS | OURS
    assert [name for name in found if name not in KUBEFEDS | OURS and not name.startswith(STANDARD)] == []


@pytest.mark.parametrize("name", AT_WORK)
def test_work_moves_what_counts_it(families: dict[str, Metric], name: str) -> None:
    wanted = AT_WORK[name].items()
    values = [
        sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name == name and wanted <= sample.labels.items()
    ]
    assert sum(values) > 0, f"{name} of {dict(wanted)} shows nothing"


def test_a_cluster_shows_exactly_one_state(families: dict[str, Metric]) -> None:
    states = [sample for sample in families["kubefedcluster_total"].samples if sample.value == 1]
    assert {(sample.labels["cluster"], sample.labels["state"]) for sample in states} == {
        (member, "ready") for member in MEMBERS
    }
    assert len(states) == len(MEMBERS)


def test_no_label_names_an_object(families: dict[str, Metric], busy: Shop) -> None:
    values = {value for family in families.values() for sample in family.samples for value in sample.labels.values()}
    assert busy.namespace not in values
    assert not any(value.startswith("settings") for value in values)
