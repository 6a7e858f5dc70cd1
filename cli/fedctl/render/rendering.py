"""Reads federated objects and clusters, from the host or from a file, and prints what is rendered."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from fedctl.federation import CLUSTERS, TYPE_CONFIGS, Federation, federated_type, trust_of
from fedctl.get.workloads import find_kind, place_of, read_object
from fedctl.manifests import Manifest, as_yaml
from fedctl.options import HostOptions
from fedctl.render.copies import Cluster, Rendered, cluster_of, rendered
from fedctl.telling import note, plain
from fedctl.yamlfiles import read_documents, shown_name
from kubefed.api.core_v1beta1 import FederatedTypeConfig, Trust
from kubefed.api.default_types import default_type_configs
from kubefed.api.defaults import with_type_config_defaults
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.federated.federated_type import FederatedType


def render_stored(options: HostOptions, what: str, namespace: str, name: str, cluster: str, *, as_json: bool) -> None:
    """Render an object of the host. Raises Misconfigured when there is no such object, type or cluster."""
    with Federation.opened(options) as federation:
        kind = find_kind(federation, what)
        manifest = read_object(federation, kind, place_of(federation, kind, ObjectKey(namespace, name)))
        clusters = [cluster_of(record) for record in federation.clusters()]
        compatible = trust_of(federation.config()) is Trust.COMPATIBLE
    chosen = _chosen(clusters, cluster)
    found = rendered(manifest, kind, chosen, compatible=compatible, everywhere=bool(cluster))
    _print([(manifest, found)], as_json=as_json)


def render_file(options: HostOptions, filename: str, cluster: str, *, as_json: bool) -> None:
    """Render every federated object of a file. Raises Misconfigured when it has none."""
    documents = list(read_documents(filename))
    kinds = _kinds(documents)
    objects = [(each, kinds[_head(each)]) for each in documents if _head(each) in kinds]
    if not objects:
        raise Misconfigured(f"{shown_name(filename)} holds no federated object of a known type")
    records = [each for each in documents if _head(each) == (CLUSTERS.api_version, CLUSTERS.kind)]
    clusters = [cluster_of(record) for record in records] or _clusters_elsewhere(options, cluster)
    found = [
        (each, rendered(each, kind, _chosen(clusters, cluster), compatible=True, everywhere=bool(cluster)))
        for each, kind in objects
    ]
    _print(found, as_json=as_json)


def _kinds(documents: Sequence[Manifest]) -> dict[tuple[str, str], FederatedType]:
    """The ten default types, and those that the file itself describes."""
    head = (TYPE_CONFIGS.api_version, TYPE_CONFIGS.kind)
    configs = [*default_type_configs(""), *(each for each in documents if _head(each) == head)]
    types = [federated_type(with_type_config_defaults(FederatedTypeConfig.read(each))) for each in configs]
    return {(kind.federated.api_version, kind.federated.kind): kind for kind in types}


def _head(document: Manifest) -> tuple[str, str]:
    return str(document.get("apiVersion")), str(document.get("kind"))


def _clusters_elsewhere(options: HostOptions, cluster: str) -> list[Cluster]:
    """A cluster that is only named has neither labels nor a region."""
    if cluster:
        return [Cluster(ClusterName(cluster), {})]
    with Federation.opened(options) as federation:
        return [cluster_of(record) for record in federation.clusters()]


def _chosen(clusters: Sequence[Cluster], name: str) -> Sequence[Cluster]:
    if not name:
        return clusters
    if found := [each for each in clusters if each.name == name]:
        return found
    names = ", ".join(each.name for each in clusters) or "none"
    raise Misconfigured(f"there is no cluster {name!r}; there are: {names}")


def _print(found: Iterable[tuple[Manifest, Sequence[Rendered]]], *, as_json: bool) -> None:
    if as_json:
        documents = [_document(each) for _, copies in found for each in copies]
        sys.stdout.write(f"{json.dumps({'copies': documents}, indent=2)}\n")
        return
    for manifest, copies in found:
        if not copies:
            note(f"{manifest.get('kind')} {manifest['metadata']['name']} is placed in none of the clusters.")
        for each in copies:
            sys.stdout.write(_text(each))


def _document(each: Rendered) -> dict[str, Any]:
    document = {"cluster": each.cluster, "copy": each.copy, "changes": [asdict(change) for change in each.changes]}
    return {**document, "problem": each.problem} if each.problem else document


def _text(each: Rendered) -> str:
    lines = [f"# cluster {each.cluster}"]
    lines += [f"#   {change.what} {change.path}: {change.entry}" for change in each.changes]
    lines += [f"#   cannot be rendered: {each.problem}"] if each.problem else []
    return "---\n" + "".join(f"{plain(line)}\n" for line in lines) + (as_yaml(each.copy) if each.copy else "")
