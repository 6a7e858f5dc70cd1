"""Which addresses clusters get."""

from ipaddress import IPv4Network

import pytest

from fedctl.sandbox import addresses, topology
from fedctl.sandbox.errors import BadTopology
from fedctl.sandbox.topology import Topology


def with_pod_cidr(cidr: str) -> Topology:
    return Topology.model_validate({"clusters": [{"name": "h", "role": "host"}, {"name": "m", "podCIDR": cidr}]})


def test_pods_live_in_the_range_reserved_for_tests_and_no_two_clusters_share_addresses() -> None:
    ranges = list(addresses.pod_ranges(topology.of_members(40)).values())
    assert all(range_.subnet_of(addresses.PODS) and not range_.overlaps(addresses.GATEWAYS) for range_ in ranges)
    assert not any(one.overlaps(other) for number, one in enumerate(ranges) for other in ranges[:number])


def test_services_of_different_clusters_have_different_ranges() -> None:
    ranges = addresses.service_ranges(topology.of_members(40))
    assert len(set(ranges.values())) == 41


def test_a_range_in_the_file_is_kept_and_others_keep_away_from_it() -> None:
    first_of_ours = "198.18.0.0/21"
    ranges = addresses.pod_ranges(with_pod_cidr(first_of_ours))
    assert ranges["m"] == IPv4Network(first_of_ours)
    assert not ranges["h"].overlaps(ranges["m"])


def test_more_clusters_than_ranges_are_refused() -> None:
    with pytest.raises(BadTopology, match="more clusters"):
        addresses.pod_ranges(topology.of_members(60))


def test_nodes_take_the_first_addresses_of_the_pod_range() -> None:
    assert addresses.node_addresses(IPv4Network("198.18.8.0/21"), 2) == ["198.18.8.1", "198.18.8.2"]


def test_a_pod_range_too_small_for_the_nodes_is_refused() -> None:
    with pytest.raises(BadTopology, match="no room for 4 nodes"):
        addresses.node_addresses(IPv4Network("10.0.0.0/27"), 4)
