"""Policies for what cannot be read, damping, names, addresses: the small rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.api.core_v1beta1 import StalenessConfig, StalenessPolicy
from kubefed.api.durations import Duration
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.services.addresses import AddressRules, rules_for
from kubefed.services.damping import Damper, Damping
from kubefed.services.records import Endpoint
from kubefed.services.staleness import Policy, Stock, aged, drained, fleet_policy, read_policy
from kubefed.services.words import derived_name, slice_prefix

# --- policies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("Keep", Policy()),
        ("Drain", Policy(StalenessPolicy.DRAIN)),
        ("Remove,after=10m,keepAtLeast=2", Policy(StalenessPolicy.REMOVE, 600.0, 2)),
        (" Remove , after=1m30s ", Policy(StalenessPolicy.REMOVE, 90.0)),
        ("Remove,after=-1m", Policy(StalenessPolicy.REMOVE, 0.0)),
        ("Remove,keepAtLeast=99999999999", Policy(StalenessPolicy.REMOVE, keep_at_least=1000)),
    ],
)
def test_policies_are_read(text: str, policy: Policy) -> None:
    assert read_policy(text, Policy()) == policy


@pytest.mark.parametrize(
    "text", ["", "keep", "Remove;after=1m", "Remove,after=soon", "Remove,keepAtLeast=-1", "Remove,x=1"]
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_policy(text, Policy())


def test_what_a_service_does_not_say_is_the_fleets() -> None:
    config = StalenessConfig(policy="Remove", after=Duration.of(60), keep_at_least=3)
    assert read_policy("Drain", fleet_policy(config)) == Policy(StalenessPolicy.DRAIN, 60.0, 3)


def test_a_fleet_keeps_unless_it_says_otherwise() -> None:
    assert fleet_policy(None) == fleet_policy(StalenessConfig()) == Policy(StalenessPolicy.KEEP, 300.0, 1)
    assert fleet_policy(StalenessConfig(policy="Forget")).kind is StalenessPolicy.KEEP


STOCKS = st.dictionaries(
    st.sampled_from([ClusterName(name) for name in ("eu", "us", "asia")]),
    st.builds(
        Stock,
        st.lists(
            st.builds(Endpoint, st.integers(0, 9).map(str), st.booleans()), max_size=6, unique_by=lambda e: e.address
        ).map(tuple),
        st.builds(Policy, st.sampled_from(StalenessPolicy), st.just(10.0), st.integers(0, 4)),
        st.sampled_from([None, 0.0, 9.0, 10.0, 1e9]),
    ),
)


@given(STOCKS)
def test_only_what_is_long_out_of_reach_is_hit_and_never_the_last(stocks: dict[ClusterName, Stock]) -> None:
    hit = aged(stocks)
    for name, addresses in hit.items():
        stock = stocks[name]
        assert stock.policy.kind is not StalenessPolicy.KEEP
        assert stock.lost_s is not None
        assert stock.lost_s >= stock.policy.after_s
        assert addresses <= {endpoint.address for endpoint in stock.endpoints}
    left = sum(
        endpoint.ready and endpoint.address not in hit.get(name, frozenset())
        for name, stock in stocks.items()
        for endpoint in stock.endpoints
    )
    ready = sum(endpoint.ready for stock in stocks.values() for endpoint in stock.endpoints)
    wanted = min((stocks[name].policy.keep_at_least for name in hit), default=0)
    assert left >= min(wanted, ready)


def test_draining_leaves_alone_what_is_not_ready() -> None:
    waiting = Endpoint("a", ready=False, serving=False)
    assert drained(waiting) == waiting
    assert drained(Endpoint("a")) == Endpoint("a", ready=False, serving=True, terminating=True)


# --- damping ---------------------------------------------------------------------------------------------------


def test_a_burst_passes_at_once_and_flapping_goes_on_at_its_pace() -> None:
    damper = Damper(Damping(burst=3, per_s=2))
    assert [damper.wait_s(10.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert damper.wait_s(10.5) == 0.0
    assert damper.wait_s(10.5) == pytest.approx(0.5)


def test_whoever_comes_back_when_told_to_is_let_through() -> None:
    damper, now = Damper(Damping(burst=1, per_s=3)), 0.1
    assert damper.wait_s(now) == 0.0
    for _ in range(100):
        now += damper.wait_s(now)
        assert damper.wait_s(now) == 0.0


def test_quiet_times_give_the_burst_back_and_no_more() -> None:
    damper = Damper(Damping(burst=2, per_s=1))
    assert [damper.wait_s(0.0) for _ in range(3)] == [0.0, 0.0, 1.0]
    assert [damper.wait_s(1000.0) for _ in range(3)] == [0.0, 0.0, 1.0]


@given(st.lists(st.floats(0, 5), max_size=200))
def test_over_any_time_no_more_passes_than_the_burst_and_the_pace_allow(pauses: list[float]) -> None:
    damper, now, passed = Damper(Damping(burst=5, per_s=2)), 0.0, 0
    for pause in pauses:
        now += pause
        passed += damper.wait_s(now) == 0.0
    assert passed <= 5 + 2 * now + 1e-6


# --- names and addresses ---------------------------------------------------------------------------------------


def test_derived_services_are_named_as_by_the_apis_reference_implementation() -> None:
    """First ten letters of the lower-case base32hex of sha256("ns/name"), by openssl and basenc."""
    assert derived_name(ObjectKey("shop", "web")) == "derived-isrlchlhrq"


def test_names_of_slices_tell_apart_what_would_read_the_same() -> None:
    one = slice_prefix(ObjectKey("shop", "a"), ClusterName("b-c"))
    other = slice_prefix(ObjectKey("shop", "a-b"), ClusterName("c"))
    assert one != other
    assert one.startswith("imported-a-b-c-")


def test_names_of_slices_fit_whatever_services_and_clusters_are_called() -> None:
    assert len(slice_prefix(ObjectKey("shop", "s" * 63), ClusterName("c" * 63))) < 253 - 6


def test_ranges_and_addresses_that_are_none_say_nothing() -> None:
    rules = rules_for(ClusterName("eu"), {ClusterName("us"): ["nonsense"]}, {ClusterName("us"): "api.example.com"}, host="")
    assert rules == AddressRules()


def test_a_cluster_may_offer_its_own_api_servers_address() -> None:
    eu, us = ClusterName("eu"), ClusterName("us")
    servers = {eu: "203.0.113.3", us: "[2001:db8::2]"}
    rules = rules_for(eu, {}, servers, host="203.0.113.1")
    assert rules.objection("203.0.113.3", "IPv4") == ""
    assert "API server" in rules.objection("2001:db8::2", "IPv6")


def test_an_ipv4_address_in_disguise_is_judged_as_what_it_is() -> None:
    assert AddressRules().objection("::ffff:127.0.0.1", "IPv6") == "a loopback address"
