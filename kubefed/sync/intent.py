"""What a federated object asks for, read once per generation. Pure.

A part that cannot be read does not spoil the others: each problem is kept where the decision that needs the part finds
it, because KubeFed reported a bad selector, bad overrides and a bad template in three different ways.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey
from kubefed.federated.federated_type import FederatedType
from kubefed.federated.placement import Placement, read_placement
from kubefed.federated.rawjson import as_object, object_in
from kubefed.federated.traits import ClusterTraits
from kubefed.kube.wire import Object
from kubefed.sync import hashes, overrides, tailoring
from kubefed.sync.jsonpatch import Operation
from kubefed.sync.marks import mark_for
from kubefed.sync.overrides import Overrides
from kubefed.sync.render import Rendering, Template, read_template, render_body
from kubefed.sync.tailoring import Entry

T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Versions:
    """KubeFed's hashes of what is wanted: recorded cluster versions count only while both are the same."""

    template: str
    overrides: str


class Part(Generic[T]):
    """A part of the spec that was read, or why it could not be."""

    __slots__ = ("_problem", "_value")

    def __init__(self, read: Callable[[], T]) -> None:
        self._problem: Misconfigured | None = None
        try:
            self._value = read()
        except Misconfigured as problem:
            self._problem = problem

    def get(self) -> T:
        """The part. Raises the Misconfigured that reading it gave."""
        if self._problem is not None:
            raise self._problem
        return self._value

    def or_else(self, other: D) -> T | D:
        """The part, or `other` when it could not be read."""
        return other if self._problem is not None else self._value


class Intent:
    """One generation of one federated object, for as long as it is worked on."""

    def __init__(self, federated: Object, kind: FederatedType, *, version_may_change: bool) -> None:
        self.key: ObjectKey = federated.key
        self.uid = federated.metadata.uid
        self.spec = federated.spec
        self._kind = kind
        spec = Part(lambda: object_in(federated.spec, "spec"))
        self.placement: Part[Placement] = Part(lambda: read_placement(spec.get()))
        self.overrides: Part[Overrides] = Part(
            lambda: overrides.parse(spec.get().get("overrides"), version_may_change=version_may_change)
        )
        self.template: Part[Template] = Part(lambda: read_template(spec.get().get("template"), kind.target))
        self.versions: Part[Versions] = Part(lambda: _versions(spec.get() if federated.spec else None))
        self.retain_replicas = Part(lambda: spec.get().get("retainReplicas") is True).or_else(False)
        self.entries: Part[tuple[Entry, ...]] = Part(
            lambda: _entries(spec.get().get("overrides"), version_may_change=version_may_change)
        )
        self._bodies: dict[tuple[Operation, ...], Part[bytes]] = {}

    def versions_or_none(self) -> Versions | None:
        """The hashes; None when template or overrides are not what the CRD asks for."""
        return self.versions.or_else(None)

    @property
    def target_key(self) -> ObjectKey:
        """The key of the copies: a FederatedNamespace stands for the namespace it lies in."""
        return ObjectKey("", self.key.name) if not self._kind.target.namespaced else self.key

    @property
    def needs_live(self) -> bool:
        """Whether an update must read the whole live object first."""
        return self._kind.retains_from_live or self.retain_replicas

    def trace(self, cluster: ClusterTraits) -> tuple[tuple[str, Operation], ...]:
        """The operations of one cluster's copy, each with the entry that asks for it. Raises Misconfigured."""
        return tailoring.trace_for(cluster, self.entries.get(), self.overrides.get())

    def rendering(self, cluster: ClusterTraits) -> Rendering:
        """The copy for one cluster, but for what an update retains; rendered once for clusters with equal overrides.

        Raises Misconfigured: of the template, of the overrides, or because they do not fit together.
        """
        operations, entries, mark = self.overrides.get().operations_for(cluster.name), self.entries.get(), ""
        if entries:
            operations = tailoring.operations_for(cluster, entries, self.overrides.get())
            mark = mark_for(operations)
        template = self.template.get()
        if operations not in self._bodies:
            self._bodies[operations] = Part(lambda: render_body(template, operations))
        return Rendering(self.target_key, self._kind.target, template, operations, self._bodies[operations].get, mark)


def _entries(raw: Any, *, version_may_change: bool) -> tuple[Entry, ...]:
    if not tailoring.is_tailored(raw):
        return ()
    return tailoring.read_entries(raw, version_may_change=version_may_change)


def _versions(spec: Mapping[str, Any] | None) -> Versions:
    template = spec.get("template") if spec is not None else None
    if template is not None:
        as_object(template, "spec.template")
    return Versions(hashes.template_version(template), hashes.overrides_version(spec))


_MOST_CACHED_BYTES = 32 * 2**20


class IntentCache:
    """The intents of the objects that are worked on: an object comes by several times while it is rolled out."""

    def __init__(self, kind: FederatedType, *, version_may_change: bool) -> None:
        self._kind = kind
        self._version_may_change = version_may_change
        self._intents: OrderedDict[ObjectKey, tuple[Intent, int]] = OrderedDict()
        self._size_bytes = 0

    def of(self, federated: Object) -> Intent:
        """The intent of the object as it is. A generation does not tell: a host that was set back counts them anew."""
        metadata = federated.metadata
        cached = self._intents.get(federated.key)
        if cached is not None and cached[0].uid == metadata.uid and cached[0].spec == federated.spec:
            self._intents.move_to_end(federated.key)
            return cached[0]
        intent = Intent(federated, self._kind, version_may_change=self._version_may_change)
        self._keep(federated.key, intent, _DECODED_FACTOR * len(federated.spec))
        return intent

    def _keep(self, key: ObjectKey, intent: Intent, size_bytes: int) -> None:
        old = self._intents.pop(key, None)
        if old is not None:
            self._size_bytes -= old[1]
        self._intents[key] = (intent, size_bytes)
        self._size_bytes += size_bytes
        while self._size_bytes > _MOST_CACHED_BYTES and len(self._intents) > 1:
            _, (_, dropped_bytes) = self._intents.popitem(last=False)
            self._size_bytes -= dropped_bytes


_DECODED_FACTOR = 8  # JSON text grows by about this much when it becomes Python objects, beside its renderings
