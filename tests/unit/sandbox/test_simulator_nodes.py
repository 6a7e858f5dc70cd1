"""What simulated nodes look like, and how pod addresses are handed out."""

from datetime import UTC, datetime
from ipaddress import IPv4Network
from typing import Any, cast

import pytest

from fedctl.sandbox.errors import SandboxError
from fedctl.sandbox.simulator import nodes
from fedctl.sandbox.simulator.allocation import Allocation
from fedctl.sandbox.simulator.nodes import SimulatedNode

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NODE = SimulatedNode("m-node1", "198.18.0.1", region="eu", zone="eu-a")


def document(value: object) -> Any:
    return cast("Any", value)


def test_a_node_is_labelled_with_its_place() -> None:
    labels = document(nodes.manifest(NODE))["metadata"]["labels"]
    assert labels["topology.kubernetes.io/region"] == "eu"
    assert labels["topology.kubernetes.io/zone"] == "eu-a"
    assert labels["kubernetes.io/hostname"] == "m-node1"


def test_a_node_without_a_place_has_no_empty_labels() -> None:
    labels = document(nodes.manifest(SimulatedNode("n", "198.18.0.1")))["metadata"]["labels"]
    assert not any(name.startswith("topology.") for name in labels)


def test_a_node_is_ready_and_under_no_pressure() -> None:
    conditions = document(nodes.status(NODE, "v1.36.3", NOW))["status"]["conditions"]
    states = {entry["type"]: entry["status"] for entry in conditions}
    assert states == {"Ready": "True", "MemoryPressure": "False", "DiskPressure": "False", "PIDPressure": "False"}


def test_only_the_taint_of_new_nodes_is_taken_off() -> None:
    cordoned = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    new = {"key": nodes.NOT_READY_TAINT, "effect": "NoSchedule"}
    assert nodes.without_not_ready_taint([new, cordoned]) == [cordoned]


def test_a_lease_is_renewed_with_microseconds() -> None:
    assert document(nodes.lease(NODE, NOW))["spec"]["renewTime"] == "2026-11-23T12:00:00.000000Z"


def an_allocation(prefix: int = 29) -> Allocation:
    return Allocation(IPv4Network(f"198.18.0.0/{prefix}"), reserved=2)


def test_pods_get_addresses_behind_those_of_the_nodes() -> None:
    allocation = an_allocation()
    assert [allocation.take(uid) for uid in "ab"] == ["198.18.0.2", "198.18.0.3"]


def test_a_pod_keeps_its_address() -> None:
    allocation = an_allocation()
    assert allocation.take("a") == allocation.take("a")


def test_an_address_known_from_before_is_not_given_to_another_pod() -> None:
    allocation = an_allocation()
    allocation.note("old", "198.18.0.2")
    assert allocation.take("new") == "198.18.0.3"
    assert allocation.take("old") == "198.18.0.2"


def test_a_freed_address_is_used_again_last() -> None:
    allocation = an_allocation()
    first = allocation.take("a")
    allocation.release("a")
    later = [allocation.take(str(number)) for number in range(5)]
    assert later[-1] == first
    assert first not in later[:-1]


def test_a_range_that_is_used_up_is_said() -> None:
    allocation = an_allocation()
    for number in range(5):
        allocation.take(str(number))
    with pytest.raises(SandboxError, match="all 5 pod addresses are in use"):
        allocation.take("one more")
