"""What is watched in members for services, and which service a change is about.

Exports and imports are watched from the start; Services, EndpointSlices and Namespaces, of which a cluster has many more,
only once something is exported anywhere.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeVar

from kubefed.clusters.member import Collection, Member
from kubefed.clusters.registry import Registry
from kubefed.core.markers import OWNER_ANNOTATION
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.engine.priority import Priority
from kubefed.engine.queue import KeyListener
from kubefed.kube.reflector import Selection
from kubefed.kube.wire import Metadata
from kubefed.services.facts import Part
from kubefed.services.records import (
    ExportRecord,
    ImportRecord,
    Reading,
    ServiceRecord,
    SliceRecord,
    read_export,
    read_import,
    read_namespace,
    read_service,
    read_slice,
)
from kubefed.services.words import EXPORTS, IMPORTS, NAMESPACES, SERVICES, SLICES, derived_name

R = TypeVar("R", bound=Metadata)
_READINGS: Mapping[ResourceType, Reading] = {
    EXPORTS: read_export,
    IMPORTS: read_import,
    SERVICES: read_service,
    SLICES: read_slice,
    NAMESPACES: read_namespace,
}
_AT_ONCE = (EXPORTS, IMPORTS)


class Watching:
    """The members' objects, found by the service that they are about."""

    def __init__(
        self, registry: Registry, owner: str, only_namespace: str, due: KeyListener, changed: Callable[[ClusterName], None]
    ) -> None:
        """`due` hears which service is to be looked at, `changed` that a cluster came, went, or became known."""
        self._registry = registry
        self._owner = owner
        self._changed = changed
        self.due = due
        self._only_namespace = only_namespace
        self._ears: dict[ResourceType, _Ear] = {}
        self._traces: dict[str, dict[ObjectKey, int]] = {}
        """Per namespace, how many exports, imports and objects of ours there are for each service."""
        self._left_in: dict[ClusterName, Counter[ObjectKey]] = {}
        """The same per cluster."""
        self._slices: dict[tuple[ClusterName, ObjectKey], dict[ObjectKey, SliceRecord]] = {}
        self._carried: dict[tuple[ClusterName, ObjectKey], dict[ObjectKey, SliceRecord]] = {}

    def begin(self) -> None:
        """Follow what tells whether there is anything to do."""
        for resource in _AT_ONCE:
            self._follow(resource)

    def end(self) -> None:
        """Follow nothing any more."""
        for ear in self._ears.values():
            self._registry.unfollow(ear.selection, ear)
        self._ears.clear()

    @property
    def follows_everything(self) -> bool:
        """Whether something is exported, or was."""
        return SLICES in self._ears

    # --- what is known -----------------------------------------------------------------------------------------

    def subjects(self) -> list[ObjectKey]:
        """Every service of which there is any trace."""
        return [key for keys in self._traces.values() for key in keys]

    def subjects_in(self, namespace: str) -> list[ObjectKey]:
        """Those of one namespace."""
        return list(self._traces.get(namespace, ()))

    def has_trace(self, key: ObjectKey) -> bool:
        """Whether any cluster exports or imports it."""
        return key in self._traces.get(key.namespace, ())

    def known(self, member: Member) -> frozenset[Part]:
        """Of which parts absence from what is known here means absence from the cluster."""
        parts = ((Part.EXPORT, EXPORTS), (Part.SERVICE, SERVICES), (Part.SLICES, SLICES))
        return frozenset(part for part, resource in parts if self.is_known(member, resource))

    def is_known(self, member: Member, resource: ResourceType) -> bool:
        """Whether a whole list of these has been read."""
        ear = self._ears.get(resource)
        return ear is not None and member.knows(ear.selection)

    def may_be_written(self, member: Member) -> bool:
        """Whether all is known of a member that is compared before anything is written there."""
        read = (IMPORTS, SERVICES, SLICES, *(() if self._only_namespace else (NAMESPACES,)))
        return member.ready and all(self.is_known(member, resource) for resource in read)

    def is_read_or_troubled(self, member: Member) -> bool:
        """Whether there is nothing left to wait for before a member's exports are known."""
        return all(_is_settled(member.collections.get(ear.selection)) for ear in self._ears.values())

    def export(self, member: Member, key: ObjectKey) -> ExportRecord | None:
        """A member's export."""
        return self._get(member, EXPORTS, key, ExportRecord)

    def service(self, member: Member, key: ObjectKey) -> ServiceRecord | None:
        """A member's Service."""
        return self._get(member, SERVICES, key, ServiceRecord)

    def any_import(self, member: Member, key: ObjectKey) -> ImportRecord | None:
        """A member's import, whoever made it."""
        return self._get(member, IMPORTS, key, ImportRecord)

    def derived(self, member: Member, key: ObjectKey) -> ServiceRecord | None:
        """The Service that we made for an import."""
        found = self._get(member, SERVICES, ObjectKey(key.namespace, derived_name(key)), ServiceRecord)
        return found if found is not None and self.is_ours(found) else None

    def has_namespace(self, member: Member, namespace: str) -> bool:
        """Whether objects can be made in a namespace."""
        if self._only_namespace:
            return True
        found = self._get(member, NAMESPACES, ObjectKey("", namespace), Metadata)
        return found is not None and not found.terminating

    def slices(self, cluster: ClusterName, key: ObjectKey) -> tuple[SliceRecord, ...]:
        """The slices of a member's own Service."""
        return tuple(self._slices.get((cluster, key), {}).values())

    def carried(self, cluster: ClusterName, key: ObjectKey) -> tuple[SliceRecord, ...]:
        """The slices that we made for an import."""
        return tuple(self._carried.get((cluster, key), {}).values())

    def stored(self, member: Member, resource: ResourceType, key: ObjectKey) -> Metadata | None:
        """Any of the followed objects."""
        return self._get(member, resource, key, Metadata)

    def is_ours(self, record: Metadata) -> bool:
        """Whether this federation made it."""
        return OWNER_ANNOTATION.encode() in record.annotations and (
            record.annotation_map().get(OWNER_ANNOTATION) == self._owner
        )

    def _get(self, member: Member, resource: ResourceType, key: ObjectKey, kind: type[R]) -> R | None:
        ear = self._ears.get(resource)
        found = member.copy_of(ear.selection, key) if ear is not None else None
        return found if isinstance(found, kind) else None

    # --- what changes ------------------------------------------------------------------------------------------

    def _follow(self, resource: ResourceType) -> None:
        ear = self._ears[resource] = _Ear(self, resource, self._only_namespace)
        self._registry.follow(ear.selection, ear, _READINGS[resource])

    def _follow_the_rest(self) -> None:
        if self.follows_everything:
            return
        for resource in _READINGS:
            if resource not in self._ears and not (resource is NAMESPACES and self._only_namespace):
                self._follow(resource)

    def heard(self, cluster: ClusterName, old: Metadata | None, new: Metadata | None) -> None:
        """An object appeared, changed or went."""
        for record, step in ((old, -1), (new, 1)):
            if record is not None:
                self._index(cluster, record, step)
        for key in {self._subject(record) for record in (old, new) if record is not None}:
            self._tell(key, new or old)

    def cluster_changed(self, cluster: ClusterName) -> None:
        """A member came, went, became ready or not, or became known."""
        self._changed(cluster)

    def _tell(self, key: ObjectKey, record: Metadata | None) -> None:
        if isinstance(record, ExportRecord | ImportRecord):
            self._follow_the_rest()
        if isinstance(record, ExportRecord):
            self.due(key, Priority.EDIT)
        elif type(record) is Metadata:
            for each in self.subjects_in(key.namespace):
                self.due(each, Priority.EVENT)
        elif self.has_trace(key) or isinstance(record, ImportRecord):
            self.due(key, Priority.EVENT)

    @staticmethod
    def _subject(record: Metadata) -> ObjectKey:
        """The service that an object is about; without a name for a Namespace, which is about all in it."""
        match record:
            case SliceRecord(import_name=name) | ServiceRecord(import_name=name) if name:
                return ObjectKey(record.namespace, name)
            case SliceRecord(service=name):
                return ObjectKey(record.namespace, name)
            case ExportRecord() | ImportRecord() | ServiceRecord():
                return record.key
        return ObjectKey(record.name, "")

    def _index(self, cluster: ClusterName, record: Metadata, step: int) -> None:
        key = self._subject(record)
        leaves_trace = isinstance(record, ExportRecord)
        if isinstance(record, SliceRecord):
            ours = bool(record.import_name) and self.is_ours(record)
            if ours or not record.import_name:
                held = (self._carried if ours else self._slices).setdefault((cluster, key), {})
                _set(held, record, step)
            leaves_trace = ours
        elif isinstance(record, ServiceRecord | ImportRecord):
            leaves_trace = self.is_ours(record)
        if leaves_trace:
            self._count(key, step)
            self._left_in.setdefault(cluster, Counter())[key] += step

    def forget(self, cluster: ClusterName) -> None:
        """A member is none any more: what was known of it counts no longer."""
        for key, count in self._left_in.pop(cluster, Counter()).items():
            self._count(key, -count)
        for held in (self._slices, self._carried):
            for place in [place for place in held if place[0] == cluster]:
                del held[place]

    def _count(self, key: ObjectKey, step: int) -> None:
        counts = self._traces.setdefault(key.namespace, {})
        counts[key] = counts.get(key, 0) + step
        if counts[key] <= 0:
            del counts[key]
        if not counts:
            del self._traces[key.namespace]


class _Ear:
    """Hears one selection. Implements clusters.ports.Listener."""

    def __init__(self, watching: Watching, resource: ResourceType, namespace: str) -> None:
        self.selection = Selection(resource, namespace if resource.namespaced else "", metadata_only=resource is NAMESPACES)
        self._watching = watching

    def copy_changed(self, cluster: ClusterName, _key: ObjectKey, old: Metadata | None, new: Metadata | None) -> None:
        self._watching.heard(cluster, old, new)

    def cluster_changed(self, cluster: ClusterName) -> None:
        self._watching.cluster_changed(cluster)


def _set(held: dict[ObjectKey, SliceRecord], record: SliceRecord, step: int) -> None:
    if step > 0:
        held[record.key] = record
    else:
        held.pop(record.key, None)


def _is_settled(collection: Collection | None) -> bool:
    return collection is not None and (collection.known or bool(collection.trouble))
