"""Writing an object so that the command can be run again, and saying what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from fedctl.apiserver import ApiServer
from fedctl.manifests import Manifest, key_of
from fedctl.telling import note, say
from kubefed.core.names import ObjectKey, ResourceType


class Change(StrEnum):
    """What became of an object, as kubectl says it."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"


def line(resource: ResourceType, key: ObjectKey, change: Change) -> str:
    """`deployment.apps/web created in namespace shop`."""
    group = f".{resource.group}" if resource.group else ""
    where = f" in namespace {key.namespace}" if key.namespace else ""
    return f"{resource.kind.lower()}{group}/{key.name} {change}{where}"


@dataclass(slots=True)
class Writer:
    """Writes to one cluster and says each change; with `dry_run`, only says it."""

    server: ApiServer
    dry_run: bool = False
    tell: Callable[[str], None] = say
    unchanged: int = field(default=0, init=False)

    def apply(self, resource: ResourceType, manifest: Manifest) -> Change:
        """Set what the manifest says, whoever set it before."""
        key = key_of(manifest)
        before = self.server.find(resource, key)
        if self.dry_run:
            return self._told(resource, key, Change.UPDATED if before else Change.CREATED)
        after = self.server.apply(resource, manifest)
        if before is None:
            return self._told(resource, key, Change.CREATED)
        same = before["metadata"]["resourceVersion"] == after["metadata"]["resourceVersion"]
        return self._told(resource, key, Change.UNCHANGED if same else Change.UPDATED)

    def ensure(self, resource: ResourceType, manifest: Manifest) -> Change:
        """Create the object where there is none; leave one that is there as it is."""
        key = key_of(manifest)
        if self.server.find(resource, key) is not None:
            return self._told(resource, key, Change.UNCHANGED)
        if not self.dry_run:
            self.server.create(resource, manifest)
        return self._told(resource, key, Change.CREATED)

    def merge(self, resource: ResourceType, key: ObjectKey, patch: Manifest) -> Change:
        """Change fields of an object that is there."""
        if not self.dry_run:
            self.server.merge(resource, key, patch)
        return self._told(resource, key, Change.UPDATED)

    def delete(self, resource: ResourceType, key: ObjectKey) -> bool:
        """Delete the object that is there now; says nothing, and returns False, when there is none."""
        found = self.server.find(resource, key)
        there = found is not None and (self.dry_run or self.server.delete(resource, key, uid=found["metadata"]["uid"]))
        if there:
            self._told(resource, key, Change.DELETED)
        return there

    def summary(self) -> None:
        """Say how much was left alone."""
        if self.unchanged:
            note(f"{self.unchanged} {'object was' if self.unchanged == 1 else 'objects were'} as wanted already.")
        if self.dry_run:
            note("Dry run: nothing was written.")

    def _told(self, resource: ResourceType, key: ObjectKey, change: Change) -> Change:
        if change is Change.UNCHANGED:
            self.unchanged += 1
        else:
            self.tell(line(resource, key, change) + (" (dry run)" if self.dry_run else ""))
        return change
