"""What must not be federated, or not in this way. Pure: each raises Misconfigured with what to do instead."""

from collections.abc import Iterable

from kubefed.api import core_v1beta1, scheduling_v1alpha1
from kubefed.api.core_v1beta1 import FederatedTypeConfig
from kubefed.api.validation import mistakes_in_type_config
from kubefed.core.errors import Misconfigured
from kubefed.kube.discovery import ServedResource

_NEEDED_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete")
_OWN_GROUPS = frozenset({core_v1beta1.GROUP, scheduling_v1alpha1.GROUP})
_SUCCESSORS = {
    ("deployments", "extensions"): "apps",
    ("daemonsets", "extensions"): "apps",
    ("replicasets", "extensions"): "apps",
    ("ingresses", "extensions"): "networking.k8s.io",
    ("networkpolicies", "extensions"): "networking.k8s.io",
    ("podsecuritypolicies", "extensions"): "policy",
    ("events", ""): "events.k8s.io",
}
"""Types that moved to another group, where the same objects appear under both."""


def check_target(target: ServedResource, known: Iterable[FederatedTypeConfig]) -> None:
    """The type must be one of which copies can be made and kept."""
    resource = target.resource
    if missing := [verb for verb in _NEEDED_VERBS if verb not in target.verbs]:
        raise Misconfigured(f"{resource} cannot be federated: its API does not offer {', '.join(missing)}")
    federated = {(each.spec.federated_type.group, each.spec.federated_type.plural_name) for each in known}
    if resource.group in _OWN_GROUPS or (resource.group, resource.plural) in federated:
        raise Misconfigured(f"{resource} belongs to the federation itself: federate the type that it makes copies of")


def check_type_config(wanted: FederatedTypeConfig, known: Iterable[FederatedTypeConfig]) -> None:
    """The new or changed configuration must be valid and go together with all others."""
    if mistakes := mistakes_in_type_config(wanted):
        raise Misconfigured("; ".join(mistake.for_author() for mistake in mistakes))
    for other in known:
        if other.metadata.name == wanted.metadata.name:
            _check_same_federated_type(wanted, other)
        else:
            _check_equivalent(wanted, other)
            _check_clash(wanted, other)


def _check_same_federated_type(wanted: FederatedTypeConfig, stored: FederatedTypeConfig) -> None:
    old, new = stored.spec.federated_type, wanted.spec.federated_type
    if (old.group, old.kind, old.version) != (new.group, new.kind, new.version):
        raise Misconfigured(
            f"{wanted.metadata.name} is federated as {old.kind} of {old.group}/{old.version}, which cannot be changed to "
            f"{new.group}/{new.version}: run `fedctl disable {wanted.metadata.name}` first"
        )


def _check_equivalent(wanted: FederatedTypeConfig, other: FederatedTypeConfig) -> None:
    first, second = wanted.spec.target_type, other.spec.target_type
    if first.plural_name != second.plural_name:
        return
    for old, new in ((first, second), (second, first)):
        if _SUCCESSORS.get((old.plural_name, old.group)) == new.group:
            raise Misconfigured(
                f"{wanted.metadata.name} and {other.metadata.name} are the same objects under two names, and "
                f"{other.metadata.name} is federated already"
            )


def _check_clash(wanted: FederatedTypeConfig, other: FederatedTypeConfig) -> None:
    ours, theirs = wanted.spec.federated_type, other.spec.federated_type
    if ours.qualified_plural == theirs.qualified_plural:
        raise Misconfigured(
            f"the CRD {ours.qualified_plural} is that of {other.metadata.name} already: choose another group with "
            "--federated-group"
        )
