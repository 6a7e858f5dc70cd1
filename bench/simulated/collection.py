"""The objects of one resource type in one simulated cluster, with their history for watches. Knows nothing of HTTP."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

Manifest = dict[str, Any]
_HISTORY = 5_000


class Refusal(Exception):
    """An answer that is no success: its HTTP status and the machine-readable reason."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        """`reason` is a metav1.StatusReason."""
        super().__init__(message)
        self.code = code
        self.reason = reason


class Versions:
    """The resourceVersions of one cluster: one sequence for all types, as in etcd."""

    def __init__(self) -> None:
        """Starts at 1."""
        self._next: Iterator[int] = itertools.count(2)
        self.newest = 1

    def take(self) -> int:
        """The next one."""
        self.newest = next(self._next)
        return self.newest


@dataclass(frozen=True, slots=True)
class Event:
    """A change; `before` is the object that a selector would have judged until now."""

    version: int
    type: str
    object: Manifest
    before: Manifest | None


@dataclass(slots=True)
class Collection:
    """One type's objects by (namespace, name). `generations`: whether the server counts changes of the spec."""

    api_version: str
    kind: str
    resource: str
    versions: Versions
    generations: bool
    namespace_exists: Callable[[str], bool]
    objects: dict[tuple[str, str], Manifest] = field(default_factory=dict)
    _events: deque[Event] = field(default_factory=lambda: deque(maxlen=_HISTORY))
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    # --- reading -----------------------------------------------------------------------------------------------

    def get(self, namespace: str, name: str) -> Manifest:
        """One object. Raises Refusal."""
        found = self.objects.get((namespace, name))
        if found is None:
            raise Refusal(404, "NotFound", f'{self.resource} "{name}" not found')
        return found

    def selected(self, namespace: str, labels: dict[str, str], name: str) -> list[Manifest]:
        """What a list holds, ordered as etcd does; an empty `namespace` or `name` stands for all."""
        return [
            self.objects[key]
            for key in sorted(self.objects)
            if namespace in ("", key[0]) and name in ("", key[1]) and carries(self.objects[key], labels)
        ]

    def since(self, version: int) -> list[Event]:
        """What happened after a version. Raises Refusal when that is too long ago."""
        oldest = self._events[0].version if self._events else 0
        if len(self._events) == _HISTORY and version < oldest - 1:
            raise Refusal(410, "Expired", f"too old resource version: {version} ({oldest})")
        found = []
        for event in reversed(self._events):
            if event.version <= version:
                break
            found.append(event)
        return found[::-1]

    async def wait(self, timeout_s: float) -> None:
        """Return when something has happened, or the time is over."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return

    # --- writing -----------------------------------------------------------------------------------------------

    def create(self, namespace: str, manifest: Manifest, manager: str) -> Manifest:
        """Store a new object. Raises Refusal."""
        if namespace and not self.namespace_exists(namespace):
            raise Refusal(404, "NotFound", f'namespaces "{namespace}" not found')
        key = namespace, str(manifest["metadata"]["name"])
        if key in self.objects:
            raise Refusal(409, "AlreadyExists", f'{self.resource} "{key[1]}" already exists')
        given = manifest["metadata"]
        metadata = {name: given[name] for name in _OF_THE_CLIENT if given.get(name)}
        metadata |= {"uid": str(uuid4()), "creationTimestamp": _now(), "managedFields": [_managed(manager, self, manifest)]}
        if namespace:
            metadata["namespace"] = namespace
        if self.generations:
            metadata["generation"] = 1
        return self._store(key, {**manifest, **self._type_meta(), "metadata": metadata}, "ADDED")

    def replace(self, namespace: str, name: str, manifest: Manifest, manager: str) -> Manifest:
        """Store an object's new content. Raises Refusal, Conflict when it is not made from the newest version."""
        known = self.get(namespace, name)
        given = manifest["metadata"]
        version = given.get("resourceVersion")
        if version is not None and version != known["metadata"]["resourceVersion"]:
            raise Refusal(409, "Conflict", f'Operation cannot be fulfilled on {self.resource} "{name}"')
        kept = {name: known["metadata"][name] for name in _OF_THE_SERVER if name in known["metadata"]}
        metadata = {name: given[name] for name in _OF_THE_CLIENT if given.get(name)} | kept
        wanted = {**manifest, **self._type_meta(), "metadata": metadata}
        if _content(wanted) == _content(known):
            return known
        if self.generations and wanted.get("spec") != known.get("spec"):
            metadata["generation"] = known["metadata"]["generation"] + 1
        metadata["managedFields"] = [_managed(manager, self, manifest)]
        return self._store((namespace, name), wanted, "MODIFIED")

    def delete(self, namespace: str, name: str, uid: str | None) -> Manifest:
        """Forget an object. Raises Refusal, Conflict when it is another than the one with `uid`."""
        known = self.get(namespace, name)
        if uid not in (None, known["metadata"]["uid"]):
            raise Refusal(409, "Conflict", f'Operation cannot be fulfilled on {self.resource} "{name}"')
        del self.objects[namespace, name]
        gone = {**known, "metadata": {**known["metadata"], "resourceVersion": str(self.versions.take())}}
        self._tell(Event(self.versions.newest, "DELETED", gone, known))
        return known

    def _type_meta(self) -> Manifest:
        return {"apiVersion": self.api_version, "kind": self.kind}

    def _store(self, key: tuple[str, str], manifest: Manifest, kind: str) -> Manifest:
        before = self.objects.get(key)
        manifest["metadata"]["resourceVersion"] = str(self.versions.take())
        self.objects[key] = manifest
        self._tell(Event(self.versions.newest, kind, manifest, before))
        return manifest

    def _tell(self, event: Event) -> None:
        self._events.append(event)
        self._changed.set()
        self._changed = asyncio.Event()


def carries(manifest: Manifest, labels: dict[str, str]) -> bool:
    """Whether an object has all these labels."""
    return labels.items() <= (manifest["metadata"].get("labels") or {}).items()


def seen_with(event: Event, labels: dict[str, str]) -> tuple[str, Manifest] | None:
    """What a watch that selects by labels is told: the type and the object; None when it is told nothing.

    An object that is selected no longer is told as it was, with the version of the change.
    """
    is_selected = carries(event.object, labels)
    if event.type == "DELETED":
        return ("DELETED", event.object) if is_selected else None
    was_selected = event.before is not None and carries(event.before, labels)
    if is_selected:
        return "MODIFIED" if was_selected else "ADDED", event.object
    if event.before is None or not was_selected:
        return None
    metadata = {**event.before["metadata"], "resourceVersion": str(event.version)}
    return "DELETED", {**event.before, "metadata": metadata}


_OF_THE_CLIENT = ("name", "labels", "annotations", "finalizers", "ownerReferences")
_OF_THE_SERVER = ("uid", "creationTimestamp", "generation", "namespace", "managedFields", "resourceVersion")


def _content(manifest: Manifest) -> Manifest:
    return {**manifest, "metadata": {**manifest["metadata"], "managedFields": None}}


def _managed(manager: str, collection: Collection, manifest: Manifest) -> Manifest:
    """What the server notes of who set which fields; a third of a small object's size."""
    fields: Manifest = {f"f:{name}": {} for name in manifest if name not in ("apiVersion", "kind", "metadata")}
    for part in ("labels", "annotations"):
        if names := manifest["metadata"].get(part):
            fields.setdefault("f:metadata", {})[f"f:{part}"] = {".": {}} | {f"f:{name}": {} for name in names}
    return {
        "manager": manager,
        "operation": "Update",
        "apiVersion": collection.api_version,
        "time": _now(),
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
