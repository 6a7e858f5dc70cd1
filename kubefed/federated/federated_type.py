"""One federated type: which host objects stand for which member objects, as its FederatedTypeConfig says. Pure."""

from dataclasses import dataclass
from enum import Enum, auto

from kubefed.api.defaults import NAMESPACES
from kubefed.core.names import ResourceType


class Collected(Enum):
    """What becomes of the statuses of copies."""

    NOT = auto()
    IN_STATUS = auto()
    """They stand in the federated object's own status, by cluster."""
    APART = auto()
    """They stand in an object of another type, as those of Services did."""


KINDS_RETAINED_FROM_LIVE = frozenset({"Service", "ServiceAccount"})
"""Kinds whose copies keep fields that the member filled in."""


@dataclass(frozen=True, slots=True)
class FederatedType:
    """`name` is the FederatedTypeConfig's; `federated` lives on the host, `target` in the members."""

    name: str
    federated: ResourceType
    target: ResourceType
    sensitive: bool = False
    """Values of the target must not be shown, not even in a diff."""
    statuses: Collected = Collected.NOT
    statuses_in: ResourceType | None = None
    """The type of the objects that statuses are collected in, when that is apart."""

    @property
    def of_namespaces(self) -> bool:
        """FederatedNamespace is the one type whose object is namespaced while its target is not."""
        return self.name == NAMESPACES

    @property
    def retains_from_live(self) -> bool:
        """Whether an update must know fields of the live object, which the metadata in a store does not hold.

        By kind alone, whatever the group: KubeFed treated a custom resource named Service as one.
        """
        return self.target.kind in KINDS_RETAINED_FROM_LIVE
