"""Uninstalls: refuses before anything is touched, takes away, and says what is left."""

from dataclasses import dataclass

from fedctl.changes import Writer
from fedctl.federation import CLUSTERS, CONFIGS, TYPE_CONFIGS, Federation, federated_type, scope_of
from fedctl.install.deployment import DEPLOYMENT
from fedctl.kinds import CRDS, DEPLOYMENTS, SERVICE_ACCOUNTS
from fedctl.manifests import key_of
from fedctl.options import HostOptions
from fedctl.rights.controller import account_key
from fedctl.telling import note
from fedctl.uninstall.belongings import belongings, crd_is_ours
from fedctl.waiting import wait_until
from kubefed.core.errors import Misconfigured, NotFound
from kubefed.core.markers import TYPE_CONFIG_FINALIZER
from kubefed.core.names import ObjectKey
from kubefed.federated.federated_type import FederatedType

_HELM_RELEASE = "meta.helm.sh/release-name"
_GONE_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Held:
    """What the host holds that an uninstalled federation leaves behind. `crds` are in the order of their deletion."""

    types: tuple[FederatedType, ...]
    clusters: tuple[str, ...]
    crds: tuple[str, ...]


def uninstall(options: HostOptions, *, delete_crds: bool, dry_run: bool) -> None:
    """Do it. Raises Misconfigured, with nothing removed, when Helm looks after it or something still needs the CRDs."""
    with Federation.opened(options) as federation:
        scope = scope_of(federation.config())
        held = _held(federation)
        _refuse_helms(federation)
        if delete_crds:
            _refuse_used(federation, held)
        writer = Writer(federation.host, dry_run)
        for resource, key in belongings(federation.namespace, scope):
            writer.delete(resource, key)
        if delete_crds:
            _delete_crds(federation, writer, held)
        _say_left(federation, held, crds=not delete_crds)
        writer.summary()


def _held(federation: Federation) -> Held:
    types = tuple(federated_type(config) for config in federation.type_configs())
    names = sorted(str(each["metadata"]["name"]) for each in federation.host.objects(CRDS))
    ours = [name for name in names if crd_is_ours(name, types)]
    # The configuration goes last: by it an interrupted uninstall finds out what there is to be done.
    ours.sort(key=lambda name: name == CONFIGS.qualified_plural)
    return Held(types, tuple(str(each["metadata"]["name"]) for each in federation.clusters()), tuple(ours))


# --- reasons to leave everything as it is ----------------------------------------------------------------------


def _refuse_helms(federation: Federation) -> None:
    for resource, key in (
        (SERVICE_ACCOUNTS, account_key(federation.namespace)),
        (DEPLOYMENTS, ObjectKey(federation.namespace, DEPLOYMENT)),
    ):
        found = federation.host.find(resource, key) or {"metadata": {}}
        release = (found["metadata"].get("annotations") or {}).get(_HELM_RELEASE)
        if release:
            raise Misconfigured(
                f"{resource.kind} {key} belongs to a release of Helm's: helm uninstall {release} -n {federation.namespace}"
            )


def _refuse_used(federation: Federation, held: Held) -> None:
    host = federation.host
    others = [key_of(each) for each in host.objects(CONFIGS) if each["metadata"]["namespace"] != federation.namespace]
    if others:
        raise Misconfigured(f"the CRDs also serve another federation in this host, {others[0]}: leave --delete-crds out")
    joined = [key_of(each) for each in host.objects(CLUSTERS)]
    if joined:
        raise Misconfigured(
            f"{len(joined)} cluster{'s are' if len(joined) > 1 else ' is'} joined, such as {joined[0]}: "
            f"fedctl unjoin cluster {joined[0].name}, with --delete-copies if its copies are to go as well"
        )
    for kind in held.types:
        found = _any_of(federation, kind)
        if found is not None:
            raise Misconfigured(
                f"there are objects of {kind.federated.qualified_plural}, such as {found}, which would be deleted with "
                "the CRD: delete them first, while a controller runs, or leave --delete-crds out"
            )


def _any_of(federation: Federation, kind: FederatedType) -> ObjectKey | None:
    try:
        found = next(federation.host.objects(kind.federated), None)
    except NotFound:
        return None
    return key_of(found) if found is not None else None


# --- CRDs ------------------------------------------------------------------------------------------------------


def _delete_crds(federation: Federation, writer: Writer, held: Held) -> None:
    """Nobody is left who takes the finalizers off types: they would hold their CRD for ever."""
    for config in list(federation.host.objects(TYPE_CONFIGS, federation.namespace)):
        finalizers = config["metadata"].get("finalizers") or []
        kept = [each for each in finalizers if each != TYPE_CONFIG_FINALIZER]
        if kept != finalizers and not writer.dry_run:
            federation.host.merge(TYPE_CONFIGS, key_of(config), {"metadata": {"finalizers": kept}})
    for name in held.crds:
        _delete_crd(writer, ObjectKey("", name))


def _delete_crd(writer: Writer, key: ObjectKey) -> None:
    writer.delete(CRDS, key)
    if not writer.dry_run:
        wait_until(
            lambda: writer.server.find(CRDS, key) is None,
            _GONE_WITHIN_S,
            f"CRD {key.name} is being deleted, but a finalizer of one of its objects holds it: see which with kubectl, "
            "then run the command again",
        )


def _say_left(federation: Federation, held: Held, *, crds: bool) -> None:
    if crds:
        note(f"Left in the host: {len(held.crds)} CRDs and all their objects, with configuration and federated ones.")
    if held.clusters:
        plural = "s" if len(held.clusters) > 1 else ""
        note(
            f"Left: {len(held.clusters)} joined cluster{plural} ({', '.join(held.clusters)}), with credentials in the "
            "host, and with copies and the controller's account in each."
        )
        note("Nobody answers for these now. `fedctl unjoin cluster NAME` removes them; `fedctl install` goes on with them.")
    note(f"Left in the host: namespace {federation.namespace}, which may hold what is yours.")
