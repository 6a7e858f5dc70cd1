"""Federates objects of the host: reads each, makes the federated object, and creates or prints it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fedctl.asking import catalog_of
from fedctl.changes import Change, line
from fedctl.dnsnames import is_subdomain, require_label
from fedctl.enable.directive import Directive
from fedctl.enable.enabling import make, write
from fedctl.federate.annotations import warn_about_annotations
from fedctl.federate.contents import is_content, types_in_namespaces
from fedctl.federate.templates import federated_object
from fedctl.federation import Federation, federated_type
from fedctl.kinds import NAMESPACES
from fedctl.lookup import find_type
from fedctl.manifests import Manifest, key_of, print_documents
from fedctl.options import HostOptions
from fedctl.telling import note, say, warn
from fedctl.waiting import succeeds, wait_until
from kubefed.api import types_v1beta1
from kubefed.api.core_v1beta1 import FederatedTypeConfig
from kubefed.api.federated_crd import federated_resource_type
from kubefed.core.errors import AlreadyExists, Misconfigured
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.discovery import Catalog

_CREATED_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for.

    `skipped` are names of types or groups that are not contents; `sorts` is about the fields of what is printed.
    """

    type_name: str
    name: str
    namespace: str
    contents: bool
    skipped: tuple[str, ...]
    enable_type: bool
    prints: bool
    sorts: bool = False


@dataclass(frozen=True, slots=True)
class Selected:
    """An object, and the type as which it is to be federated."""

    manifest: Manifest
    kind: FederatedType


def federate(options: HostOptions, wish: Wish, *, dry_run: bool, tell: Callable[[str], None] = say) -> None:
    """Do it, and tell what was created, or print it."""
    if not is_subdomain(wish.name):
        raise Misconfigured(f"{wish.name!r} cannot be the name of a federated object: it is not a DNS name")
    with Federation.opened(options) as federation:
        catalog = catalog_of(federation.host.context.connection)
        selected = list(_selected(federation, catalog, wish, dry_run=dry_run))
        manifests = [federated_object(each.manifest, each.kind) for each in selected]
        for each in selected:
            warn_about_annotations(each.manifest)
        if wish.prints:
            print_documents(manifests, sort_fields=wish.sorts)
            return
        for each, manifest in zip(selected, manifests, strict=True):
            if _create(federation, each.kind.federated, manifest, many=wish.contents, dry_run=dry_run):
                told = line(each.kind.federated, key_of(manifest), Change.CREATED)
                tell(told + (" (dry run)" if dry_run else ""))
        if dry_run:
            note("Dry run: nothing was written.")


def _selected(federation: Federation, catalog: Catalog, wish: Wish, *, dry_run: bool) -> Iterator[Selected]:
    target = find_type(catalog, wish.type_name).resource
    if wish.contents and target != NAMESPACES:
        raise Misconfigured(f"--contents is for namespaces, and {target} are none")
    typed = require_label("the namespace", wish.namespace) if wish.namespace else ""
    namespace = typed or federation.host.context.namespace
    key = ObjectKey(namespace if target.namespaced else "", wish.name)
    manifest = federation.host.find(target, key)
    if manifest is None:
        raise Misconfigured(f"there is no {target.kind} {key} in context {federation.host.context.name}")
    configs = {config.metadata.name: config for config in federation.installed_type_configs()}
    kind = _kind_of(federation, configs, target, wish, dry_run=dry_run)
    if kind is None:
        raise Misconfigured(f"{target} is not federated: enable it with `fedctl enable {target}`, or with -t")
    yield Selected(manifest, kind)
    if wish.contents:
        yield from _contents(federation, catalog, configs, wish, dry_run=dry_run)


def _contents(
    federation: Federation, catalog: Catalog, configs: dict[str, FederatedTypeConfig], wish: Wish, *, dry_run: bool
) -> Iterator[Selected]:
    """What a person put into the namespace. Objects of types that are not federated are counted and left out."""
    left_out: list[str] = []
    for served in types_in_namespaces(catalog.served, wish.skipped):
        target = served.resource
        identity = {"apiVersion": target.api_version, "kind": target.kind}
        found = [{**identity, **each} for each in federation.host.objects(target, wish.name)]
        manifests = [each for each in found if is_content(each)]
        if not manifests:
            continue
        kind = _kind_of(federation, configs, target, wish, dry_run=dry_run)
        if kind is None:
            left_out.append(f"{target} ({len(manifests)})")
        else:
            yield from (Selected(manifest, kind) for manifest in manifests)
    if left_out:
        warn(f"left out, because their types are not federated: {', '.join(left_out)}. With -t they are enabled as well.")


def _kind_of(
    federation: Federation, configs: dict[str, FederatedTypeConfig], target: ResourceType, wish: Wish, *, dry_run: bool
) -> FederatedType | None:
    """The federated type of a target; enabled now where that was asked for. None when it is not federated."""
    config = configs.get(target.qualified_plural)
    if config is not None:
        return federated_type(config)
    if wish.prints:
        return FederatedType(target.qualified_plural, federated_resource_type(target), target)
    if not wish.enable_type:
        return None
    directive = Directive(target.qualified_plural, "", types_v1beta1.GROUP, types_v1beta1.VERSION)
    made = make(federation, directive)
    write(federation, made, dry_run=dry_run)
    return FederatedType(target.qualified_plural, federated_resource_type(target), target)


def _create(federation: Federation, resource: ResourceType, manifest: Manifest, *, many: bool, dry_run: bool) -> bool:
    """Create it; whether it is new. With `many`, one that is there already is no reason to leave out all others."""
    key = key_of(manifest)
    if not dry_run:
        try:
            wait_until(
                lambda: succeeds(lambda: federation.host.create(resource, manifest)),
                _CREATED_WITHIN_S,
                f"the host does not serve {resource}, or namespace {key.namespace} does not exist",
            )
        except AlreadyExists:
            if not many:
                raise Misconfigured(f"{resource.kind} {key} exists already: edit it, or delete it first") from None
            note(f"{resource.kind} {key} exists already and stays as it is.")
            return False
    return True
