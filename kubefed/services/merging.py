"""Merges what clusters offer under one name, by the rules of the Multi-Cluster Services API. Pure.

The oldest export wins; of equally old ones the first by cluster name. Ports are united. Whatever differs is a conflict that
all exports of the name are told of.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kubefed.core.catalogue import ImportType, ServicePort
from kubefed.core.names import ClusterName
from kubefed.services.offers import Offer


@dataclass(frozen=True, slots=True)
class Conflict:
    """A difference between exports: the condition's reason, and a sentence."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged service. `renamed` says, by cluster, which port of its Service stands behind which port of the import."""

    winner: Offer
    ports: tuple[ServicePort, ...]
    renamed: Mapping[ClusterName, Mapping[str, str]]
    conflicts: tuple[Conflict, ...]

    @property
    def headless(self) -> bool:
        """Whether it has no address of its own."""
        return self.winner.type is ImportType.HEADLESS

    def exposed_by(self, cluster: ClusterName) -> tuple[ServicePort, ...]:
        """The ports of the import that a cluster really has."""
        names = set(self.renamed.get(cluster, {}).values())
        return tuple(port for port in self.ports if port.name in names)


def merge(offers: Iterable[Offer]) -> Merged:
    """Merge at least one offer."""
    ordered = sorted(offers, key=lambda offer: (not offer.remembered, offer.created, offer.cluster))
    united = _united(ordered)
    named = _named(united)
    return Merged(
        winner=ordered[0],
        ports=named,
        renamed={offer.cluster: _renamed(offer, united, named) for offer in ordered},
        conflicts=tuple(_conflicts(ordered)),
    )


def _united(ordered: Sequence[Offer]) -> tuple[ServicePort, ...]:
    """All ports whose name and whose (protocol, number) nobody before had."""
    ports: list[ServicePort] = []
    names: set[str] = set()
    numbers: set[tuple[str, int]] = set()
    for offer in ordered:
        for port in offer.ports:
            number = (port.protocol, port.port)
            if port.name not in names and number not in numbers:
                ports.append(port)
                names.add(port.name)
                numbers.add(number)
    return tuple(ports)


def _named(ports: tuple[ServicePort, ...]) -> tuple[ServicePort, ...]:
    """A Service with several ports needs a name for each: an unnamed one gets one that nobody has."""
    if len(ports) <= 1:
        return ports
    names = {port.name for port in ports}
    return tuple(port if port.name else _with_name(port, names) for port in ports)


def _with_name(port: ServicePort, taken: set[str]) -> ServicePort:
    name = f"{port.protocol.lower()}-{port.port}"
    while name in taken:
        name += "-x"
    return ServicePort(name, port.protocol, port.port, port.app_protocol)


def _renamed(offer: Offer, united: Sequence[ServicePort], named: Sequence[ServicePort]) -> Mapping[str, str]:
    """Which of the cluster's ports serves which of the import's: the one of that name, else the one of that number.

    Without a name only the number tells that two ports are the same.
    """
    found: dict[str, str] = {}
    served: set[str] = set()
    for is_same in (_same_name, _same_number):
        for port, published in zip(united, named, strict=True):
            if published.name in served:
                continue
            own = next((own for own in offer.ports if own.name not in found and is_same(own, port)), None)
            if own is not None:
                found[own.name] = published.name
                served.add(published.name)
    return found


def _same_name(one: ServicePort, other: ServicePort) -> bool:
    return bool(one.name) and (one.name, one.protocol) == (other.name, other.protocol)


def _same_number(one: ServicePort, other: ServicePort) -> bool:
    return (one.protocol, one.port) == (other.protocol, other.port)


# --- conflicts -------------------------------------------------------------------------------------------------


def _ports_of(offer: Offer) -> object:
    return frozenset(offer.ports)


def _affinity_config(offer: Offer) -> object:
    return offer.affinity_timeout_s if offer.affinity == "ClientIP" else None


_COMPARED: tuple[tuple[str, str, Callable[[Offer], object], bool], ...] = (
    ("PortConflict", "ports", _ports_of, False),
    ("TypeConflict", "type", lambda offer: offer.type.value, True),
    ("SessionAffinityConflict", "sessionAffinity", lambda offer: offer.affinity, True),
    ("SessionAffinityConfigConflict", "sessionAffinityConfig", _affinity_config, True),
    ("LabelsConflict", "exportedLabels", lambda offer: offer.labels, False),
    ("AnnotationsConflict", "exportedAnnotations", lambda offer: offer.annotations, False),
    ("InternalTrafficPolicyConflict", "internalTrafficPolicy", lambda offer: offer.internal_policy, True),
    ("TrafficDistributionConflict", "trafficDistribution", lambda offer: offer.distribution, True),
    ("IPFamilyConflict", "ipFamilies", lambda offer: frozenset(offer.families), False),
)
"""Reason, field, what is compared, and whether its value is fit to be shown."""


def _conflicts(ordered: Sequence[Offer]) -> Iterable[Conflict]:
    winner = ordered[0]
    asked = [offer for offer in ordered if not offer.remembered]
    for reason, field, value_of, can_be_shown in _COMPARED:
        used = value_of(winner)
        if reason == "SessionAffinityConfigConflict":
            differing = [offer for offer in asked if offer.affinity == winner.affinity and value_of(offer) != used]
        else:
            differing = [offer for offer in asked if value_of(offer) != used]
        if differing:
            yield Conflict(reason, _told(field, winner, len(differing), len(asked), used if can_be_shown else None))


def _told(field: str, winner: Offer, differing: int, of: int, used: object) -> str:
    what = "all ports are served, and where they clash those of" if field == "ports" else "what is used is that of"
    value = f" ({used})" if used not in (None, "") else ""
    return f"{field}: {differing} of {of} clusters differ; {what} {winner.cluster}, the oldest{value}"
