"""The merged services of the moment, for those who make names and meshes of them. Implements core.catalogue.Catalogue."""

from collections.abc import Callable, Mapping

from kubefed.core.catalogue import MergedService, Place
from kubefed.core.names import ClusterName, ObjectKey


class MergedServices:
    """All merged services. `is_complete` and `where` are asked when somebody asks."""

    def __init__(self, is_complete: Callable[[], bool], where: Callable[[], Mapping[ClusterName, Place]]) -> None:
        self._is_complete = is_complete
        self._where = where
        self._has_been_complete = False
        self._services: dict[ObjectKey, MergedService] = {}
        self._listeners: list[Callable[[ObjectKey], None]] = []

    @property
    def complete(self) -> bool:
        """Whether every cluster that is expected to answer has been read once."""
        if not self._has_been_complete:
            self._has_been_complete = self._is_complete()
        return self._has_been_complete

    def services(self) -> Mapping[ObjectKey, MergedService]:
        """Every merged service by its namespace and name."""
        return self._services

    def places(self) -> Mapping[ClusterName, Place]:
        """Where each registered member is."""
        return self._where()

    def on_change(self, changed: Callable[[ObjectKey], None]) -> None:
        """Have `changed` called with the key of each service that appears, changes or disappears from now on."""
        self._listeners.append(changed)

    def put(self, key: ObjectKey, service: MergedService | None) -> None:
        """What a service is now; None when there is none."""
        if self._services.get(key) == service:
            return
        if service is None:
            del self._services[key]
        else:
            self._services[key] = service
        for changed in self._listeners:
            changed(key)
