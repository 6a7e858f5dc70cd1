"""Finding the type that a person means among all that a server serves. Pure."""

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
