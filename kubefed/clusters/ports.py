"""What the registry asks of those who use it. Protocols only."""

from typing import Protocol

from kubefed.core.names import ClusterName, ObjectKey
from kubefed.kube.wire import Metadata


class Listener(Protocol):
    """A feature that follows one selection of objects in every member."""

    def copy_changed(self, cluster: ClusterName, key: ObjectKey, old: Metadata | None, new: Metadata | None) -> None:
        """A member's object appeared, changed or went. Called from the event loop; must only queue keys."""

    def cluster_changed(self, cluster: ClusterName) -> None:
        """A member came, went, became ready or not, changed its labels, or became known in the followed selection."""
