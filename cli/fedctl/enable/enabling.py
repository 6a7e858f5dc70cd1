"""Enables a type: its CRD first, then its configuration, then a look at whether the members can follow."""

from dataclasses import dataclass

from fedctl.apiserver import ApiServer
from fedctl.asking import catalog_of
from fedctl.changes import Change, line
from fedctl.enable.directive import Directive
from fedctl.enable.members import advise
from fedctl.enable.refusals import check_target, check_type_config
from fedctl.enable.schema import crd_schema, openapi_path, openapi_schema
from fedctl.federation import TYPE_CONFIGS, Federation
from fedctl.kinds import CRDS, NAMESPACES
from fedctl.lookup import find_type
from fedctl.manifests import Manifest, print_documents
from fedctl.options import HostOptions
from fedctl.rights.refreshing import refresh_type_rights
from fedctl.served import wait_for_crds
from fedctl.telling import note, say
from kubefed.api.core_v1beta1 import FederatedTypeConfig
from kubefed.api.federated_crd import Target, federated_crd, federated_type_config, has_replicas_field
from kubefed.core.errors import Misconfigured, NotFound
from kubefed.core.names import ObjectKey
from kubefed.kube.discovery import ServedResource


@dataclass(frozen=True, slots=True)
class Made:
    """What enabling a type writes."""

    target: Target
    type_config: FederatedTypeConfig
    crd: Manifest


def enable(options: HostOptions, directive: Directive, *, dry_run: bool) -> None:
    """Write, wait until the type is served, and say what the members lack."""
    with Federation.opened(options) as federation:
        _check_namespace(federation)
        made = make(federation, directive)
        write(federation, made, dry_run=dry_run)
        if not dry_run:
            advise(federation, made.target.resource_type)


def print_manifests(options: HostOptions, directive: Directive, *, sort_fields: bool = False) -> None:
    """Print the configuration and the CRD."""
    with Federation.opened(options) as federation:
        made = make(federation, directive)
        print_documents([made.type_config.manifest(), made.crd], sort_fields=sort_fields)


def make(federation: Federation, directive: Directive) -> Made:
    """Find the type and work out its CRD and configuration. Raises Misconfigured for what must not be federated."""
    served = find_type(catalog_of(federation.host.context.connection), directive.name, directive.version)
    known = federation.installed_type_configs()
    check_target(served, known)
    group, version = directive.federated_group, directive.federated_version
    type_config = federated_type_config(served.resource, federation.namespace, group, version)
    check_type_config(type_config, known)
    target = _target(federation.host, served)
    return Made(target, type_config, federated_crd(target, group, version))


def write(federation: Federation, made: Made, *, dry_run: bool) -> None:
    """Apply the CRD, wait until it is served, then the configuration. The lines on stdout are KubeFed's."""
    host = federation.host
    crd_key = ObjectKey("", made.crd["metadata"]["name"])
    change = Change.UPDATED if host.find(CRDS, crd_key) else Change.CREATED
    if not dry_run:
        host.apply(CRDS, made.crd)
    say(line(CRDS, crd_key, change))
    if not dry_run:
        wait_for_crds(host, [made.crd])
    change = Change.UPDATED if host.find(TYPE_CONFIGS, made.type_config.key) else Change.CREATED
    if not dry_run:
        _write_type_config(host, made.type_config, change)
        refresh_type_rights(federation, federation.config())
    say(line(TYPE_CONFIGS, made.type_config.key, change))


def _write_type_config(host: ApiServer, wanted: FederatedTypeConfig, change: Change) -> None:
    manifest = wanted.manifest()
    if change is Change.CREATED:
        host.create(TYPE_CONFIGS, manifest)
    else:  # what a person has set beside it, such as statusCollection, stays
        host.merge(TYPE_CONFIGS, wanted.key, {"spec": manifest["spec"]})


def _check_namespace(federation: Federation) -> None:
    if federation.host.find(NAMESPACES, ObjectKey("", federation.namespace)) is None:
        raise Misconfigured(
            f"namespace {federation.namespace} does not exist in context {federation.host.context.name}: run "
            "`fedctl install` first, or name the system namespace with --kubefed-namespace"
        )


def _target(host: ApiServer, served: ServedResource) -> Target:
    """What the type's schema says of it. One without any gets a federated type without a template, as in KubeFed."""
    resource = served.resource
    crd = host.find(CRDS, ObjectKey("", resource.qualified_plural))
    if crd is not None:
        schema = crd_schema(crd, resource.version)
    else:
        try:
            schema = openapi_schema(host.read(openapi_path(resource)), resource)
        except NotFound:
            schema = None
    if schema is None:
        note(f"The host has no schema for {resource}: its federated type gets no template.")
    return Target(
        resource,
        served.short_names,
        has_schema=schema is not None,
        has_replicas=schema is not None and has_replicas_field(schema),
    )
