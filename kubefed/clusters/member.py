"""A member cluster as features see it: who it is, how it is, what is known of it, and the lane that leads to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import Raw

from kubefed.clusters.health import Health, Verdict
from kubefed.core.errors import NotFound, Unreachable
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.engine.lane import Lane
from kubefed.kube.client import Client
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Metadata, Projector


class MemberState(StrEnum):
    """A word for people. Decisions use `ready` and what the stores know."""

    JOINING = "Joining"
    READY = "Ready"
    DEGRADED = "Degraded"
    OFFLINE = "Offline"
    MALFORMED = "Malformed"


_STATES = {
    Verdict.UNKNOWN: MemberState.JOINING,
    Verdict.READY: MemberState.READY,
    Verdict.NOT_READY: MemberState.DEGRADED,
    Verdict.OFFLINE: MemberState.OFFLINE,
    Verdict.MALFORMED: MemberState.MALFORMED,
}

_FIRST_WORD_S = 10.0
"""Longer than a probe of a cluster that does not answer takes."""

Read = Callable[[Projector, bytes | Raw], Metadata]
"""Turns the bytes of a member's object into a record that knows more of it than its metadata."""


@dataclass(slots=True)
class Collection:
    """One selection of one member's objects: the store, and the reflector that fills it while the member is reachable.

    `tell` hears of every change, as kube.store.Store says it. `read` makes the records, where the selection does not say.
    """

    tell: Callable[[ObjectKey, Metadata | None, Metadata | None], None]
    read: Read | None = None
    store: Store[Metadata] = field(init=False)
    reflector: Reflector[Metadata] | None = None
    announced: tuple[bool, str] = (False, "")
    """The last `known` and `trouble` that the features were told of."""

    def __post_init__(self) -> None:
        self.store = Store(self.tell)

    def forget(self) -> None:
        """Another cluster may answer from now on. What still arrives from the old one goes into the old store, unseen."""
        old, self.store = self.store, Store(self.tell)
        self.reflector, self.announced = None, (False, "")
        for record in old:
            self.tell(record.key, record, None)

    @property
    def known(self) -> bool:
        """Whether absence from the store means absence from the member."""
        return self.store.complete

    @property
    def trouble(self) -> str:
        """Why the store may be behind, in words that are safe to publish; empty while the watch runs."""
        trouble = self.reflector.trouble if self.reflector is not None else None
        if isinstance(trouble, NotFound):
            return "the cluster does not serve this resource type"
        return trouble.explanation() if trouble is not None else ""


class Member:
    """One member cluster. Its keeper changes it; features read it and submit operations to its lane."""

    def __init__(self, name: ClusterName, lane: Lane, joined_at: float = float("-inf")) -> None:
        """`joined_at`: when this process took it on, in monotonic seconds."""
        self.name = name
        self.joined_at = joined_at
        self.lane = lane
        self.labels: Mapping[str, str] = {}
        self.region = ""
        self.zones: tuple[str, ...] = ()
        self.health = Health()
        self.frozen = ""
        """Why nothing may be written to it at the moment, by its record's annotation; empty when it may."""
        self.is_host = False
        """The member is the host cluster itself, by the uid of its kube-system namespace."""
        self.collections: dict[Selection, Collection] = {}
        self._client: Client | None = None

    @property
    def ready(self) -> bool:
        """What the record's condition Ready says."""
        return self.health.ready

    @property
    def state(self) -> MemberState:
        """The state, for people."""
        return _STATES[self.health.published.verdict]

    @property
    def settling(self) -> bool:
        """Whether it is about to be known: how it is, or what it holds."""
        if self.state is MemberState.JOINING:
            return True
        unknown = (collection for collection in self.collections.values() if not collection.known)
        return self.ready and any(not collection.trouble for collection in unknown)

    def first_judged_by(self) -> float | None:
        """Until when (monotonic seconds) to wait for the first word of how it is; None when that has been said."""
        return self.joined_at + _FIRST_WORD_S if self.state is MemberState.JOINING else None

    @property
    def client(self) -> Client:
        """The client of the moment: ask for it when an operation runs, never earlier. Raises Unreachable."""
        if self._client is None:
            raise Unreachable(f"member {self.name}", reason="NoConnection")
        return self._client

    def use(self, client: Client | None) -> Client | None:
        """Swap the client after a change of record or credentials. Returns the old one, to be closed."""
        old, self._client = self._client, client
        return old

    def store_of(self, selection: Selection) -> Store[Metadata] | None:
        """The store of a followed selection; None when it is not followed any more."""
        collection = self.collections.get(selection)
        return collection.store if collection else None

    def knows(self, selection: Selection) -> bool:
        """Whether the absence of a copy from the store means its absence from the member."""
        collection = self.collections.get(selection)
        return collection is not None and collection.known

    def copy_of(self, selection: Selection, key: ObjectKey) -> Metadata | None:
        """The member's copy as far as it is known; None as well when nothing is known."""
        collection = self.collections.get(selection)
        return collection.store.get(key) if collection else None
