"""How many removals one shared cause may ask for before a person has to agree. Pure."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kubefed.api.core_v1beta1 import DeletionGuardConfig, GuardMode, Trust
from kubefed.core.names import ClusterName, ObjectKey

_COUNTED_ABOVE = 10
"""Shares of a member are looked at only when more copies than this go: two of three objects are no disaster."""


@dataclass(frozen=True, slots=True)
class Limits:
    """More than this needs approval: federated objects, percent of a member's copies, clusters."""

    objects: int = 20
    percent: int = 25
    clusters: int = 5


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """`warns_about_namespaces`: what a namespace causes is only told of, whatever the mode (trust Compatible)."""

    mode: GuardMode = GuardMode.HOLD
    limits: Limits = Limits()
    warns_about_namespaces: bool = False


def guard_settings(config: DeletionGuardConfig | None, trust: Trust) -> GuardSettings:
    """What a valid KubeFedConfig says, with what it leaves out."""
    wanted, usual = config or DeletionGuardConfig(), Limits()
    limits = Limits(
        objects=usual.objects if wanted.max_objects is None else wanted.max_objects,
        percent=usual.percent if wanted.max_percent is None else wanted.max_percent,
        clusters=usual.clusters if wanted.max_clusters is None else wanted.max_clusters,
    )
    mode = GuardMode(wanted.mode) if wanted.mode is not None else GuardMode.HOLD
    return GuardSettings(mode, limits, warns_about_namespaces=trust is Trust.COMPATIBLE and wanted.mode is None)


class Removal(NamedTuple):
    """One copy that would go. `kind` is the federated type's name, `key` the federated object's, `uid` the copy's.

    `own`: it is the very object whose editor or deletion is the cause, and not one that goes with it.
    """

    cluster: ClusterName
    kind: str
    key: ObjectKey
    uid: str
    own: bool = False


def plan_id(identity: Collection[object], removals: Collection[Removal]) -> str:
    """Names exactly this plan: what the cause was like, which clusters, which copies."""
    return f"{_hash(map(str, identity))}-{_hash(sorted(f'{each.cluster} {each.uid}' for each in removals))}"


def excess(removals: Collection[Removal], copies: Mapping[ClusterName, int], limits: Limits) -> str:
    """Which limit is exceeded, in words; empty when none is. `copies` is how many copies each member has in all."""
    others = [each for each in removals if not each.own]
    objects = {(each.kind, each.key) for each in others}
    if len(objects) > limits.objects:
        return f"{len(objects)} objects are more than {limits.objects}"
    clusters = {each.cluster for each in others}
    if len(clusters) > limits.clusters:
        return f"{len(clusters)} clusters are more than {limits.clusters}"
    for cluster, count in sorted(Counter(each.cluster for each in others).items()):
        if count > _COUNTED_ABOVE and count * 100 > limits.percent * max(copies.get(cluster, 0), count):
            share = 100 * count // max(copies.get(cluster, 0), count)
            return f"{share} % of the {copies.get(cluster, 0)} copies in {cluster} are more than {limits.percent} %"
    return ""


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]
