"""Finding the type that a person means among all that a server serves. Pure."""

from collections.abc import Callable, Sequence

from kubefed.api.core_v1beta1 import FederatedTypeConfig
from kubefed.core.errors import Misconfigured
from kubefed.kube.discovery import Catalog, ServedResource


def find_type(catalog: Catalog, name: str, version: str = "") -> ServedResource:
    """The one type that `name` means, in `version` or the preferred one. Raises Misconfigured for none or several."""
    found = catalog.named(name)
    if not found:
        raise Misconfigured(_unknown(catalog, name))
    if len(found) > 1:
        choices = ", ".join(sorted(each.resource.qualified_plural for each in found))
        raise Misconfigured(f"{name!r} means several types: say which with its group: {choices}")
    if not version:
        return found[0]
    wanted = found[0].resource
    versions = [each for each in catalog.served if _is_same_type(each, wanted.group, wanted.plural)]
    for each in versions:
        if each.resource.version == version:
            return each
    served = ", ".join(each.resource.version for each in versions)
    raise Misconfigured(f"{wanted.qualified_plural} is not served in version {version!r}; it is in: {served}")


def _is_same_type(served: ServedResource, group: str, plural: str) -> bool:
    return (served.resource.group, served.resource.plural) == (group, plural)


def _unknown(catalog: Catalog, name: str) -> str:
    stale = f"; these did not answer, and may have it: {', '.join(catalog.stale_groups)}" if catalog.stale_groups else ""
    return f"the host cluster serves no type {name!r}: kubectl api-resources shows what it serves{stale}"


def find_federated(
    configs: Sequence[FederatedTypeConfig], catalog: Callable[[], Catalog], name: str
) -> FederatedTypeConfig:
    """The type configuration that any name of a type, or of its federated type, stands for.

    `catalog` is asked only for names that the configurations do not contain, such as short names. Raises Misconfigured
    for a type that is not federated, is ambiguous, or does not exist.
    """
    wanted = name.lower()
    found = [config for config in configs if wanted in _names(config)]
    found = [config for config in found if not config.spec.target_type.group] or found
    if not found:
        named = {(each.resource.group, each.resource.plural) for each in catalog().named(name)}
        found = [config for config in configs if named & _plurals(config)]
        if not found:
            raise Misconfigured(_not_federated(name, bool(named)))
    if len(found) > 1:
        choices = ", ".join(sorted(config.metadata.name for config in found))
        raise Misconfigured(f"{name!r} means several federated types: say which with its group: {choices}")
    return found[0]


def _names(config: FederatedTypeConfig) -> set[str]:
    target, federated = config.spec.target_type, config.spec.federated_type
    return {name.lower() for each in (target, federated) for name in (each.plural_name, each.kind, each.qualified_plural)}


def _plurals(config: FederatedTypeConfig) -> set[tuple[str, str]]:
    target, federated = config.spec.target_type, config.spec.federated_type
    return {(target.group, target.plural_name), (federated.group, federated.plural_name)}


def _not_federated(name: str, exists: bool) -> str:
    if exists:
        return f"{name!r} is not federated: fedctl enable {name}"
    return f"there is no federated type {name!r}: `fedctl get types` shows which there are"
