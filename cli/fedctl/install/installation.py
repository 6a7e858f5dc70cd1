"""Applies an installation to the host, in the order in which its parts need each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fedctl.changes import Writer
from fedctl.federation import CONFIGS, TYPE_CONFIGS, Federation, federated_type, scope_of
from fedctl.install.configuration import added_ranges, checked_range, new_config
from fedctl.install.deployment import deployment
from fedctl.kinds import CRDS, DEPLOYMENTS, NAMESPACES, type_of
from fedctl.manifests import Manifest
from fedctl.options import HostOptions
from fedctl.rights.controller import rights
from fedctl.rights.credentials import credential_rights
from fedctl.rights.federated_types import type_rights
from fedctl.served import wait_for_crds
from fedctl.telling import note
from fedctl.webhooks.installation import apply_webhook
from kubefed.api.allowed_ranges import ALLOWED_RANGES_ANNOTATION
from kubefed.api.core_v1alpha1 import PropagatedVersion
from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedConfig, Scope
from kubefed.api.default_types import all_crds, default_type_configs
from kubefed.core.errors import Misconfigured, NotFound
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for beside the installation itself. `scope` is empty when nobody said one."""

    allowed_ranges: tuple[str, ...] = ()
    image: str = ""
    webhook: bool = True
    scope: str = ""
    keep_crds: bool = False


def install(options: HostOptions, wish: Wish, *, dry_run: bool) -> None:
    """Apply everything, and say what changed."""
    wish = replace(wish, allowed_ranges=tuple(map(checked_range, wish.allowed_ranges)))
    with Federation.opened(options) as federation:
        writer = Writer(federation.host, dry_run)
        note(f"Installing into namespace {federation.namespace} of context {federation.host.context.name}.")
        writer.ensure(NAMESPACES, _namespace(federation.namespace))
        apply_crds(writer, keep=wish.keep_crds)
        config = _settle_config(federation, writer, wish)
        for manifest in default_type_configs(federation.namespace):
            writer.ensure(TYPE_CONFIGS, manifest)
        _apply_rights(federation, writer, config)
        if wish.image:
            _run(writer, federation.namespace, scope_of(config), wish)
        writer.summary()
        if not dry_run and not federation.clusters():
            note("Next: fedctl join cluster NAME, for each member cluster.")


def _run(writer: Writer, namespace: str, scope: Scope, wish: Wish) -> None:
    """Have the host run what the image holds."""
    writer.apply(DEPLOYMENTS, deployment(namespace, wish.image))
    if wish.webhook:
        apply_webhook(writer, namespace, scope, wish.image)


def _namespace(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def apply_crds(writer: Writer, *, keep: bool = False) -> None:
    """The CRDs of this version, served when this returns. `keep`: those that are there stay as they are."""
    crds = all_crds()
    for crd in crds:
        (writer.ensure if keep else writer.apply)(CRDS, crd)
    if not writer.dry_run:
        wait_for_crds(writer.server, crds)


def _settle_config(federation: Federation, writer: Writer, wish: Wish) -> KubeFedConfig:
    """Create the configuration, or add ranges to the one that is there. Returns what is stored, or would be.

    Raises Misconfigured when another scope is asked for than what is there has.
    """
    ranges = wish.allowed_ranges
    key = ObjectKey(federation.namespace, CONFIG_NAME)
    stored = federation.host.find(CONFIGS, key)
    if stored is None:
        scope = Scope(wish.scope or Scope.CLUSTER)
        wanted = new_config(federation.namespace, ranges, takes_over=_has_records(federation), scope=scope)
        writer.ensure(CONFIGS, wanted.manifest())
        _note_dropped_ranges(writer, key, ranges)
        return wanted
    config = KubeFedConfig.read(stored)
    if wish.scope not in ("", scope_of(config)):
        raise Misconfigured(
            f"the federation in namespace {federation.namespace} has scope {scope_of(config)}, which cannot be changed: "
            f"install one of scope {wish.scope} into another namespace with --kubefed-namespace, or uninstall this one"
        )
    if missing := added_ranges(config, ranges):
        writer.merge(CONFIGS, key, {"spec": {"allowedEndpointRanges": missing}})
        _note_dropped_ranges(writer, key, missing)
        note("A running controller reads its configuration when it starts: restart it for the new ranges.")
    else:
        writer.ensure(CONFIGS, stored)
    return config


def _note_dropped_ranges(writer: Writer, key: ObjectKey, ranges: Sequence[str]) -> None:
    """Where the CRD is KubeFed's own, the field is dropped without a word: an annotation says the same then."""
    if not ranges or writer.dry_run:
        return
    if not KubeFedConfig.read(writer.server.get(CONFIGS, key)).spec.allowed_endpoint_ranges:
        noted = {"metadata": {"annotations": {ALLOWED_RANGES_ANNOTATION: ",".join(ranges)}}}
        writer.server.merge(CONFIGS, key, noted)


def _has_records(federation: Federation) -> bool:
    """Whether KubeFed has propagated something from this host."""
    try:
        return next(federation.host.objects(PropagatedVersion.resource_type), None) is not None
    except NotFound:
        return False


def _apply_rights(federation: Federation, writer: Writer, config: KubeFedConfig) -> None:
    namespace, scope = federation.namespace, scope_of(config)
    try:
        configs, records = federation.type_configs(), federation.clusters()
    except NotFound:  # a dry run in a cluster without the CRDs
        configs = [FederatedTypeConfig.read(manifest) for manifest in default_type_configs(namespace)]
        records = []
    manifests = [
        *rights(namespace, scope),
        *type_rights(namespace, scope, map(federated_type, configs)),
        *credential_rights(namespace, records),
    ]
    for manifest in manifests:
        writer.apply(type_of(manifest), manifest)
