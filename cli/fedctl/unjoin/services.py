"""Removes what was made in a member for services of the clusterset: nobody keeps it up to date any more.

ServiceExports and Services of the member's own people stay.
"""

from collections import Counter
from typing import Any

from fedctl.changes import Writer
from fedctl.manifests import key_of
from fedctl.telling import say
from kubefed.core.errors import NotFound
from kubefed.core.markers import OWNER_ANNOTATION
from kubefed.core.names import ResourceType
from kubefed.services.words import IMPORTS, OF_IMPORT, PROPERTIES, SERVICES, SLICES

_MADE: tuple[tuple[ResourceType, str], ...] = ((IMPORTS, ""), (SERVICES, OF_IMPORT), (SLICES, OF_IMPORT), (PROPERTIES, ""))


def remove_imports(writer: Writer, owner: str, namespace: str) -> None:
    """Delete what carries the federation's mark, in one namespace or in all, and say how much that was."""
    removed: Counter[str] = Counter()
    for resource, label in _MADE:
        for manifest in _ours(writer, resource, label, owner, namespace):
            if not writer.dry_run:
                writer.server.delete(resource, key_of(manifest), uid=manifest["metadata"]["uid"])
            removed[str(resource)] += 1
    for name, count in removed.items():
        say(f"{name}: {count} deleted" + (" (dry run)" if writer.dry_run else ""))


def _ours(writer: Writer, resource: ResourceType, label: str, owner: str, namespace: str) -> list[dict[str, Any]]:
    if namespace and not resource.namespaced:
        return []
    try:
        found = list(writer.server.objects(resource, namespace, labels=label))
    except NotFound:
        return []  # the member does not serve the kind
    return [each for each in found if owner and (each["metadata"].get("annotations") or {}).get(OWNER_ANNOTATION) == owner]
