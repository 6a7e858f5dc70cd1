"""What is known of one resource type of one API server. Filled by a reflector and by the answers of our own writes.

Single-threaded: everything runs in the owner's event loop, and nothing here awaits.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from kubefed.core.names import ObjectKey


class Record(Protocol):
    """What a store needs of the records it holds."""

    @property
    def key(self) -> ObjectKey: ...
    @property
    def resource_version(self) -> int: ...


R = TypeVar("R", bound=Record)

_MOST_TOMBSTONES = 10_000


class Store(Generic[R]):
    """Records by key. A record never gives way to an older one, and one that was seen to go never comes back older.

    `complete` says that a whole list has been taken in and nothing has cast doubt on it since; as long as it is False
    absence means nothing. While a list is being taken in it says what it said before. `changed` is called with (key, old or
    None, new or None) after each change.
    """

    def __init__(self, changed: Callable[[ObjectKey, R | None, R | None], None]) -> None:
        self.complete = False
        self._changed = changed
        self._records: dict[ObjectKey, R] = {}
        self._by_namespace: dict[str, dict[ObjectKey, None]] = {}
        self._tombstones: dict[ObjectKey, int] = {}

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[R]:
        return iter(self._records.values())

    def get(self, key: ObjectKey) -> R | None:
        """The record, or None: gone if the store is complete, unknown otherwise."""
        return self._records.get(key)

    def known_keys(self) -> Iterable[ObjectKey]:
        """Every key, as a snapshot that later changes do not disturb."""
        return list(self._records)

    def known_keys_in(self, namespace: str) -> Iterable[ObjectKey]:
        """The keys of one namespace, as a snapshot."""
        return list(self._by_namespace.get(namespace, ()))

    def apply(self, record: R) -> bool:
        """Take in a record from a watch or from the answer of a write. False when something newer is known."""
        key, version = record.key, record.resource_version
        old = self._records.get(key)
        if (old is not None and old.resource_version >= version) or self._tombstones.get(key, -1) >= version:
            return False
        self._put(key, record)
        self._changed(key, old, record)
        return True

    def remove(self, key: ObjectKey, resource_version: int) -> bool:
        """Take in that the object was gone at `resource_version`. False when a newer one is known."""
        old = self._records.get(key)
        if old is not None and old.resource_version > resource_version:
            return False
        self._bury(key, resource_version)
        if old is None:
            return False
        self._drop(key)
        self._changed(key, old, None)
        return True

    def replace(
        self,
        records: Iterable[R],
        listed_at: int,
        *,
        unreadable: Collection[ObjectKey] = (),
        trust_ours: bool = True,
    ) -> None:
        """Take in a whole list made at resourceVersion `listed_at`, and be complete.

        What we know from after the list was made stays, unless `trust_ours` is False: then time has gone back on the
        server and the list is all there is. Objects that were listed and are `unreadable` are there: what is known of them
        stays as well.
        """
        listed = {record.key: record for record in records}
        if not trust_ours:
            self._tombstones.clear()
        for key, old in list(self._records.items()):
            if key not in listed and key not in unreadable and (not trust_ours or old.resource_version <= listed_at):
                self._bury(key, listed_at)
                self._drop(key)
                self._changed(key, old, None)
        for key, record in listed.items():
            known = self._records.get(key)
            if trust_ours:
                self.apply(record)
            elif known is None or known.resource_version != record.resource_version:
                self._put(key, record)
                self._changed(key, known, record)
        self.complete = True

    def _put(self, key: ObjectKey, record: R) -> None:
        self._records[key] = record
        self._tombstones.pop(key, None)
        self._by_namespace.setdefault(key.namespace, {})[key] = None

    def _drop(self, key: ObjectKey) -> None:
        del self._records[key]
        siblings = self._by_namespace[key.namespace]
        del siblings[key]
        if not siblings:
            del self._by_namespace[key.namespace]

    def _bury(self, key: ObjectKey, resource_version: int) -> None:
        """Remember when it went: the answer of a write that was overtaken must not raise it again."""
        known = self._tombstones.pop(key, resource_version)
        self._tombstones[key] = max(known, resource_version)
        if len(self._tombstones) > _MOST_TOMBSTONES:
            del self._tombstones[next(iter(self._tombstones))]
