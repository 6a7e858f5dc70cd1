"""Which addresses each cluster of a sandbox uses: pods and Services. Pure.

Pods live in 198.18.0.0/15, the range that RFC 2544 reserves for tests: API servers refuse loopback addresses in
EndpointSlices, and an address of this range never belongs to anybody on the way. Its upper quarter stays free
for gateways and load balancers.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from fedctl.sandbox.errors import BadTopology
from fedctl.sandbox.topology import Topology

PODS = IPv4Network("198.18.0.0/15")
GATEWAYS = IPv4Network("198.19.128.0/17")
_POD_PREFIX = 21  # 2,046 pods a cluster, 48 clusters
_SERVICES = IPv4Network("10.100.0.0/14")
_SERVICE_PREFIX = 20


def pod_ranges(topology: Topology) -> dict[str, IPv4Network]:
    """The pod range of every cluster by name: the file's own where it has one, otherwise the next free of ours."""
    own = {cluster.name: cluster.pod_cidr for cluster in topology.clusters}
    free = (range_ for range_ in PODS.subnets(new_prefix=_POD_PREFIX) if not range_.overlaps(GATEWAYS))
    return _allot(own, free)


def service_ranges(topology: Topology) -> dict[str, IPv4Network]:
    """The Service range of every cluster by name; distinct, so that a ClusterIP tells where it comes from."""
    own = {cluster.name: cluster.service_cidr for cluster in topology.clusters}
    return _allot(own, _SERVICES.subnets(new_prefix=_SERVICE_PREFIX))


def reserved_for_nodes(pods: IPv4Network) -> int:
    """How many addresses at the start of a pod range belong to nodes: an eighth, the network's own included."""
    return pods.num_addresses // 8


def node_addresses(pods: IPv4Network, count: int) -> list[str]:
    """The addresses of a cluster's nodes, in their order. Raises BadTopology when the pod range is too small for them."""
    if count >= reserved_for_nodes(pods):
        raise BadTopology(f"the pod range {pods} has no room for {count} nodes", "Give the cluster a larger podCIDR.")
    return [str(pods[number]) for number in range(1, count + 1)]


def _allot(own: dict[str, IPv4Network | None], free: Iterator[IPv4Network]) -> dict[str, IPv4Network]:
    taken = [range_ for range_ in own.values() if range_ is not None]
    return {name: range_ or _next_free(free, taken) for name, range_ in own.items()}


def _next_free(free: Iterator[IPv4Network], taken: Sequence[IPv4Network]) -> IPv4Network:
    for range_ in free:
        if not any(range_.overlaps(other) for other in taken):
            return range_
    raise BadTopology("the topology has more clusters than a sandbox has address ranges", "Use at most 48 clusters.")
