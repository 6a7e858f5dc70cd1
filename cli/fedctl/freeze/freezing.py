"""Writes the annotation by which the controller knows what it must not write."""

from fedctl.asking import catalog_of
from fedctl.federation import CLUSTERS, CONFIGS, TYPE_CONFIGS, Federation
from fedctl.lookup import find_federated
from fedctl.manifests import Manifest
from fedctl.options import HostOptions
from fedctl.telling import note, say
from kubefed.core.errors import Misconfigured
from kubefed.core.markers import CONFIG_NAME, FREEZE_ANNOTATION
from kubefed.core.names import ObjectKey, ResourceType


def freeze(options: HostOptions, cluster: str, kind: str, reason: str, *, dry_run: bool) -> None:
    """Freeze a cluster, a type, or everything when neither is named. Raises Misconfigured for what does not exist."""
    with Federation.opened(options) as federation:
        resource, key, what = _target(federation, cluster, kind)
        if not dry_run:
            _annotate(federation, resource, key, reason)
        say(f"{what} frozen: {reason}" + (" (dry run)" if dry_run else ""))
        note("Nothing is written there until fedctl unfreeze. Statuses tell which objects are held.")


def unfreeze(options: HostOptions, cluster: str, kind: str, *, dry_run: bool) -> None:
    """The opposite. Nothing to do is no error."""
    with Federation.opened(options) as federation:
        resource, key, what = _target(federation, cluster, kind)
        annotations = federation.host.get(resource, key)["metadata"].get("annotations") or {}
        if FREEZE_ANNOTATION not in annotations:
            note(f"{what} not frozen.")
            return
        if not dry_run:
            _annotate(federation, resource, key, None)
        say(f"{what} not frozen any more" + (" (dry run)" if dry_run else ""))


def _target(federation: Federation, cluster: str, kind: str) -> tuple[ResourceType, ObjectKey, str]:
    """The object that carries the annotation, and how it is called in a sentence."""
    federation.config()  # says when nothing is installed
    if cluster:
        names = [str(record["metadata"]["name"]) for record in federation.clusters()]
        if cluster not in names:
            raise Misconfigured(f"there is no cluster {cluster!r}; there are: {', '.join(names) or 'none'}")
        return CLUSTERS, ObjectKey(federation.namespace, cluster), f"Cluster {cluster} is"
    if kind:
        found = find_federated(federation.type_configs(), lambda: catalog_of(federation.host.context.connection), kind)
        return TYPE_CONFIGS, ObjectKey(federation.namespace, found.metadata.name), f"Type {found.metadata.name} is"
    return CONFIGS, ObjectKey(federation.namespace, CONFIG_NAME), "All members and types are"


def _annotate(federation: Federation, resource: ResourceType, key: ObjectKey, reason: str | None) -> None:
    patch: Manifest = {"metadata": {"annotations": {FREEZE_ANNOTATION: reason}}}
    federation.host.merge(resource, key, patch)
