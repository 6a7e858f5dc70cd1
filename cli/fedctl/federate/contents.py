"""Which of a namespace's objects are worth federating. Pure.

What a controller or the cluster itself made is left out: each member's own controllers make it from the copies, and a
second hand on it would fight them. KubeFed included it; `--skip-api-resources` was its remedy.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fedctl.dnsnames import is_subdomain
from kubefed.api import core_v1alpha1, core_v1beta1, scheduling_v1alpha1, types_v1beta1
from kubefed.kube.discovery import ServedResource

_OWN_GROUPS = frozenset({core_v1alpha1.GROUP, core_v1beta1.GROUP, scheduling_v1alpha1.GROUP, types_v1beta1.GROUP})
_NEVER = frozenset(
    {
        ("", "endpoints"),
        ("", "events"),
        ("events.k8s.io", "events"),
        ("discovery.k8s.io", "endpointslices"),
        ("coordination.k8s.io", "leases"),
        ("apps", "controllerrevisions"),
    }
)
_GROUPS_LEFT = frozenset({"extensions", "metrics.k8s.io"})
_NEEDED = frozenset({"list", "create"})
_OF_THE_CLUSTER = frozenset({("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")})
_TOKEN_SECRET = "kubernetes.io/service-account-token"  # noqa: S105 - a Secret's type


def types_in_namespaces(served: Iterable[ServedResource], skipped: Sequence[str]) -> list[ServedResource]:
    """The types whose objects are looked through, sorted. `skipped` are any names of types, or groups."""
    found = [
        each
        for each in served
        if each.preferred
        and each.resource.namespaced
        and each.verbs >= _NEEDED
        and (each.resource.group, each.resource.plural) not in _NEVER
        and each.resource.group not in _GROUPS_LEFT | _OWN_GROUPS
        and not any(_is_called(each, name) for name in skipped)
    ]
    return sorted(found, key=lambda each: (each.resource.group, each.resource.plural))


def _is_called(served: ServedResource, name: str) -> bool:
    resource, wanted = served.resource, name.lower()
    names = (resource.plural, resource.qualified_plural, resource.kind.lower(), served.singular, *served.short_names)
    return wanted in names or (bool(resource.group) and wanted == resource.group)


def is_content(manifest: Mapping[str, Any]) -> bool:
    """Whether a person, rather than a controller or the cluster, made the object."""
    metadata = manifest["metadata"]
    controlled = any(owner.get("controller") for owner in metadata.get("ownerReferences") or ())
    of_the_cluster = (manifest.get("kind"), metadata["name"]) in _OF_THE_CLUSTER
    return (
        not controlled
        and not of_the_cluster
        and manifest.get("type") != _TOKEN_SECRET
        and not metadata.get("deletionTimestamp")
        and is_subdomain(metadata["name"])
    )
