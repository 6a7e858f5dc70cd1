"""What overrides may know of a cluster. The facts of a decision and the member itself both have it."""

from collections.abc import Mapping
from typing import Protocol

from kubefed.core.names import ClusterName


class ClusterTraits(Protocol):
    """`labels` are the KubeFedCluster's, `region` and `zones` its status'; empty when they are not known."""

    @property
    def name(self) -> ClusterName:
        """The name of the KubeFedCluster."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""

    @property
    def region(self) -> str:
        """The region of its nodes."""

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones of its nodes."""
