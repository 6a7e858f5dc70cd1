"""The versions of all copies: what the host has stored, and over it what has been written since.

A write to a member is noted here at once and stored with the next report. What is lost in between by a crash costs one
more update of that copy, nothing else.
"""

from collections.abc import Mapping

from kubefed.core.names import ClusterName, ObjectKey
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.store import Store
from kubefed.kube.wire import Object
from kubefed.sync.intent import Versions
from kubefed.sync.versions import Recorded, key_for, read_recorded


class VersionBook:
    """The records of one federated type. `stored` holds all of its kind, those of other types too."""

    def __init__(self, kind: FederatedType, stored: Store[Object]) -> None:
        self.stored = stored
        self._kind = kind
        self._noted: dict[ObjectKey, Recorded] = {}

    @property
    def known(self) -> bool:
        """Whether all stored records have been read: before that, every copy would look unrecorded."""
        return self.stored.complete

    def record_of(self, federated: ObjectKey) -> Object | None:
        """The stored object."""
        return self.stored.get(key_for(self._kind, federated))

    def current(self, federated: ObjectKey) -> Recorded | None:
        """The newest known record of a federated object."""
        noted = self._noted.get(federated)
        if noted is not None:
            return noted
        record = self.record_of(federated)
        return read_recorded(record) if record is not None else None

    def note(self, federated: ObjectKey, versions: Versions, cluster: ClusterName, version: str) -> None:
        """A copy of what has these hashes was written to a cluster, and is there in this version."""
        current = self.current(federated)
        clusters = current.carried_to(versions) if current is not None else {}
        self._noted[federated] = Recorded(versions, {**clusters, cluster: version})

    def settle(self, federated: ObjectKey, recorded: Recorded) -> None:
        """This is what is stored from now on: forget the notes unless something was written since."""
        noted = self._noted.get(federated)
        if noted is not None and _within(noted, recorded):
            del self._noted[federated]

    def forget(self, federated: ObjectKey) -> None:
        """The federated object is gone; its record goes with it."""
        self._noted.pop(federated, None)


def _within(noted: Recorded, stored: Recorded) -> bool:
    """Whether nothing was noted that is not stored; the store may have dropped clusters that are no longer selected."""
    clusters: Mapping[ClusterName, str] = stored.clusters
    return noted.versions == stored.versions and all(
        clusters.get(cluster, version) == version for cluster, version in noted.clusters.items()
    )
