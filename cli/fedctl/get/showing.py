"""Which table a word asks for: members, types, exported services, or the objects of a kind."""

from fedctl.get.listing import show_clusters, show_types
from fedctl.get.workloads import show_objects
from fedctl.options import HostOptions, Output
from fedctl.services.showing import show_exports
from kubefed.core.names import ObjectKey

_CLUSTERS = frozenset({"clusters", "cluster", "kubefedclusters", "kfc"})
_TYPES = frozenset({"types", "type", "federatedtypeconfigs", "ftc"})
_EXPORTS = frozenset({"exports", "export", "serviceexports", "serviceexport", "svcex"})


def show_what(host: HostOptions, what: str, place: ObjectKey, output: Output | None) -> None:
    """Show it. `place.name` is empty for all of them. Raises Misconfigured for a word that stands for nothing."""
    if what in _CLUSTERS:
        show_clusters(host, place.name, output)
    elif what in _TYPES:
        show_types(host, place.name, output)
    elif what in _EXPORTS:
        show_exports(host, place, output)
    else:
        show_objects(host, what, place, output)
