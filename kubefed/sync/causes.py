"""Whose act takes a copy away. Pure.

Somebody who deletes one federated object, or places it elsewhere, has asked for exactly that. An act that takes many
objects away at once, perhaps without having meant them, is a shared cause.
"""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from kubefed.federated.placement import Placement
from kubefed.kube.wire import Object


class CauseKind(StrEnum):
    """What a shared cause is about."""

    NAMESPACE = "namespace"
    """The host's namespace is being deleted, or its FederatedNamespace is placed elsewhere, being deleted, or not there."""
    CLUSTER = "cluster"
    """A cluster's labels do not match any more what they matched."""


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """A shared cause: the namespace or the cluster of that name."""

    kind: CauseKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class _Status(msgspec.Struct, rename="camel"):
    observed_generation: int = 0


_STATUS = msgspec.json.Decoder(_Status)


def deselected_by_labels(placement: Placement, placed: Object | None) -> bool:
    """Whether it was labels that changed, rather than the placement of the object `placed`, which does not select now.

    A placement that nobody has edited since the object was last reported on deselects only what changed its labels.
    """
    return placed is not None and placement.reads_labels and not _edited(placed)


def _edited(placed: Object) -> bool:
    """Whether the object has changed since its status was written; no when that cannot be told."""
    try:
        observed = _STATUS.decode(placed.status).observed_generation if placed.status else 0
    except (ValueError, RecursionError):
        return False
    return 0 < observed < placed.metadata.generation
