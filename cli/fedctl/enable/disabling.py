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
    """What the person asked for. `version` and `federated_group` matter only for a CRD without a configuration."""

    name: str
    version: str
    federated_group: str
    delete_crd: bool


def disable(options: HostOptions, wish: Wish, *, dry_run: bool) -> None:
    """Do it, with KubeFed's lines on stdout."""
    with Federation.opened(options) as federation:
        key, federated = _look_up(federation, wish)
        stored = federation.host.find(TYPE_CONFIGS, key)
        if stored is not None:
            federated = federated_type(with_type_config_defaults(FederatedTypeConfig.read(stored)))
        if stored is None and not wish.delete_crd:
            raise Misconfigured(f'FederatedTypeConfig "{key}" does not exist: `fedctl get types` shows which do')
        if dry_run:
            note(f'FederatedTypeConfig "{key}" exists. Dry run: nothing was written.')
            return
        if wish.delete_crd and federated is not None:
            _refuse_with_objects(federation.host, federated)
        if stored is not None:
            _stop(federation.host, key, stored)
        if wish.delete_crd and federated is not None:
            _delete_crd(federation.host, federated.qualified_plural)
        _delete_type_config(federation, key)


def _look_up(federation: Federation, wish: Wish) -> tuple[ObjectKey, ResourceType | None]:
    """The configuration's key, and the federated type if the type is still served. A dotted name is taken as it is."""
    if "." in wish.name:
        return ObjectKey(federation.namespace, wish.name), None
    target = find_type(catalog_of(federation.host.context.connection), wish.name, wish.version).resource
    key = ObjectKey(federation.namespace, target.qualified_plural)
    return key, federated_resource_type(target, wish.federated_group)


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
    if (stored.get("spec") or {}).get("propagation") == Toggle.DISABLED:
        say(f"Propagation already disabled for {name}")
    else:
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
