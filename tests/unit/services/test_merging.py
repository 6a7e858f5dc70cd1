"""Every conflict rule of the Multi-Cluster Services API, and what holds however exports differ."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.core.catalogue import ImportType, ServicePort
from kubefed.core.names import ClusterName
from kubefed.services.merging import merge
from kubefed.services.offers import Offer
from tests.builders.services import HTTP, moment


def offer(cluster: str, at: int = 0, **fields: object) -> Offer:
    plain = Offer(ClusterName(cluster), moment(at), ImportType.CLUSTER_SET_IP, (HTTP,), families=("IPv4",))
    return replace(plain, **fields)  # type: ignore[arg-type]


def port(name: str, number: int, protocol: str = "TCP") -> ServicePort:
    return ServicePort(name, protocol, number)


def reasons(*offers: Offer) -> str:
    return ",".join(conflict.reason for conflict in merge(offers).conflicts)


def test_the_oldest_export_wins() -> None:
    assert merge([offer("a", 2), offer("b", 1)]).winner.cluster == "b"


def test_of_exports_of_one_second_the_first_by_name_wins() -> None:
    assert merge([offer("b", 1), offer("a", 1)]).winner.cluster == "a"


def test_what_was_published_before_wins_over_everything_that_can_be_read() -> None:
    before = offer("before", 9, remembered=True, affinity="ClientIP")
    assert merge([offer("a", 1), before]).winner is before


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        ({"ports": (port("http", 81),)}, "PortConflict"),
        ({"ports": (HTTP, port("more", 81))}, "PortConflict"),
        ({"type": ImportType.HEADLESS}, "TypeConflict"),
        ({"affinity": "ClientIP", "affinity_timeout_s": 5}, "SessionAffinityConflict"),
        ({"labels": (("a", "b"),)}, "LabelsConflict"),
        ({"annotations": (("a", "b"),)}, "AnnotationsConflict"),
        ({"internal_policy": "Local"}, "InternalTrafficPolicyConflict"),
        ({"distribution": "PreferClose"}, "TrafficDistributionConflict"),
        ({"families": ("IPv4", "IPv6")}, "IPFamilyConflict"),
    ],
)
def test_each_difference_has_its_reason_and_the_older_value_is_used(difference: dict[str, object], reason: str) -> None:
    merged = merge([offer("a", 1), offer("b", 2, **difference), offer("c", 3)])
    assert [conflict.reason for conflict in merged.conflicts] == [reason]
    assert "1 of 3 clusters" in merged.conflicts[0].message
    assert "of a, the oldest" in merged.conflicts[0].message
    assert merged.winner.cluster == "a"


def test_the_timeouts_of_session_affinity_conflict_only_where_there_is_affinity() -> None:
    one, other = (offer(name, affinity="ClientIP", affinity_timeout_s=s) for name, s in (("a", 1), ("b", 2)))
    assert reasons(one, other) == "SessionAffinityConfigConflict"
    assert reasons(replace(one, affinity="None"), replace(other, affinity="None")) == ""


def test_several_conflicts_are_all_named_in_one_order() -> None:
    differing = offer("b", 2, distribution="PreferClose", ports=(port("x", 1),), type=ImportType.HEADLESS)
    assert reasons(offer("a", 1), differing) == "PortConflict,TypeConflict,TrafficDistributionConflict"


def test_exports_that_agree_have_no_conflict() -> None:
    assert reasons(offer("a", 1), offer("b", 2), offer("c", 3)) == ""


def test_ports_are_united_and_clashes_are_the_winners() -> None:
    first = offer("a", 1, ports=(port("http", 80), port("admin", 8000)))
    second = offer("b", 2, ports=(port("http", 81), port("other", 8000), port("metrics", 9090)))
    merged = merge([first, second])
    assert merged.ports == (port("http", 80), port("admin", 8000), port("metrics", 9090))
    assert merged.renamed[ClusterName("b")] == {"http": "http", "other": "admin", "metrics": "metrics"}
    assert merged.exposed_by(ClusterName("a")) == (port("http", 80), port("admin", 8000))


def test_one_number_under_two_protocols_is_two_ports() -> None:
    dns = (port("dns", 53, "UDP"), port("dns-tcp", 53))
    assert merge([offer("a", ports=dns)]).ports == dns


def test_a_name_under_another_protocol_is_another_port_and_does_not_get_its_traffic() -> None:
    merged = merge([offer("a", 1, ports=(port("dns", 53, "UDP"),)), offer("b", 2, ports=(port("dns", 53),))])
    assert merged.ports == (port("dns", 53, "UDP"),)
    assert merged.renamed[ClusterName("b")] == {}


def test_unnamed_ports_are_one_only_if_their_numbers_are() -> None:
    merged = merge([offer("a", 1, ports=(port("", 80),)), offer("b", 2, ports=(port("", 90),))])
    assert merged.ports == (port("", 80),)
    assert merged.renamed[ClusterName("b")] == {}


def test_an_unnamed_port_gets_a_name_when_there_are_others_as_a_service_needs_it() -> None:
    merged = merge([offer("a", 1, ports=(port("", 80),)), offer("b", 2, ports=(port("tcp-80", 81), port("x", 82)))])
    assert merged.ports == (port("tcp-80-x", 80), port("tcp-80", 81), port("x", 82))
    assert merged.renamed[ClusterName("a")] == {"": "tcp-80-x"}


PORTS = st.lists(
    st.builds(
        ServicePort,
        st.sampled_from(["", "a", "b", "tcp-1"]),
        st.sampled_from(["TCP", "UDP"]),
        st.integers(1, 4),
    ),
    max_size=4,
    unique_by=(lambda each: each.name, lambda each: (each.protocol, each.port)),
).map(tuple)
OFFERS = st.lists(
    st.builds(offer, st.sampled_from(["eu", "us", "asia", "africa"]), st.integers(0, 3), ports=PORTS),
    min_size=1,
    max_size=4,
    unique_by=lambda each: each.cluster,
)


@given(OFFERS)
def test_names_and_numbers_are_unique_and_named_where_there_are_several(offers: list[Offer]) -> None:
    ports = merge(offers).ports
    assert len({each.name for each in ports}) == len(ports)
    assert len({(each.protocol, each.port) for each in ports}) == len(ports)
    assert len(ports) <= 1 or all(each.name for each in ports)


@given(OFFERS, st.randoms())
def test_the_order_in_which_exports_are_read_makes_no_difference(offers: list[Offer], rng: object) -> None:
    shuffled = sorted(offers, key=lambda _: rng.random())  # type: ignore[attr-defined]
    assert merge(shuffled) == merge(offers)


@given(OFFERS)
def test_every_port_of_the_winner_is_served_by_it_and_every_port_by_somebody(offers: list[Offer]) -> None:
    merged = merge(offers)
    assert len(merged.exposed_by(merged.winner.cluster)) == len(merged.winner.ports)
    served = {name for renamed in merged.renamed.values() for name in renamed.values()}
    assert served == {each.name for each in merged.ports}


@given(OFFERS)
def test_no_two_ports_of_a_cluster_stand_behind_one_and_protocols_never_mix(offers: list[Offer]) -> None:
    merged = merge(offers)
    published = {each.name: each.protocol for each in merged.ports}
    for each in offers:
        renamed = merged.renamed[each.cluster]
        assert len(set(renamed.values())) == len(renamed)
        assert all(published[renamed[own.name]] == own.protocol for own in each.ports if own.name in renamed)
