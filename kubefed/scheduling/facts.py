"""Everything a decision about one preference may look at. Values only; what is unknown says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from kubefed.core.names import ClusterName
from kubefed.federated.federated_type import FederatedType
from kubefed.federated.placement import Placement
from kubefed.kube.wire import Object
from kubefed.scheduling.planner import Replicas
from kubefed.scheduling.preference import Preference


class Standing(Enum):
    """Whether a cluster takes part in a division."""

    JOINING = auto()
    """Nobody has looked at it yet since we started."""
    READY = auto()
    MISSED = auto()
    """It is not ready, for less time than it takes to give a cluster up."""
    GIVEN_UP = auto()


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """One registered cluster. `replicas` is None while it is not known what runs there.

    `given_up_in_s` counts for a cluster that is missed. `trouble` says why its replicas could not be read, if that was
    tried, and `look_again_s` when to read them again although nothing is known to have changed.
    """

    name: ClusterName
    labels: Mapping[str, str]
    standing: Standing
    given_up_in_s: float = 0.0
    replicas: Replicas | None = None
    trouble: str = ""
    look_again_s: float | None = None


@dataclass(frozen=True, slots=True)
class NamespaceLimit:
    """Where a namespace's objects may go. `placement` is None where nothing limits them; `objection` says what is wrong.

    `known` is False while that has not been read.
    """

    known: bool
    placement: Placement | None = None
    objection: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """`kind` is None when no enabled type has the kind that the preference names; `federated` None when there is no such
    object, which counts only if `federated_known`. `clusters_known`: all cluster records have been read."""

    preference: Preference
    kind: FederatedType | None
    federated: Object | None
    federated_known: bool
    types_known: bool
    clusters_known: bool
    namespace: NamespaceLimit
    clusters: tuple[ClusterFacts, ...]
