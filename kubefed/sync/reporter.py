"""Writes what is known of a federated object back to the host: its recorded versions, then its status.

At most one write each and only when something changed; behind the writes to members, and never two at a time for one
object. A newer report replaces one that still waits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from kubefed.core.errors import AlreadyExists, ApiError, Forbidden, KubefedError, NotFound
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.engine.lane import Operation
from kubefed.engine.priority import Priority
from kubefed.federated.federated_type import Collected, FederatedType
from kubefed.federated.rawjson import object_in
from kubefed.kube.store import Store
from kubefed.kube.wire import Object
from kubefed.sync.book import VersionBook
from kubefed.sync.intent import Part
from kubefed.sync.status import Report, hold_back_s, status_document
from kubefed.sync.surroundings import Surroundings
from kubefed.sync.versions import Recorded, new_record, read_recorded, resource_for, status_of

Ended = Callable[[ObjectKey, KubefedError | None], None]


@dataclass(frozen=True, slots=True)
class _Due:
    """What one report has to write; None where nothing changed."""

    key: ObjectKey
    recorded: Recorded | None
    status: Mapping[str, Any] | None


class Reporter:
    """Reports on the objects of one federated type."""

    def __init__(
        self,
        kind: FederatedType,
        federated: Store[Object],
        book: VersionBook,
        around: Surroundings,
        ended: Ended,
        later: Callable[[ObjectKey, float], None],
    ) -> None:
        """`ended` hears how a write ended; `later` has a key decided anew after some seconds."""
        self._kind = kind
        self._federated = federated
        self._book = book
        self._around = around
        self._ended = ended
        self._later = later
        self._overtaken: set[ObjectKey] = set()

    def submit(self, federated: Object, report: Report, recorded: Recorded | None) -> bool:
        """Have the host told, if it does not know. False when it knows everything already.

        `recorded` is None when the object has no versions, because it cannot be read.
        """
        key = federated.key
        previous = Part(lambda: object_in(federated.status, "status")).or_else({})
        stored = recorded is None or self._is_stored(key, recorded)
        due = _Due(key, None if stored else recorded, self._status(key, report, previous))
        if stored and recorded is not None:
            self._book.settle(key, recorded)
        target = ("report", self._kind.name, key)
        if due.recorded is None and due.status is None:
            return False
        under_way = self._around.host_lane.under_way(target)
        if under_way is not None and under_way.running:
            self._overtaken.add(key)
            return True
        self._around.host_lane.submit(
            Operation(
                target,
                "report",
                lambda: self._write(due),
                lambda error: self._finished(key, error),
                Priority.RESYNC,
                key.namespace,
            )
        )
        return True

    def _finished(self, key: ObjectKey, error: KubefedError | None) -> None:
        """What there was to tell while this was being written is decided anew, on what it left in the stores.

        The watch may have been faster than the answer, so that no change of a store says so.
        """
        self._ended(key, error)
        if key in self._overtaken:
            self._overtaken.discard(key)
            self._later(key, 0.0)

    def _status(self, key: ObjectKey, report: Report, previous: Mapping[str, Any]) -> dict[str, Any] | None:
        """The status to write now, if any."""
        now = self._around.clock.now()
        document = status_document(report, previous, now)
        if document is None or self._kind.statuses is not Collected.IN_STATUS:
            return document
        wait_s = hold_back_s(report, previous, now)
        if wait_s:
            self._later(key, wait_s)
        return None if wait_s else document

    def _is_stored(self, key: ObjectKey, recorded: Recorded) -> bool:
        record = self._book.record_of(key)
        return record is not None and read_recorded(record) == recorded

    async def _write(self, due: _Due) -> None:
        federated = self._federated.get(due.key)
        if federated is None or federated.metadata.terminating:
            return
        problem: ApiError | None = None
        if due.recorded is not None:
            try:
                await self._record(federated, due.recorded)
            except ApiError as answer:
                problem = answer  # an object must not look as if it were not propagated because of our own notes
        if due.status is not None:
            await self._tell(due.key, due.status)
        if problem is not None:
            raise problem

    async def _record(self, federated: Object, recorded: Recorded) -> None:
        """Store the versions. A namespace that is being deleted takes no new record, and needs none."""
        resource = resource_for(self._kind)
        stored = self._book.record_of(federated.key) or await self._created(resource, federated)
        if stored is None:
            return
        status = status_of(recorded)
        body = _with_status(resource, stored, status)
        try:
            metadata = await self._around.host.replace(resource, stored.key, body, subresource="status")
        except NotFound:
            self._book.stored.remove(stored.key, stored.resource_version)
            raise
        self._book.stored.apply(Object(metadata, b"", orjson.dumps(status)))
        self._book.settle(federated.key, recorded)

    async def _created(self, resource: ResourceType, federated: Object) -> Object | None:
        body = new_record(self._kind, federated)
        key = ObjectKey(federated.namespace, body["metadata"]["name"])
        try:
            metadata = await self._around.host.create(resource, key.namespace, orjson.dumps(body))
        except AlreadyExists:
            return await self._around.host.get_object(resource, key)
        except Forbidden as refusal:
            if any(cause.reason == "NamespaceTerminating" for cause in refusal.causes):
                return None
            raise
        return Object(metadata, b"", b"")

    async def _tell(self, key: ObjectKey, status: Mapping[str, Any]) -> None:
        federated = self._federated.get(key)
        if federated is None:
            return
        body = _with_status(self._kind.federated, federated, status)
        metadata = await self._around.host.replace(self._kind.federated, key, body, subresource="status")
        self._federated.apply(Object(metadata, federated.spec, orjson.dumps(status)))


def _with_status(resource: ResourceType, stored: Object, status: Mapping[str, Any]) -> bytes:
    """An object as it is PUT to its status subresource: of the rest only the name and the version count."""
    metadata = {"name": stored.name, "resourceVersion": str(stored.resource_version)}
    if stored.namespace:
        metadata["namespace"] = stored.namespace
    return orjson.dumps({"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata, "status": status})
