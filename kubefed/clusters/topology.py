"""Where a cluster is, by the labels of its nodes. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

REGION_LABELS = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
ZONE_LABELS = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
MOST_ZONES = 64


def region_and_zones(node_labels: Iterable[Mapping[str, str]]) -> tuple[str, tuple[str, ...]]:
    """The region most nodes name (ties: the first by name), and all zones, sorted, at most MOST_ZONES."""
    regions: Counter[str] = Counter()
    zones: set[str] = set()
    for labels in node_labels:
        if region := _first(labels, REGION_LABELS):
            regions[region] += 1
        if zone := _first(labels, ZONE_LABELS):
            zones.add(zone)
    region = min(regions, key=lambda name: (-regions[name], name)) if regions else ""
    return region, tuple(sorted(zones)[:MOST_ZONES])


def _first(labels: Mapping[str, str], names: Iterable[str]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")
