"""Members with exports, Services and EndpointSlices, and what a decision about them says.

`about(a_member("eu").exporting(at=1).serving().with_pods("198.18.0.1")).build()`
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

import msgspec
import orjson

from kubefed.core.catalogue import ServicePort
from kubefed.core.clock import rfc3339
from kubefed.core.markers import OWNER_ANNOTATION
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.kube.wire import Projector
from kubefed.services.addresses import AddressRules
from kubefed.services.decide import decide
from kubefed.services.facts import ClusterFacts, Facts, Part, Trouble
from kubefed.services.plan import Plan, Verb, Write
from kubefed.services.records import (
    Endpoint,
    ExportRecord,
    ServiceRecord,
    SlicePort,
    SliceRecord,
    read_export,
    read_import,
    read_service,
    read_slice,
)
from kubefed.services.staleness import Policy
from kubefed.services.words import EXPORTS, IMPORTS, SERVICES, derived_name

OWNER = "this-federation"
KEY = ObjectKey("shop", "web")
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
HTTP = ServicePort("http", "TCP", 80)
_PROJECTOR = Projector(annotation_prefix="kubefed.io/")


def moment(second: int) -> str:
    """So many seconds after noon's hour began, as Kubernetes writes it."""
    return rfc3339(datetime(2026, 1, 1, 11, second // 60, second % 60, tzinfo=UTC))


def an_export(at: int = 0, **annotations: str) -> ExportRecord:
    """A ServiceExport made at that second."""
    return ExportRecord("shop", "web", "uid", 1, 1, b"{}", orjson.dumps(annotations), (), "", moment(at))


def a_service(*ports: ServicePort, **fields: Any) -> ServiceRecord:
    """A Service of type ClusterIP with these ports, or with one named http."""
    known = {"ips": ("10.0.0.1",), "families": ("IPv4",), "internal_policy": "Cluster", "ports": ports or (HTTP,)}
    return ServiceRecord("shop", "web", "uid", 1, 0, b"{}", b"{}", (), "", "", **{**known, **fields})


def a_slice(*addresses: str, name: str = "web-1", port: int = 8080, family: str = "IPv4", **fields: Any) -> SliceRecord:
    """An EndpointSlice of the Service, with ready endpoints."""
    known = {
        "family": family,
        "ports": (SlicePort("http", "TCP", port),),
        "endpoints": tuple(Endpoint(address, zone="a", node="node-1") for address in addresses),
        "service": "web",
    }
    return SliceRecord("shop", name, f"uid-{name}", 1, 1, b"{}", b"{}", (), "", "", **{**known, **fields})


@dataclass(frozen=True)
class MemberBuilder:
    """A registered cluster: in reach, read, with the namespace, and without anything in it."""

    facts: ClusterFacts

    def _with(self, **fields: Any) -> Self:
        return replace(self, facts=replace(self.facts, **fields))

    def exporting(self, at: int = 0, *, labels: Mapping[str, str] | None = None, **annotations: str) -> Self:
        """With an export that was made at that second."""
        shown = tuple(sorted((labels or {}).items()))
        plain = an_export(at, **{name.replace("__", "/").replace("_", "."): text for name, text in annotations.items()})
        return self._with(export=_replaced(plain, shown_labels=shown))

    def serving(self, *ports: ServicePort, **fields: Any) -> Self:
        """With a Service."""
        return self._with(service=a_service(*ports, **fields))

    def with_pods(self, *addresses: str, **fields: Any) -> Self:
        """With one more slice of endpoints."""
        number = len(self.facts.slices) + 1
        return self._with(slices=(*self.facts.slices, a_slice(*addresses, **{"name": f"web-{number}", **fields})))

    def unread(self, *parts: Part) -> Self:
        """These parts, or all, could not be read: what is not there means nothing."""
        return self._with(known=frozenset(Part) - frozenset(parts or Part))

    def confirmed_gone(self, *parts: Part) -> Self:
        """The server itself has said that they are not there."""
        return self._with(gone=frozenset(parts))

    def lost(self, for_s: float) -> Self:
        """Out of reach for so long."""
        return self._with(writable=False, lost_s=for_s)

    def without_namespace(self) -> Self:
        """Nothing can be made there."""
        return self._with(has_namespace=False)

    def judging(self, rules: AddressRules) -> Self:
        """With rules for addresses."""
        return self._with(rules=rules)

    def with_their_import(self) -> Self:
        """Somebody else has made an import of this name."""
        return self._with(theirs=True)

    def in_trouble(self, *troubles: Trouble) -> Self:
        """Its server refuses writes."""
        return self._with(troubles=troubles)

    def having(self, **fields: Any) -> Self:
        """With other facts, whatever they are."""
        return self._with(**fields)

    def keeping_what_we_made_in(self, world: "World") -> Self:
        """With what was made for the service in the cluster of that name before."""
        before = world.member(self.facts.name).facts
        return self._with(imported=before.imported, derived=before.derived, carried=before.carried)

    def emptied(self) -> Self:
        """Without export, Service and slices; what we made stays."""
        return self._with(export=None, service=None, slices=())


def a_member(name: str) -> MemberBuilder:
    """A registered cluster."""
    return MemberBuilder(ClusterFacts(ClusterName(name), writable=True, has_namespace=True))


@dataclass(frozen=True)
class World:
    """All members, and one service."""

    members: tuple[MemberBuilder, ...]
    policy: Policy = field(default_factory=Policy)
    now: datetime = NOW

    def facts(self) -> Facts:
        """What a decision looks at."""
        clusters = sorted((member.facts for member in self.members), key=lambda each: each.name)
        return Facts(KEY, OWNER, self.now, tuple(clusters), self.policy)

    def plan(self) -> Plan:
        """What is decided."""
        return decide(self.facts())

    def member(self, name: str) -> MemberBuilder:
        """One of them."""
        return next(each for each in self.members if each.facts.name == name)

    def with_member(self, changed: MemberBuilder) -> "World":
        """The same with one member as it is now, or one more."""
        others = tuple(each for each in self.members if each.facts.name != changed.facts.name)
        return replace(self, members=(*others, changed))

    def without_member(self, name: str) -> "World":
        """The same with one member less."""
        return replace(self, members=tuple(each for each in self.members if each.facts.name != name))

    def after(self, plan: Plan) -> "World":
        """As it is when everything in a plan has been written, as API servers take it."""
        world = self
        for write in plan.writes:
            member = world.member(write.cluster)
            world = world.with_member(replace(member, facts=_written(member.facts, write)))
        return world

    def settled(self) -> "World":
        """As it is when nothing is left to write. Fails when that never comes."""
        world = self
        for _ in range(10):
            plan = world.plan()
            if not plan.writes:
                return world
            world = world.after(plan)
        raise AssertionError(f"still writing: {[(w.verb, str(w.resource)) for w in plan.writes]}")


def about(*members: MemberBuilder, policy: Policy | None = None) -> World:
    """A service in these members."""
    return World(members, policy or Policy())


# --- what an API server makes of a write -----------------------------------------------------------------------


def _written(facts: ClusterFacts, write: Write) -> ClusterFacts:
    if write.resource == EXPORTS:
        assert facts.export is not None
        stored = {**_document(facts.export), "status": write.body["status"]}
        conditions = read_export(_PROJECTOR, orjson.dumps(stored)).conditions
        return replace(facts, export=_replaced(facts.export, conditions=conditions))
    if write.resource == IMPORTS:
        return replace(facts, imported=_next(facts.imported, write, read_import))
    if write.resource == SERVICES:
        return replace(facts, derived=_next(facts.derived, write, _read_derived))
    left = tuple(each for each in facts.carried if each.key != write.key)
    if write.verb is Verb.DELETE:
        return replace(facts, carried=left)
    return replace(facts, carried=(*left, _next(None, write, read_slice)))


_STORED: dict[tuple[str, int], dict[str, Any]] = {}


def _next(record: Any, write: Write, read: Any) -> Any:
    """The record after a write. Documents are remembered by the version that they got."""
    if write.verb is Verb.DELETE:
        return None
    version = len(_STORED) + 100
    before = _STORED.get((write.key.name, record.resource_version), {}) if record is not None else {}
    document = _merged(before, write.body) if write.verb in (Verb.PATCH, Verb.STATUS) else dict(write.body)
    uid = record.uid if record is not None else f"uid-{write.cluster}-{write.resource.plural}"
    document["metadata"] = {**document["metadata"], "uid": uid, "resourceVersion": str(version)}
    _STORED[write.key.name, version] = document
    return read(_PROJECTOR, orjson.dumps(document))


def _read_derived(projector: Projector, body: bytes) -> ServiceRecord:
    """A Service as it is stored: an address has been allocated."""
    record = read_service(projector, body)
    assert record.name == derived_name(KEY)
    families = record.families or ("IPv4",)
    return msgspec.structs.replace(record, ips=record.ips or ("10.96.0.7",), families=families)


def _merged(before: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(before)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            merged[name] = _merged(merged.get(name) or {}, value)
        else:
            merged[name] = value
    return merged


def _document(export: ExportRecord) -> dict[str, Any]:
    return {"metadata": {"name": export.name, "namespace": export.namespace, "resourceVersion": "1"}}


def _replaced(record: Any, **fields: Any) -> Any:
    return msgspec.structs.replace(record, **fields)


def writes_to(plan: Plan, resource: Any, cluster: str = "") -> list[Write]:
    """The writes of one kind, of one cluster when it is named."""
    return [each for each in plan.writes if each.resource == resource and cluster in ("", each.cluster)]


def is_ours(body: Mapping[str, Any]) -> bool:
    """Whether an object that is written carries our mark."""
    return bool(body["metadata"]["annotations"][OWNER_ANNOTATION] == OWNER)
