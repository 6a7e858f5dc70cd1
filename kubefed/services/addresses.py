"""Which addresses a member may offer as endpoints. Pure.

Whoever writes EndpointSlices in one member chooses where clients of all others connect to. Addresses that mean something
else to the client than to the exporter, and those that are known to be somebody else's, are refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from kubefed.core.names import ClusterName
from kubefed.kube.addresses import Address, AddressPolicy, Network

_ANY_CLASS = AddressPolicy()
_VERSIONS = {"IPv4": 4, "IPv6": 6}


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What is known of one member's addresses and of everybody else's.

    `own` are the ranges that its record declares, `others` those of other records; `taken` are addresses of API servers
    that are not its own, the host's above all.
    """

    own: tuple[Network, ...] = ()
    others: tuple[Network, ...] = ()
    taken: frozenset[Address] = frozenset()

    def objection(self, address: str, family: str) -> str:
        """Why an endpoint of an EndpointSlice of this `family` may not be offered; empty when it may."""
        try:
            ip = ip_address(address)
        except ValueError:
            return "no IP address"
        if ip.version != _VERSIONS.get(family):
            return f"no {family} address"
        if objection := _ANY_CLASS.objection(address):
            return objection
        if ip in self.taken:
            return "the address of an API server of the federation"
        if self.own:
            return "" if _inside(ip, self.own) else "outside of the ranges that the cluster's record declares"
        return "inside a range of another cluster" if _inside(ip, self.others) else ""


def rules_for(
    cluster: ClusterName, ranges: Mapping[ClusterName, Iterable[str]], servers: Mapping[ClusterName, str], host: str
) -> AddressRules:
    """From the ranges that records declare and the addresses at which API servers are reached. What is no range or no
    address, such as a name, says nothing."""
    return AddressRules(
        own=_networks(ranges.get(cluster, ())),
        others=tuple(network for name, each in ranges.items() if name != cluster for network in _networks(each)),
        taken=frozenset(_addresses([host, *(text for name, text in servers.items() if name != cluster)])),
    )


def _inside(ip: Address, networks: Iterable[Network]) -> bool:
    return any(ip in network for network in networks if network.version == ip.version)


def _networks(texts: Iterable[str]) -> tuple[Network, ...]:
    found = []
    for text in texts:
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            continue
    return tuple(found)


def _addresses(texts: Iterable[str]) -> Iterable[Address]:
    for text in texts:
        try:
            yield ip_address(text.strip("[]"))
        except ValueError:
            continue
