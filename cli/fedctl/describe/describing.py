"""Gathers what is known about one federated object and prints the page."""

from datetime import UTC, datetime

import orjson

from fedctl.copies import Found, Question, fetch
from fedctl.describe.clusters import cluster_lines, clusters_table, override_lines
from fedctl.describe.facts import Around, Facts, NamespaceFacts
from fedctl.describe.page import errors, events_table, head
from fedctl.federation import Federation, federated_type, scope_of, trust_of
from fedctl.get.clusters import ClusterRow, cluster_row
from fedctl.get.objects import CopyRow, Members, copy_row, member_key
from fedctl.get.workloads import find_kind, place_of, read_object
from fedctl.kinds import EVENTS
from fedctl.manifests import Manifest, key_of
from fedctl.options import HostOptions
from fedctl.services.showing import describe_service
from fedctl.telling import say, show
from kubefed.api.core_v1beta1 import KubeFedConfig, Scope, Trust
from kubefed.api.defaults import NAMESPACES
from kubefed.app.config import FEDERATION_ID_ANNOTATION
from kubefed.core.errors import ApiError, Misconfigured
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.federated.federated_type import FederatedType
from kubefed.federated.placement import read_placement
from kubefed.kube.wire import Projector
from kubefed.sync.intent import Intent
from kubefed.sync.versions import Recorded, key_for, read_recorded, resource_for

_NAME_WIDTH = 14
_ANY_NAMESPACE = "default"
"""Where Kubernetes keeps the events of objects that are in no namespace."""


def describe(options: HostOptions, what: str, namespace: str, name: str) -> None:
    """Print everything known about one object. Raises Misconfigured when there is no such object or type."""
    with Federation.opened(options) as federation:
        kind = find_kind(federation, what)
        key = place_of(federation, kind, ObjectKey(namespace, name))
        facts = _gather(federation, kind, read_object(federation, kind, key))
    _print(facts, datetime.now(UTC))


def describe_any_service(options: HostOptions, what: str, namespace: str, name: str) -> None:
    """The same for a name that can stand for a FederatedService, for a service of the clusterset, or for both."""
    with Federation.opened(options) as federation:
        was_exported = describe_service(federation, namespace, name)
        is_federated = was_exported and _is_federated(federation, what, namespace, name)
    if is_federated:
        say("")
    if is_federated or not was_exported:
        describe(options, what, namespace, name)


def _is_federated(federation: Federation, what: str, namespace: str, name: str) -> bool:
    try:
        kind = find_kind(federation, what)
        read_object(federation, kind, place_of(federation, kind, ObjectKey(namespace, name)))
    except Misconfigured:
        return False
    return True


# --- gathering -------------------------------------------------------------------------------------------------


def _gather(federation: Federation, kind: FederatedType, manifest: Manifest) -> Facts:
    config = federation.config()
    records = {ClusterName(each["metadata"]["name"]): each for each in federation.clusters()}
    copies_at = member_key(manifest, kind)
    clusters = {name: cluster_row(record) for name, record in records.items()}
    found = fetch(federation, config, records, Question(kind.target, copies_at))
    events, problem = _events(federation, manifest)
    return Facts(
        kind=kind,
        manifest=manifest,
        intent=_intent(manifest, kind, config),
        namespace=_namespace(federation, kind, config, key_of(manifest).namespace),
        clusters=clusters,
        copies=_copies(manifest, copies_at, clusters, found),
        found=found,
        copies_at=copies_at,
        recorded=_recorded(federation, kind, manifest),
        owner=(config.metadata.annotations or {}).get(FEDERATION_ID_ANNOTATION, ""),
        events=events,
        events_problem=problem,
    )


_Clusters = dict[ClusterName, ClusterRow]
_PROJECTOR = Projector(annotation_prefix="kubefed.io/")


def _copies(
    manifest: Manifest, at: ObjectKey, clusters: _Clusters, found: dict[ClusterName, Found]
) -> dict[ClusterName, CopyRow]:
    members = Members(clusters, found)
    rows = [copy_row(entry, at, members) for entry in (manifest.get("status") or {}).get("clusters") or ()]
    return {ClusterName(row.cluster): row for row in rows}


def _intent(manifest: Manifest, kind: FederatedType, config: KubeFedConfig) -> Intent:
    """What the controller reads in the object, by its own rules."""
    return Intent(_PROJECTOR.object(orjson.dumps(manifest)), kind, version_may_change=trust_of(config) is Trust.COMPATIBLE)


def _namespace(federation: Federation, kind: FederatedType, config: KubeFedConfig, name: str) -> NamespaceFacts:
    if not name or kind.of_namespaces or scope_of(config) is Scope.NAMESPACED:
        return NamespaceFacts()
    types = [federated_type(each) for each in federation.type_configs() if each.metadata.name == NAMESPACES]
    found = federation.host.find(types[0].federated, ObjectKey(name, name)) if types else None
    if found is None:
        return NamespaceFacts(Around.NOT_FEDERATED)
    try:
        return NamespaceFacts(Around.FEDERATED, read_placement(found.get("spec") or {}))
    except Misconfigured as problem:
        return NamespaceFacts(Around.FEDERATED, problem=problem)


def _recorded(federation: Federation, kind: FederatedType, manifest: Manifest) -> Recorded | None:
    record = federation.host.find(resource_for(kind), key_for(kind, key_of(manifest)))
    return read_recorded(_PROJECTOR.object(orjson.dumps(record))) if record else None


def _events(federation: Federation, manifest: Manifest) -> tuple[list[Manifest], str]:
    """Events are an extra: who may not read them still gets the rest."""
    metadata = manifest["metadata"]
    fields = f"involvedObject.uid={metadata['uid']}"
    try:
        return list(federation.host.objects(EVENTS, metadata.get("namespace", _ANY_NAMESPACE), fields=fields)), ""
    except ApiError as problem:
        return [], problem.explanation()


# --- printing --------------------------------------------------------------------------------------------------


def _print(facts: Facts, now: datetime) -> None:
    lines = cluster_lines(facts)
    say(f"{facts.kind.federated.kind} {key_of(facts.manifest)}")
    for line in head(facts, lines, now):
        say(f"  {line.name + ':':<{_NAME_WIDTH}} {line.text}")
    if wrong := errors(lines):
        _section("What is wrong", wrong)
    say("\nClusters")
    if lines:
        show(clusters_table(lines))
    else:
        say("  none is joined: fedctl join cluster NAME")
    _section("Overrides", override_lines(facts) or ["none"])
    say("\nEvents")
    if facts.events:
        show(events_table(facts.events, now))
    else:
        say(f"  cannot be read: {facts.events_problem}" if facts.events_problem else "  none in the last hour")


def _section(title: str, lines: list[str]) -> None:
    say(f"\n{title}")
    for line in lines:
        say(f"  {line}")
