"""What is known about one service of the clusterset: read from local stores only, and what is unknown is said so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kubefed.core.names import ClusterName, ObjectKey
from kubefed.services.addresses import AddressRules
from kubefed.services.records import ExportRecord, ImportRecord, ServiceRecord, SliceRecord
from kubefed.services.staleness import Policy


class Part(StrEnum):
    """What an exporting cluster contributes."""

    EXPORT = "export"
    SERVICE = "service"
    SLICES = "slices"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A write that a server refuses. `field` is the first one that it names; `about` the resource's plural."""

    about: str
    explanation: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """One registered cluster. A record that is None, or an empty tuple, means absence only where the part is `known`.

    `imported`, `derived` and `carried` are what was made there for this service, `theirs` says that somebody else has an
    import of this name there. `lost_s`: for how long the cluster cannot be read; None when it can.
    """

    name: ClusterName
    writable: bool
    has_namespace: bool
    lost_s: float | None = None
    export: ExportRecord | None = None
    service: ServiceRecord | None = None
    slices: tuple[SliceRecord, ...] = ()
    known: frozenset[Part] = frozenset(Part)
    gone: frozenset[Part] = frozenset()
    """Parts whose absence the server itself has confirmed since they were last seen."""
    imported: ImportRecord | None = None
    derived: ServiceRecord | None = None
    carried: tuple[SliceRecord, ...] = ()
    theirs: bool = False
    rules: AddressRules = field(default_factory=AddressRules)
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """One service in all registered clusters, sorted by name. `owner` is the mark of this federation."""

    key: ObjectKey
    owner: str
    now: datetime
    clusters: tuple[ClusterFacts, ...]
    policy: Policy = field(default_factory=Policy)

    def cluster(self, name: ClusterName) -> ClusterFacts | None:
        """The facts of a cluster; None when it is not registered."""
        return next((each for each in self.clusters if each.name == name), None)

    def by_name(self) -> Mapping[ClusterName, ClusterFacts]:
        """The clusters by their names."""
        return {each.name: each for each in self.clusters}
