"""Which network addresses a member's record may point at. Pure.

Whoever can write a cluster record chooses where the controller sends that cluster's credentials, so the addresses that
lead back into the host's own machine or to a cloud's metadata service are refused unless an administrator lists them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_METADATA_SERVICES = (
    ip_network("169.254.169.254/32"),  # AWS, Azure, GCP and most others
    ip_network("fd00:ec2::/32"),  # AWS over IPv6: metadata at ::254, credentials of pods at ::23
    ip_network("fd20:ce::254/128"),  # GCP over IPv6
    ip_network("100.100.100.200/32"),  # Alibaba Cloud
    ip_network("168.63.129.16/32"),  # Azure's wire server
    ip_network("192.0.0.192/32"),  # Oracle Cloud
)
_WAYS_TO_IPV4 = (
    ip_network("2002::/16"),  # 6to4
    ip_network("2001::/32"),  # Teredo
    ip_network("64:ff9b::/96"),  # NAT64
    ip_network("64:ff9b:1::/48"),  # NAT64 of a network's own
)
"""Translators on the way make IPv4 addresses of these, any of them: what they lead to cannot be judged."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Address ranges that are admitted whatever their class, and those that are refused beside the well-known classes."""

    allowed: tuple[Network, ...] = ()
    refused: tuple[Network, ...] = ()

    @classmethod
    def of(cls, allowed: Iterable[str], refused: Iterable[str] = ()) -> Self:
        """Build from CIDR strings. Raises ValueError naming the one that is no CIDR."""
        return cls(tuple(ip_network(cidr) for cidr in allowed), tuple(ip_network(cidr) for cidr in refused))

    def objection(self, address: str) -> str:
        """Why `address` (an IP literal) may not be connected to; empty when it may."""
        ip = _unmapped(ip_address(address))
        if any(ip in network for network in self.allowed if network.version == ip.version):
            return ""
        if any(ip in network for network in self.refused if network.version == ip.version):
            return "inside a range that belongs to the host cluster"
        return _class_objection(ip)


ANYWHERE = AddressPolicy.of(("0.0.0.0/0", "::/0"))
"""No restriction: for the host, whose address comes from the person who started the process."""


def _unmapped(ip: Address) -> Address:
    """::ffff:127.0.0.1 reaches 127.0.0.1, so it is judged as that."""
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip


def _class_objection(ip: Address) -> str:
    if any(ip in network for network in _METADATA_SERVICES if network.version == ip.version):
        return "a cloud metadata address"
    if any(ip in network for network in _WAYS_TO_IPV4 if network.version == ip.version):
        return "an IPv4 address in disguise"
    for is_of_class, name in (
        (ip.is_loopback, "a loopback address"),
        (ip.is_link_local, "a link-local address"),
        (ip.is_multicast, "a multicast address"),
        (ip.is_unspecified, "the unspecified address"),
        (ip.is_reserved and not ip.is_private, "a reserved address"),
    ):
        if is_of_class:
            return name
    return ""
