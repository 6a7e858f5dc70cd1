"""Everything a decision about one federated object may look at. Values only; what is unknown says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.lane import UnderWay
from kubefed.federated.placement import Placement
from kubefed.kube.wire import Metadata, Object


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last operation on one copy when it did not succeed, or a repair that keeps being undone.

    `status` is the per-cluster status value that tells people about it; empty for repairs. Nothing is tried again before
    `not_before` (monotonic seconds), or at all before something changes when that is None.
    """

    status: str
    explanation: str
    not_before: float | None


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """One registered cluster, as far as this object goes.

    `known`: the absence of `copy` means that the member holds none. `recorded` is the version recorded for the copy under
    the hashes of the moment, empty when there is none; `owes` that an older record says the member held a copy.
    """

    name: ClusterName
    labels: Mapping[str, str]
    ready: bool
    known: bool
    copy: Metadata | None
    region: str = ""
    zones: tuple[str, ...] = ()
    recorded: str = ""
    owes: bool = False
    under_way: UnderWay | None = None
    attempt: Attempt | None = None
    trouble: str = ""
    """Why the member's copies could not be read, if they could not."""
    frozen: str = ""
    """Why nothing may be written to the member at the moment; empty when it may."""
    judged_by: float | None = None
    """Until when (monotonic seconds) to wait for the first word of whether the cluster is ready; None: it has been said."""


class NamespaceState(Enum):
    """What the host says about placement in this object's namespace."""

    UNKNOWN = auto()
    """Not read, or not in step with what else was read: nothing may be concluded."""
    NOT_FEDERATED = auto()
    """There is no FederatedNamespace."""
    FEDERATED = auto()
    IRRELEVANT = auto()
    """The type is cluster-scoped, or a FederatedNamespace itself."""


@dataclass(frozen=True, slots=True)
class NamespaceFacts:
    """The namespace of a federated object, on the host. `uid` is told for a FederatedNamespace only."""

    state: NamespaceState
    placement: Placement | None = None
    objection: str = ""
    """Why the placement of the FederatedNamespace cannot be read, if it cannot."""
    uid: str = ""
    terminating: bool = False
    federated: Object | None = None
    """The FederatedNamespace that limits the object's placement."""
    excluded: bool = False
    """The object is a FederatedNamespace and stands for nothing: of kube-system, kube-public, default or the system
    namespace, or with another name than that of the namespace it lies in."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`federated` is None when the host holds no such object, which counts only if `federated_known`.

    `host_known`: all cluster records and recorded versions have been read.
    """

    key: ObjectKey
    federated: Object | None
    federated_known: bool
    host_known: bool
    namespace: NamespaceFacts
    clusters: tuple[ClusterFacts, ...]
    namespace_required: bool = True
    """Under KubeFedConfig `spec.scope` Cluster a namespace must be federated for its objects to go anywhere."""
    frozen: str = ""
    """Why no copy may be written at the moment; empty when they may."""
    removals_frozen: str = ""
    """Why nothing may be removed at the moment; empty when it may."""
