"""Reads everything that makes up a federation, and writes it down in the order in which it can be restored."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

from fedctl.backup.contents import FIXED, Turn, kept
from fedctl.federation import CLUSTERS, Federation, federated_type, scope_of
from fedctl.kinds import CRDS, NAMESPACES, SECRETS
from fedctl.manifests import Manifest, as_yaml, key_of
from fedctl.options import HostOptions
from fedctl.telling import note, warn
from fedctl.uninstall.belongings import crd_is_ours
from kubefed.api.core_v1beta1 import Scope
from kubefed.core.errors import Misconfigured, NotFound
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.federated.federated_type import FederatedType

Found = dict[Turn, list[Manifest]]


def backup(options: HostOptions, output: str, *, credentials: bool) -> None:
    """Write the backup. Raises Misconfigured when the file cannot be written or exists."""
    with Federation.opened(options) as federation:
        only = federation.namespace if scope_of(federation.config()) is Scope.NAMESPACED else ""
        types = [federated_type(config) for config in federation.type_configs()]
        found = _collected(federation, types, only, credentials=credentials)
    with _opened(output) as file:
        count = _written(file, (manifest for turn in sorted(found) for manifest in found[turn]))
    clusters, federated = len(found.get(Turn.CLUSTER, ())), len(found.get(Turn.FEDERATED, ()))
    note(f"{count} objects: {clusters} clusters, {federated} federated objects, and what belongs to them.")
    if credentials:
        note("The backup holds the members' credentials and the templates of federated Secrets: keep it as you keep those.")


def _collected(federation: Federation, types: list[FederatedType], only: str, *, credentials: bool) -> Found:
    host, found = federation.host, Found()
    for resource, turn in [*FIXED.items(), *((kind.federated, Turn.FEDERATED) for kind in types)]:
        if turn in (Turn.CRD, Turn.NAMESPACE, Turn.CREDENTIAL) or (only and not resource.namespaced):
            continue
        found.setdefault(turn, []).extend(kept(resource, each) for each in _objects(federation, resource, only))
    found[Turn.CRD] = [kept(CRDS, each) for each in host.objects(CRDS) if crd_is_ours(each["metadata"]["name"], types)]
    if credentials:
        found[Turn.CREDENTIAL] = list(_credentials(federation, found.get(Turn.CLUSTER, ())))
    found[Turn.NAMESPACE] = list(_namespaces(federation, found))
    return found


def _objects(federation: Federation, resource: ResourceType, only: str) -> Iterator[Manifest]:
    """All objects of a type; none where the host does not serve it."""
    of_the_system = resource in FIXED and FIXED[resource] in (Turn.CONFIG, Turn.TYPE, Turn.CLUSTER)
    try:
        yield from federation.host.objects(resource, federation.namespace if of_the_system else only)
    except NotFound:
        warn(f"the host does not serve {resource.qualified_plural}: the backup has none of them")


def _credentials(federation: Federation, clusters: Iterable[Manifest]) -> Iterator[Manifest]:
    for cluster in clusters:
        name = ((cluster.get("spec") or {}).get("secretRef") or {}).get("name")
        secret = federation.host.find(SECRETS, ObjectKey(federation.namespace, name)) if name else None
        if secret is None:
            warn(f"{CLUSTERS.kind} {cluster['metadata']['name']} names no Secret that is there: it comes back unconnected")
        else:
            yield kept(SECRETS, secret)


def _namespaces(federation: Federation, found: Found) -> Iterator[Manifest]:
    """The namespaces of all that is part of the backup."""
    names = {key_of(manifest).namespace for manifests in found.values() for manifest in manifests}
    for name in sorted(names - {""}):
        yield kept(NAMESPACES, federation.host.get(NAMESPACES, ObjectKey("", name)))


@contextmanager
def _opened(output: str) -> Iterator[TextIO]:
    if output == "-":
        yield sys.stdout
        return
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Misconfigured(f"{output} exists, and a backup is never written over: name another file") from None
    except OSError as fault:
        raise Misconfigured(f"{output} cannot be written: {fault.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        yield file


def _written(file: TextIO, manifests: Iterable[Manifest]) -> int:
    count = 0
    for manifest in manifests:
        file.write(f"---\n{as_yaml(manifest)}")
        count += 1
    return count
