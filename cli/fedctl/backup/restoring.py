"""Restores a backup: records of copies before what would change the copies, and removals frozen until it is complete."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fedctl.backup.contents import FIXED, Kinds, Turn, checked, owners_of, status_of, to_create
from fedctl.changes import Writer
from fedctl.federation import CONFIGS, TYPE_CONFIGS, Federation, federated_type, is_enabled
from fedctl.install.installation import apply_crds
from fedctl.kinds import CRDS
from fedctl.manifests import Manifest, key_of
from fedctl.options import HostOptions
from fedctl.served import wait_for_crds
from fedctl.telling import note, say, warn
from fedctl.yamlfiles import read_documents, shown_name
from kubefed.api.core_v1beta1 import FederatedTypeConfig
from kubefed.api.defaults import with_type_config_defaults
from kubefed.core.errors import AlreadyExists, Misconfigured, NotFound, Stale
from kubefed.core.markers import CONFIG_NAME, RESTORING_ANNOTATION
from kubefed.core.names import ObjectKey, ResourceType

_LARGEST_BYTES = 2**30
_WITHOUT_STATUS = frozenset({Turn.CRD, Turn.NAMESPACE, Turn.CONFIG, Turn.CREDENTIAL})

Entry = tuple[ResourceType, Manifest]


def restore(options: HostOptions, file: str, *, dry_run: bool) -> None:
    """Bring everything back. Raises Misconfigured, with nothing written, for a file that is not of this federation."""
    backed_up = _read(file, options.namespace)
    with Federation.opened(options) as federation:
        if dry_run:
            _say_plan(federation, backed_up)
            return
        _serve(federation, backed_up)
        restorer = Restorer(federation)
        for turn in tuple(Turn)[Turn.NAMESPACE :]:
            restorer.create_all(turn, backed_up.entries.get(turn, ()))
            if turn is Turn.CONFIG:
                restorer.freeze_removals()
        restorer.bind_owners()
        restorer.delete_again()
        restorer.summary()
        backed_up.say_left_out()
        note("No copy is deleted or let go until you say that everything is back: fedctl restore --complete")


def complete_restore(options: HostOptions, *, dry_run: bool) -> None:
    """End the time in which nothing is removed."""
    with Federation.opened(options) as federation:
        if RESTORING_ANNOTATION not in (federation.config().metadata.annotations or {}):
            note("No restore is under way.")
            return
        if not dry_run:
            _annotate(federation, None)
        said = "The restore is complete: copies that nothing asks for are removed again."
        say(said + (" (dry run)" if dry_run else ""))


def _annotate(federation: Federation, value: str | None) -> None:
    key = ObjectKey(federation.namespace, CONFIG_NAME)
    federation.host.merge(CONFIGS, key, {"metadata": {"annotations": {RESTORING_ANNOTATION: value}}})


def _since() -> str:
    return f"since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


# --- reading ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class BackedUp:
    """The objects of a backup, by the turn in which they are restored, and how many of which kind are no part of one."""

    entries: dict[Turn, list[Entry]] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)

    def say_left_out(self) -> None:
        """Name what the file holds beside a federation."""
        for kind, count in sorted(self.others.items()):
            warn(f"left out: {count} x {kind}, which is no part of a federation: apply it with kubectl")


def _read(file: str, namespace: str) -> BackedUp:
    shown = shown_name(file)
    documents = [
        checked(document, f"{shown}, document {number}")
        for number, document in enumerate(read_documents(file, largest_bytes=_LARGEST_BYTES), start=1)
    ]
    kinds = Kinds(federated_type(config) for config in _type_configs(documents))
    found = BackedUp()
    for document in documents:
        known = kinds.of(document)
        if known is None:
            found.others[f"{document['apiVersion']} {document['kind']}"] += 1
        else:
            resource, turn = known
            found.entries.setdefault(turn, []).append((resource, document))
    if not found.entries:
        raise Misconfigured(f"{shown} holds no object of a federation")
    for _, config in found.entries.get(Turn.CONFIG, ()):
        if key_of(config) != ObjectKey(namespace, CONFIG_NAME):
            raise Misconfigured(
                f"{shown} is of a federation in namespace {key_of(config).namespace}: say --kubefed-namespace "
                f"{key_of(config).namespace}"
            )
    return found


def _type_configs(documents: Iterable[Mapping[str, Any]]) -> list[FederatedTypeConfig]:
    read = [each for each in documents if (each["apiVersion"], each["kind"]) == _A_TYPE]
    return [with_type_config_defaults(FederatedTypeConfig.read(each)) for each in read]


_A_TYPE = (TYPE_CONFIGS.api_version, TYPE_CONFIGS.kind)


def _say_plan(federation: Federation, backed_up: BackedUp) -> None:
    for turn in sorted(backed_up.entries):
        there: Counter[str] = Counter()
        missing: Counter[str] = Counter()
        for resource, manifest in backed_up.entries[turn]:
            found = federation.host.find(resource, key_of(manifest))
            (there if found else missing)[resource.qualified_plural] += 1
        for plural in sorted(there.keys() | missing.keys()):
            say(f"{plural}: {missing[plural]} would be created, {there[plural]} left as they are (dry run)")
    backed_up.say_left_out()
    note("Dry run: nothing was written.")


# --- writing ---------------------------------------------------------------------------------------------------


def _serve(federation: Federation, backed_up: BackedUp) -> None:
    """Have the host serve every kind: CRDs of the backup where there is none, and those of this version for the rest."""
    created = []
    for _, crd in backed_up.entries.get(Turn.CRD, ()):
        if federation.host.find(CRDS, key_of(crd)) is None:
            created.append(federation.host.create(CRDS, to_create(crd)))
    wait_for_crds(federation.host, created)
    if any(federation.host.find(CRDS, ObjectKey("", name)) is None for name in _needed(backed_up)):
        apply_crds(Writer(federation.host, tell=lambda _: None))
    for name in _needed(backed_up):
        if federation.host.find(CRDS, ObjectKey("", name)) is None:
            raise Misconfigured(
                f"neither the backup nor the host has the CRD {name}: enable the type, or add it to the file"
            )


def _needed(backed_up: BackedUp) -> list[str]:
    used = {resource for entries in backed_up.entries.values() for resource, _ in entries}
    enabled = {
        federated_type(config).federated
        for config in _type_configs(manifest for _, manifest in backed_up.entries.get(Turn.TYPE, ()))
        if is_enabled(config)
    }
    ours = {resource for resource, turn in FIXED.items() if turn not in (Turn.CRD, Turn.NAMESPACE, Turn.CREDENTIAL)}
    return sorted(resource.qualified_plural for resource in (used & ours) | (used - FIXED.keys()) | enabled | {CONFIGS})


class Restorer:
    """One restore into one host."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._host = federation.host
        self._lives: dict[str, str] = {}
        self._owned: list[Entry] = []
        self._dying: list[Entry] = []
        self._created: Counter[str] = Counter()
        self._there: Counter[str] = Counter()

    def create_all(self, turn: Turn, entries: Iterable[Entry]) -> None:
        """Create what is not there, with its status."""
        for resource, backed_up in entries:
            live = self._created_now(resource, backed_up)
            if live is None:
                continue
            if turn not in _WITHOUT_STATUS:
                self._restore_status(resource, backed_up, live)
            if backed_up["metadata"].get("ownerReferences"):
                self._owned.append((resource, backed_up))
            if backed_up["metadata"].get("deletionTimestamp"):
                self._dying.append((resource, backed_up))

    def freeze_removals(self) -> None:
        """From here on the controller keeps what it would remove."""
        try:
            _annotate(self._federation, _since())
        except NotFound:
            raise Misconfigured(
                "neither the backup nor the host has a KubeFedConfig, which freezes removals: run fedctl install first"
            ) from None

    def bind_owners(self) -> None:
        """Give what is owned its owners back, by the uids that these have now."""
        for resource, backed_up in self._owned:
            owners, lost = owners_of(backed_up, self._lives)
            for owner in lost:
                warn(
                    f"{resource.kind} {key_of(backed_up)} was owned by {owner}, which is not in the backup: it has none now"
                )
            if owners:
                self._host.merge(resource, key_of(backed_up), {"metadata": {"ownerReferences": owners}})

    def delete_again(self) -> None:
        """What was being deleted when the backup was made is deleted again; its finalizers hold it as before."""
        for resource, backed_up in self._dying:
            self._host.delete(resource, key_of(backed_up))
            note(f"{resource.kind} {key_of(backed_up)} was being deleted, and is again.")

    def summary(self) -> None:
        """Say how much of what came back."""
        for plural in sorted(self._created.keys() | self._there.keys()):
            there = f", {self._there[plural]} were there and left as they are" if self._there[plural] else ""
            say(f"{plural}: {self._created[plural]} restored{there}")

    def _created_now(self, resource: ResourceType, backed_up: Manifest) -> Manifest | None:
        key, former = key_of(backed_up), str(backed_up["metadata"].get("uid"))
        manifest = to_create(backed_up)
        if resource == CONFIGS:
            annotations = manifest["metadata"].get("annotations") or {}
            manifest["metadata"]["annotations"] = {**annotations, RESTORING_ANNOTATION: _since()}
        try:
            live = self._host.create(resource, manifest)
        except AlreadyExists:
            live = self._host.get(resource, key)
            self._lives[former] = live["metadata"]["uid"]
            self._there[resource.qualified_plural] += 1
            return None
        self._lives[former] = live["metadata"]["uid"]
        self._created[resource.qualified_plural] += 1
        return live

    def _restore_status(self, resource: ResourceType, backed_up: Manifest, live: Manifest) -> None:
        """The status as it was, unless somebody has written a newer one already."""
        status = status_of(backed_up, live["metadata"].get("generation", 1))
        if status is None:
            return
        unchanged = {"metadata": {"resourceVersion": live["metadata"]["resourceVersion"]}}
        try:
            self._host.merge(resource, key_of(backed_up), {**unchanged, "status": status}, subresource="status")
        except (Stale, NotFound):
            return
