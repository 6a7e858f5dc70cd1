"""What is gathered about one federated object. Values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from fedctl.copies import Found
from fedctl.get.clusters import ClusterRow
from fedctl.get.objects import CopyRow
from fedctl.manifests import Manifest
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.federated.federated_type import FederatedType
from kubefed.federated.placement import Placement
from kubefed.sync.intent import Intent
from kubefed.sync.versions import Recorded


class Around(Enum):
    """What the namespace of an object has to say about where it is placed."""

    NOTHING = auto()
    """The object is in no namespace, stands for one, or the federation is confined to one."""
    NOT_FEDERATED = auto()
    FEDERATED = auto()


@dataclass(frozen=True, slots=True)
class NamespaceFacts:
    """The namespace around the object. `placement` and `problem` are those of its FederatedNamespace."""

    around: Around = Around.NOTHING
    placement: Placement | None = None
    problem: Misconfigured | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known. `copies` are the entries of the status; `found` has an entry for each cluster that was asked."""

    kind: FederatedType
    manifest: Manifest
    intent: Intent
    namespace: NamespaceFacts
    clusters: Mapping[ClusterName, ClusterRow]
    copies: Mapping[ClusterName, CopyRow]
    found: Mapping[ClusterName, Found]
    copies_at: ObjectKey
    recorded: Recorded | None
    owner: str
    """The federation's mark on copies; empty while no controller has made one."""
    events: Sequence[Manifest] = ()
    events_problem: str = ""
