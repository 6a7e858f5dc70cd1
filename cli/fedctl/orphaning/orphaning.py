"""Sets, removes and shows the annotation that lets copies stay. On stdout it says what KubeFed's command line said."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fedctl.federation import Federation
from fedctl.get.workloads import find_kind, place_of, read_object
from fedctl.manifests import Manifest
from fedctl.options import HostOptions
from fedctl.telling import note, say
from kubefed.core.markers import ORPHAN_ANNOTATION
from kubefed.core.names import ObjectKey
from kubefed.federated.federated_type import FederatedType

_TRUE = "true"


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
def _found(options: HostOptions, what: str, namespace: str, name: str) -> Iterator[_Found]:
    with Federation.opened(options) as federation:
        kind = find_kind(federation, what)
        key = place_of(federation, kind, ObjectKey(namespace, name))
        yield _Found(federation, kind, key, read_object(federation, kind, key))


def switch(options: HostOptions, what: str, namespace: str, name: str, *, enabled: bool, dry_run: bool) -> None:
    """Set or remove the annotation. Nothing goes to stdout, as with KubeFed. Raises Misconfigured."""
    wanted = _TRUE if enabled else None
    with _found(options, what, namespace, name) as found:
        subject = f"{found.kind.federated.kind} {found.key}"
        if found.value == wanted:
            note(f"Orphaning deletion is {_word(enabled)} already for {subject}.")
            return
        if not dry_run:
            patch = {"metadata": {"uid": found.manifest["metadata"]["uid"], "annotations": {ORPHAN_ANNOTATION: wanted}}}
            found.federation.host.merge(found.kind.federated, found.key, patch)
        fate = "stay, as ordinary objects," if enabled else "are deleted"
        note(f"When {subject} is deleted, its copies {fate} in the members." + (" (dry run)" if dry_run else ""))


def print_status(options: HostOptions, what: str, namespace: str, name: str) -> None:
    """`Enabled` or `Disabled`. Raises Misconfigured."""
    with _found(options, what, namespace, name) as found:
        say(_word(found.value == _TRUE).capitalize())


def _word(enabled: bool) -> str:
    return "enabled" if enabled else "disabled"
