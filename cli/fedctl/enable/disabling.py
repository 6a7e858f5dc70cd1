"""Disables a type: propagation first, then, when its controller has stopped, the configuration and perhaps the CRD."""

from dataclasses import dataclass

from fedctl.apiserver import ApiServer
from fedctl.asking import catalog_of
from fedctl.federation import TYPE_CONFIGS, Federation
from fedctl.kinds import CRDS
from fedctl.lookup import find_type
from fedctl.manifests import Manifest, key_of
from fedctl.options import HostOptions
from fedctl.rights.refreshing import refresh_type_rights
from fedctl.telling import note, say
from fedctl.waiting import wait_until
from kubefed.api.core_v1beta1 import ControllerState, FederatedTypeConfig, Toggle
from kubefed.api.defaults import federated_type, with_type_config_defaults
from kubefed.api.federated_crd import federated_resource_type
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey, ResourceType

_STOPS_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for. `version` and `federated_group` matter only for a CRD without a configuration.

    `absent_is_fine`: a type that is not enabled is said to be so, and is no mistake.
    """

    name: str
    version: str
    federated_group: str
    delete_crd: bool
    absent_is_fine: bool = False


def disable(options: HostOptions, wish: Wish, *, dry_run: bool) -> None:
    """Do it, with KubeFed's lines on stdout."""
    with Federation.opened(options) as federation:
        key = _look_up(federation, wish)
        stored = federation.host.find(TYPE_CONFIGS, key)
        if stored is None:
            if not (wish.delete_crd or wish.absent_is_fine):
                raise Misconfigured(f'FederatedTypeConfig "{key}" does not exist: `fedctl get types` shows which do')
            say(f'FederatedTypeConfig "{key}" does not exist')
        if dry_run:
            note("Dry run: nothing was written.")
            return
        federated = _federated_type(federation, wish, stored) if wish.delete_crd else None
        if federated is not None:
            _refuse_with_objects(federation.host, federated)
        if stored is not None:
            _stop(federation.host, key, stored)
        if federated is not None:
            _delete_crd(federation.host, federated.qualified_plural)
        if stored is not None:
            _delete_type_config(federation, key)


def _look_up(federation: Federation, wish: Wish) -> ObjectKey:
    """The configuration's key. A dotted name is taken as it is: its type may not be served any more."""
    name = wish.name if "." in wish.name else _target(federation, wish).qualified_plural
    return ObjectKey(federation.namespace, name)


def _target(federation: Federation, wish: Wish) -> ResourceType:
    return find_type(catalog_of(federation.host.context.connection), wish.name, wish.version).resource


def _federated_type(federation: Federation, wish: Wish, stored: Manifest | None) -> ResourceType:
    """What the configuration says; without one, what enabling the type would make."""
    if stored is None:
        return federated_resource_type(_target(federation, wish), wish.federated_group)
    return federated_type(with_type_config_defaults(FederatedTypeConfig.read(stored)))


def _refuse_with_objects(host: ApiServer, federated: ResourceType) -> None:
    if host.find(CRDS, ObjectKey("", federated.qualified_plural)) is None:
        return
    found = next(host.objects(federated), None)
    if found is not None:
        raise Misconfigured(
            f"there are objects of {federated.qualified_plural}, such as {key_of(found)}, which would be deleted with the "
            "CRD: delete them first, or disable without --delete-crd"
        )


def _stop(host: ApiServer, key: ObjectKey, stored: Manifest) -> None:
    name = f'FederatedTypeConfig "{key}"'
    if (stored.get("spec") or {}).get("propagation") != Toggle.DISABLED:
        host.merge(TYPE_CONFIGS, key, {"spec": {"propagation": Toggle.DISABLED.value}})
        say(f"Disabled propagation for {name}")
    say(f"Verifying propagation controller is stopped for {name}")
    wait_until(
        lambda: _has_stopped(host.find(TYPE_CONFIGS, key)),
        _STOPS_WITHIN_S,
        f"the propagation controller of {name} did not say within {_STOPS_WITHIN_S:.0f} s that it has stopped, so nothing "
        "was deleted; propagation is disabled. Is the controller running? Run the command again when it is",
    )
    say(f"Propagation controller for {name} is stopped")


def _has_stopped(stored: Manifest | None) -> bool:
    """A configuration without a status was never acted upon."""
    status = (stored or {}).get("status")
    return not status or status.get("propagationController") == ControllerState.NOT_RUNNING


def _delete_crd(host: ApiServer, name: str) -> None:
    there = host.delete(CRDS, ObjectKey("", name))
    say(f'customresourcedefinition "{name}" {"deleted" if there else "does not exist"}')


def _delete_type_config(federation: Federation, key: ObjectKey) -> None:
    if federation.host.delete(TYPE_CONFIGS, key):
        say(f'federatedtypeconfig "{key}" deleted')
    else:
        say(f'FederatedTypeConfig "{key}" does not exist')
    refresh_type_rights(federation, federation.config())
