"""Reads federated objects of one kind and what the ready members say of their copies, and prints them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fedctl.asking import catalog_of
from fedctl.copies import Found, Question, fetch, unknown_clusters
from fedctl.counts import counts_something
from fedctl.dnsnames import require_label
from fedctl.federation import Federation, federated_type
from fedctl.get.clusters import cluster_row
from fedctl.get.listing import print_document
from fedctl.get.objects import Members, ObjectRow, member_key, object_row, objects_document, objects_table
from fedctl.lookup import find_federated
from fedctl.manifests import Manifest
from fedctl.options import HostOptions, Output
from fedctl.telling import note, show
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.federated.federated_type import FederatedType

ALL_NAMESPACES = "*"


def show_objects(options: HostOptions, what: str, place: ObjectKey, output: Output | None) -> None:
    """The federated objects of a kind in a namespace, or one of them.

    `place.namespace` is empty for the namespace of the context, and ALL_NAMESPACES for all.
    """
    with Federation.opened(options) as federation:
        kind = find_kind(federation, what)
        everywhere = place.namespace == ALL_NAMESPACES or not kind.federated.namespaced
        namespace = "" if everywhere else place_of(federation, kind, place).namespace
        manifests = _read(federation, kind, ObjectKey(namespace, place.name), everywhere=everywhere)
        rows = _rows(federation, kind, manifests, namespace)
    if output in (Output.json, Output.yaml):
        print_document(objects_document(kind, rows), output)
    elif rows:
        show_namespace = everywhere and kind.federated.namespaced
        wide = output is Output.wide
        show(objects_table(rows, datetime.now(UTC), with_namespace=show_namespace, wide=wide))
    else:
        where = "" if everywhere else f" in namespace {namespace}"
        note(f"There is no {kind.federated.kind}{where}.")


def find_kind(federation: Federation, what: str) -> FederatedType:
    """The federated type that a word stands for. Raises Misconfigured."""
    configs = federation.installed_type_configs()
    return federated_type(find_federated(configs, lambda: catalog_of(federation.host.context.connection), what))


def place_of(federation: Federation, kind: FederatedType, typed: ObjectKey) -> ObjectKey:
    """Where an object is as a person typed it; a named FederatedNamespace is in the namespace that it stands for.

    Raises Misconfigured for a namespace that cannot be.
    """
    if not kind.federated.namespaced:
        return ObjectKey("", typed.name)
    if typed.namespace:
        return ObjectKey(require_label("the namespace", typed.namespace), typed.name)
    own = typed.name if kind.of_namespaces else ""
    return ObjectKey(own or federation.host.context.namespace, typed.name)


def _read(federation: Federation, kind: FederatedType, key: ObjectKey, *, everywhere: bool) -> list[Manifest]:
    """Every object, or the named one. With a name in all namespaces, those of that name."""
    if not key.name:
        return list(federation.host.objects(kind.federated, key.namespace))
    if everywhere and kind.federated.namespaced:
        return list(federation.host.objects(kind.federated, fields=f"metadata.name={key.name}"))
    return [read_object(federation, kind, key)]


def read_object(federation: Federation, kind: FederatedType, key: ObjectKey) -> Manifest:
    """One federated object. Raises Misconfigured when there is none."""
    found = federation.host.find(kind.federated, key)
    if found is None:
        raise Misconfigured(f"there is no {kind.federated.kind} {key} in context {federation.host.context.name}")
    return found


def _rows(federation: Federation, kind: FederatedType, manifests: list[Manifest], namespace: str) -> list[ObjectRow]:
    counting = [counts_something(kind.target.kind, (each.get("spec") or {}).get("template")) for each in manifests]
    records = {ClusterName(each["metadata"]["name"]): each for each in federation.clusters()}
    found: dict[ClusterName, Found] = {}
    if any(counting):
        question = Question(kind.target, ObjectKey(namespace, ""))
        if len(manifests) == 1:
            question = Question(kind.target, member_key(manifests[0], kind))
        found = _ask(federation, manifests, records, question)
    members = Members({name: cluster_row(record) for name, record in records.items()}, found)
    return [
        object_row(each, kind, members, counts_something=counts) for each, counts in zip(manifests, counting, strict=True)
    ]


def _ask(
    federation: Federation, manifests: list[Manifest], records: Mapping[ClusterName, Manifest], question: Question
) -> dict[ClusterName, Found]:
    """What the clusters in the objects' statuses hold."""
    involved = {entry["name"] for each in manifests for entry in (each.get("status") or {}).get("clusters") or ()}
    asked = {name: record for name, record in records.items() if name in involved}
    found = fetch(federation, federation.config(), asked, question)
    for sentence in unknown_clusters(found):
        note(sentence)
    return found
