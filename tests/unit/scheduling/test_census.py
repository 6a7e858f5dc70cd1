"""What a copy and its pods tell about a cluster: KubeFed's counts, and when they are not to be believed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from kubefed.core.clock import rfc3339
from kubefed.core.errors import Misconfigured
from kubefed.scheduling.census import (
    PodCount,
    Workload,
    count_pods,
    observation,
    read_pod,
    read_workload,
)
from kubefed.scheduling.planner import Replicas

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def a_copy(**spec: Any) -> bytes:
    status = {"readyReplicas": spec.pop("ready", None)}
    return orjson.dumps({"metadata": {"resourceVersion": "7"}, "spec": spec, "status": status})


def a_pod(phase: str, **conditions: Any) -> bytes:
    listed = [{"type": name, **fields} for name, fields in conditions.items()]
    return orjson.dumps({"status": {"phase": phase, "conditions": listed}})


def unschedulable(seconds: int, reason: str = "Unschedulable") -> dict[str, str]:
    return {"status": "False", "reason": reason, "lastTransitionTime": rfc3339(NOW - timedelta(seconds=seconds))}


RUNNING = a_pod("Running", Ready={"status": "True"})
RUNNING_UNREADY = a_pod("Running", Ready={"status": "False"})


def counted(*pods: bytes) -> PodCount:
    return count_pods([read_pod(pod) for pod in pods], NOW)


def test_a_copy_is_read_with_the_selector_of_its_pods() -> None:
    selector = {
        "matchLabels": {"app": "web", "tier": "front"},
        "matchExpressions": [
            {"key": "env", "operator": "In", "values": ["a", "b"]},
            {"key": "old", "operator": "DoesNotExist"},
        ],
    }
    found = read_workload(a_copy(replicas=3, selector=selector, ready=2))
    assert found == Workload(7, 3, 2, "app=web,tier=front,env in (a,b),!old")
    assert not found.settled


def test_a_copy_without_replicas_or_status_has_none() -> None:
    found = read_workload(orjson.dumps({"metadata": {"resourceVersion": "7"}}))
    assert (found.wanted, found.ready, found.selector) == (0, 0, "")
    assert found.settled


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", a_copy(replicas="3"), a_copy(replicas=1, selector={}), b'{"metadata":{"resourceVersion":"x"}}'],
)
def test_what_is_unlike_a_workload_is_refused(body: bytes) -> None:
    with pytest.raises(Misconfigured):
        read_workload(body)


def test_running_pods_with_a_ready_condition_count_whatever_it_says() -> None:
    assert counted(RUNNING, RUNNING_UNREADY, a_pod("Running"), a_pod("Pending")) == PodCount(running=2)


def test_pods_that_found_no_node_for_more_than_a_minute_show_that_the_cluster_is_full() -> None:
    pods = [a_pod("Pending", PodScheduled=unschedulable(seconds)) for seconds in (61, 3600)]
    assert counted(*pods) == PodCount(unschedulable=2)


@pytest.mark.parametrize("seconds", [60, 5, -30])
def test_a_pod_that_found_no_node_lately_is_looked_at_again(seconds: int) -> None:
    assert counted(a_pod("Pending", PodScheduled=unschedulable(seconds))) == PodCount(undecided=True)


def test_other_reasons_for_not_running_do_not_show_that_a_cluster_is_full() -> None:
    gated = a_pod("Pending", PodScheduled=unschedulable(3600, "SchedulingGated"))
    assert counted(gated, a_pod("Failed", PodScheduled={"status": "True"})) == PodCount()


@pytest.mark.parametrize("pod", [b"1", b'{"status":{"phase":1}}'])
def test_a_pod_that_cannot_be_read_is_not_counted_as_none(pod: bytes) -> None:
    with pytest.raises(Misconfigured):
        read_pod(pod)


def observed(wanted: int, count: PodCount) -> Replicas:
    return observation(Workload(7, wanted, 0, "app=web"), count).replicas


def test_the_capacity_is_what_is_wanted_without_what_found_no_place() -> None:
    assert observed(10, PodCount(running=6, unschedulable=4)) == Replicas(6, 6)
    assert observed(10, PodCount(running=6)) == Replicas(6, None)


def test_more_unschedulable_pods_than_replicas_are_no_negative_capacity() -> None:
    assert observed(2, PodCount(unschedulable=3)) == Replicas(0, 0)


def test_the_extra_pods_of_a_rolling_update_are_no_replicas() -> None:
    assert observed(4, PodCount(running=5)).current == 4
