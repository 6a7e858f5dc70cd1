"""Sets, removes and shows the annotation that lets copies stay. On stdout it says what KubeFed's command line said."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fedctl.asking import catalog_of
from fedctl.federation import Federation
from fedctl.get.workloads import find_kind, place_of, read_object
from fedctl.lookup import find_type
from fedctl.manifests import Manifest
from fedctl.options import HostOptions
from fedctl.telling import note, say
from kubefed.api.types_v1beta1 import GROUP
from kubefed.core.markers import ORPHAN_ANNOTATION
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.federated.federated_type import FederatedType

_TRUE = "true"
_FEDERATED = "Federated"

Finder = Callable[[Federation, str], FederatedType]


def served_type(federation: Federation, what: str) -> FederatedType:
    """The type of the host that a word stands for, as KubeFed looked it up: nothing but the federated type itself will do.

    Says so on stdout when it does not look like one, and goes on. Raises Misconfigured.
    """
    resource = find_type(catalog_of(federation.host.context.connection), what).resource
    if not _looks_federated(resource):
        say(f"Warning: {resource.qualified_plural}/{resource.version} might not be a federated resource")
    return FederatedType(resource.qualified_plural, resource, resource)


def _looks_federated(resource: ResourceType) -> bool:
    return resource.group == GROUP and resource.kind.startswith(_FEDERATED)


@dataclass(frozen=True, slots=True)
class _Found:
    federation: Federation
    kind: FederatedType
    key: ObjectKey
    manifest: Manifest

    @property
    def value(self) -> str | None:
        """What the annotation says; None when there is none."""
        annotations = self.manifest["metadata"].get("annotations") or {}
        return str(annotations[ORPHAN_ANNOTATION]) if ORPHAN_ANNOTATION in annotations else None


@contextmanager
def _found(options: HostOptions, what: str, place: ObjectKey, find: Finder) -> Iterator[_Found]:
    with Federation.opened(options) as federation:
        kind = find(federation, what)
        key = place_of(federation, kind, place)
        yield _Found(federation, kind, key, read_object(federation, kind, key))


def switch(
    options: HostOptions, what: str, place: ObjectKey, *, enabled: bool, dry_run: bool, find: Finder = find_kind
) -> None:
    """Set or remove the annotation. Nothing goes to stdout, as with KubeFed. Raises Misconfigured.

    `place.namespace` is empty for the namespace of the context.
    """
    wanted = _TRUE if enabled else None
    with _found(options, what, place, find) as found:
        subject = f"{found.kind.federated.kind} {found.key}"
        if found.value == wanted:
            note(f"Orphaning deletion is {_word(enabled)} already for {subject}.")
            return
        if not dry_run:
            patch = {"metadata": {"uid": found.manifest["metadata"]["uid"], "annotations": {ORPHAN_ANNOTATION: wanted}}}
            found.federation.host.merge(found.kind.federated, found.key, patch)
        fate = "stay, as ordinary objects," if enabled else "are deleted"
        note(f"When {subject} is deleted, its copies {fate} in the members." + (" (dry run)" if dry_run else ""))


def print_status(options: HostOptions, what: str, place: ObjectKey, *, find: Finder = find_kind) -> None:
    """`Enabled` or `Disabled`. Raises Misconfigured."""
    with _found(options, what, place, find) as found:
        say(_word(found.value == _TRUE).capitalize())


def _word(enabled: bool) -> str:
    return "enabled" if enabled else "disabled"
