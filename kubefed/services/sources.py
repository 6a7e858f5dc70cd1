"""Who exports the service, with which endpoints; and what is only remembered because it cannot be read. Pure.

Absence is believed when a whole list says it and nothing that was published speaks against it. Otherwise the server is
asked once more about this very object, and until it has answered everything stays as it was.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from kubefed.core.names import ClusterName
from kubefed.services.facts import ClusterFacts, Facts, Part
from kubefed.services.offers import Offer, Refusal, judge
from kubefed.services.packing import Shape
from kubefed.services.records import Endpoint, SlicePort, SliceRecord
from kubefed.services.staleness import Policy, read_policy
from kubefed.services.words import STALENESS

_FAMILIES = frozenset({"IPv4", "IPv6"})


@dataclass(frozen=True, slots=True)
class Source:
    """One cluster with an export, or with one as far as is remembered.

    One of `offer` and `refusal` is given, or neither: then what was published before stands. `endpoints_remembered`: those
    that were carried to other clusters stand as well. `ask` are the parts whose absence is to be confirmed.
    """

    cluster: ClusterName
    offer: Offer | None = None
    refusal: Refusal | None = None
    endpoints_remembered: bool = False
    ask: tuple[Part, ...] = ()
    policy: Policy = field(default_factory=Policy)
    policy_trouble: str = ""
    lost_s: float | None = None

    @property
    def publishes(self) -> bool:
        """Whether the service has endpoints from this cluster."""
        return self.refusal is None

    @property
    def remembered(self) -> bool:
        """Whether not even the export can be read."""
        return self.offer is None and self.refusal is None


def sources_of(facts: Facts) -> tuple[Source, ...]:
    """Every cluster that exports, would like to, or did when it was last heard of; sorted by name."""
    published = _published(facts)
    carried = {slice_.source for each in facts.clusters for slice_ in each.carried}
    found = (_source(facts, each, each.name in published, each.name in carried) for each in facts.clusters)
    return tuple(each for each in found if each is not None)


def _published(facts: Facts) -> set[str]:
    """The clusters that what was made before speaks of."""
    names = {slice_.source for each in facts.clusters for slice_ in each.carried}
    for each in facts.clusters:
        names.update(each.imported.clusters if each.imported is not None else ())
    return names


def _source(facts: Facts, cluster: ClusterFacts, published: bool, carried: bool) -> Source | None:
    export = cluster.export if cluster.export is not None and not cluster.export.terminating else None
    if export is None:
        return _without(cluster, Part.EXPORT, facts.policy) if published and not _is_gone(cluster, Part.EXPORT) else None
    policy, trouble = _policy(facts, cluster)
    if cluster.service is None and not _is_gone(cluster, Part.SERVICE):
        if published:
            return _without(cluster, Part.SERVICE, policy)
        if Part.SERVICE not in cluster.known:
            return None
    judged = judge(facts.key, cluster.name, export, cluster.service)
    if isinstance(judged, Refusal):
        return Source(cluster.name, refusal=judged)
    unsure = not cluster.slices and (Part.SLICES not in cluster.known or (carried and not _is_gone(cluster, Part.SLICES)))
    return Source(
        cluster.name,
        offer=judged,
        endpoints_remembered=unsure,
        ask=(Part.SLICES,) if unsure and Part.SLICES in cluster.known else (),
        policy=policy,
        policy_trouble=trouble,
        lost_s=cluster.lost_s,
    )


def _without(cluster: ClusterFacts, part: Part, policy: Policy) -> Source:
    """A cluster that is not seen to export, and was published."""
    ask = (part,) if part in cluster.known else ()
    return Source(cluster.name, endpoints_remembered=True, ask=ask, policy=policy, lost_s=cluster.lost_s)


def _is_gone(cluster: ClusterFacts, part: Part) -> bool:
    return part in cluster.known and part in cluster.gone


def _policy(facts: Facts, cluster: ClusterFacts) -> tuple[Policy, str]:
    if cluster.export is None or STALENESS.encode() not in cluster.export.annotations:
        return facts.policy, ""
    try:
        return read_policy(cluster.export.annotation_map().get(STALENESS, ""), facts.policy), ""
    except (ValueError, TypeError):
        return facts.policy, f"annotation {STALENESS} cannot be read, so the federation's own policy holds"


# --- endpoints -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stream:
    """The endpoints that one cluster offers, by the shape of the slices that hold them, without their nodes.

    `nodes` are the nodes by address; `refused` counts endpoints that may not be offered, by why.
    """

    endpoints: Mapping[Shape, tuple[Endpoint, ...]]
    nodes: Mapping[str, str]
    refused: Mapping[str, int]


def stream_of(cluster: ClusterFacts, renamed: Mapping[str, str]) -> Stream:
    """What the cluster's own slices offer, with the names that the import's ports have.

    Ports that the import does not have are left out. An address that is there twice is ready if it is once.
    """
    found: dict[Shape, dict[str, Endpoint]] = {}
    refused: Counter[str] = Counter()
    nodes: dict[str, str] = {}
    for slice_ in sorted(cluster.slices, key=lambda each: each.name):
        if slice_.family not in _FAMILIES or slice_.terminating:
            continue
        ports = _carried_ports(slice_.ports, renamed)
        if slice_.ports and not ports:
            continue
        held = found.setdefault(Shape(slice_.family, ports), {})
        for endpoint in slice_.endpoints:
            if objection := cluster.rules.objection(endpoint.address, slice_.family):
                refused[objection] += 1
                continue
            nodes[endpoint.address] = endpoint.node
            held[endpoint.address] = _better(held.get(endpoint.address), msgspec.structs.replace(endpoint, node=""))
    endpoints = {shape: tuple(sorted(held.values())) for shape, held in found.items() if held}
    return Stream(endpoints, nodes, dict(refused))


def _carried_ports(ports: Iterable[SlicePort], renamed: Mapping[str, str]) -> tuple[SlicePort, ...]:
    return tuple(sorted(msgspec.structs.replace(port, name=renamed[port.name]) for port in ports if port.name in renamed))


def _better(known: Endpoint | None, other: Endpoint) -> Endpoint:
    if known is None:
        return other
    return known if (known.ready, known.serving) >= (other.ready, other.serving) else other


def carried_from(cluster: ClusterFacts, source: ClusterName) -> tuple[SliceRecord, ...]:
    """The slices in a cluster that carry the endpoints of `source`, sorted by name."""
    return tuple(sorted((each for each in cluster.carried if each.source == source), key=lambda each: each.name))


def reference_for(facts: Facts, source: ClusterName) -> tuple[SliceRecord, ...]:
    """What other clusters were told of a source's endpoints: in the source itself, else where most are ready."""
    own = facts.cluster(source)
    if own is not None and (slices := carried_from(own, source)):
        return slices
    held = [carried_from(each, source) for each in facts.clusters]
    return max(held, key=_ready_endpoints, default=())


def _ready_endpoints(slices: Iterable[SliceRecord]) -> int:
    return sum(endpoint.ready for slice_ in slices for endpoint in slice_.endpoints)
