"""Where a cluster record may lead: not back into the host's machine, not to a cloud's metadata, however it is spelled."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.kube.addresses import ANYWHERE, AddressPolicy

STRICT = AddressPolicy()

METADATA = [
    "169.254.169.254",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
]
LOOPBACK = ["127.0.0.1", "127.255.255.254", "::1"]
OTHERS = [
    "169.254.170.2",
    "fe80::1",
    "fe80::1%eth0",
    "224.0.0.1",
    "ff02::1",
    "0.0.0.0",  # noqa: S104 - refused
    "::",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
]
TRANSLATED = ["64:ff9b::169.254.169.254", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1"]


@pytest.mark.parametrize("address", [*METADATA, *LOOPBACK, *OTHERS, *TRANSLATED])
def test_what_leads_back_is_refused(address: str) -> None:
    assert STRICT.objection(address)


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "203.0.113.9", "8.8.8.8", "fd12::1", "2a00::1"]
)
def test_where_members_live_is_admitted(address: str) -> None:
    """Private networks above all: that is where most clusters are."""
    assert STRICT.objection(address) == ""


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_written_as_ipv6_is_judged_as_what_it_is(address: IPv4Address) -> None:
    assert STRICT.objection(f"::ffff:{address}") == STRICT.objection(str(address))


def test_the_reason_names_the_class() -> None:
    assert STRICT.objection("127.0.0.1") == "a loopback address"
    assert STRICT.objection("::ffff:169.254.169.254") == "a cloud metadata address"


def test_a_range_that_an_administrator_lists_is_admitted_and_no_more_than_that() -> None:
    policy = AddressPolicy.of(["127.0.0.0/30", "fe80::/10"])
    assert not policy.objection("127.0.0.1")
    assert not policy.objection("::ffff:127.0.0.1")
    assert not policy.objection("fe80::1")
    assert policy.objection("127.0.0.4")
    assert policy.objection("::1")


def test_the_hosts_own_ranges_are_refused_unless_listed() -> None:
    refusing = AddressPolicy.of([], ["10.96.0.0/12", "fd12::/16"])
    assert (
        refusing.objection("10.96.0.1")
        == refusing.objection("fd12::1")
        == "inside a range that belongs to the host cluster"
    )
    assert not AddressPolicy.of(["10.96.0.1/32"], ["10.96.0.0/12"]).objection("10.96.0.1")


@pytest.mark.parametrize("address", [*METADATA, *LOOPBACK, *OTHERS, *TRANSLATED])
def test_the_host_itself_may_be_anywhere(address: str) -> None:
    assert not ANYWHERE.objection(address)


@pytest.mark.parametrize("cidr", ["10.0.0.0/33", "10.0.0.1/8", "everything"])
def test_what_is_no_range_is_named(cidr: str) -> None:
    with pytest.raises(ValueError, match=cidr):
        AddressPolicy.of([cidr])
