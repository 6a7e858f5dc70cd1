"""What the controller may do in a member: least privilege under Strict trust, what KubeFed took under Compatible. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from fedctl.kinds import NAMESPACES, RBAC_GROUP
from fedctl.rights.rbac import READ, WRITE, Rule, rule, url_rule
from kubefed.api import about_v1alpha1, multicluster
from kubefed.api.core_v1beta1 import Scope, Trust
from kubefed.core.names import ObjectKey, ResourceType

_EVERY_VERB = (*READ, *WRITE)
_ESCALATION = ("bind", "escalate")
_HEALTH_PATHS = ("/healthz", "/version")
_KUBE_SYSTEM = "kube-system"
_WORKLOADS_GROUP = "apps"


@dataclass(frozen=True, slots=True)
class Grant:
    """What is to be granted: `targets` are the types of which copies are made."""

    trust: Trust
    scope: Scope
    targets: tuple[ResourceType, ...]
    escalation: bool = False

    @property
    def granted_targets(self) -> tuple[ResourceType, ...]:
        """The types that a control plane of this scope propagates."""
        return tuple(target for target in self.targets if target.namespaced or self.scope is Scope.CLUSTER)

    @property
    def rights_are_limited(self) -> bool:
        """Whether roles are federated, but only those can be made that grant what the controller has itself."""
        return (
            self.trust is Trust.STRICT
            and not self.escalation
            and any(target.group == RBAC_GROUP for target in self.granted_targets)
        )


def rules_for_copies(grant: Grant) -> list[Rule]:
    """The rules of the role that copies need."""
    if grant.trust is Trust.COMPATIBLE:
        everything = [rule("*", ["*"], ["*"])]
        return everything if grant.scope is Scope.NAMESPACED else [*everything, url_rule(["*"])]
    rules = [_full_rule(group, resources) for group, resources in _by_group(grant.granted_targets)]
    rules += _rules_for_services(grant)
    if grant.escalation:
        rules += [
            rule(RBAC_GROUP, [target.plural], _ESCALATION) for target in grant.granted_targets if target.group == RBAC_GROUP
        ]
    if any(target.group == _WORKLOADS_GROUP for target in grant.granted_targets):
        rules.append(rule("", ["pods"], ["list"]))  # pods that find no node show that a cluster is full
    if grant.scope is Scope.NAMESPACED:
        return rules
    if NAMESPACES not in grant.granted_targets:
        rules.append(rule("", [NAMESPACES.plural], READ))
    return [*rules, *_rules_for_looking()]


def _rules_for_services(grant: Grant) -> list[Rule]:
    """What services of the clusterset need: exports are read and answered, everything else is made here."""
    services = ResourceType("", "v1", "services", "Service", namespaced=True)
    status = ("update", "patch")
    rules = [] if services in grant.granted_targets else [_full_rule("", [services.plural])]
    rules += [
        _full_rule("discovery.k8s.io", ["endpointslices"]),
        rule(multicluster.GROUP, ["serviceexports"], READ),
        _full_rule(multicluster.GROUP, ["serviceimports"]),
        rule(multicluster.GROUP, ["serviceexports/status", "serviceimports/status"], status),
    ]
    if grant.scope is Scope.CLUSTER:
        rules.append(rule(about_v1alpha1.GROUP, ["clusterproperties"], [*READ, "create", *status]))
    return rules


def rules_for_health(grant: Grant, namespace: str) -> list[Rule]:
    """Under scope Namespaced: the rules beyond the one namespace, by which the cluster is known and seen to be well."""
    if grant.trust is Trust.COMPATIBLE:
        return [url_rule(["/healthz"]), rule("", ["nodes"], ["list"])]
    return [rule("", [NAMESPACES.plural], ["get"], [_KUBE_SYSTEM, namespace]), *_rules_for_looking()]


def rules_for_renewal(account: ObjectKey) -> list[Rule]:
    """The rule by which an account asks for its own next token."""
    return [rule("", ["serviceaccounts/token"], ["create"], [account.name])]


def _rules_for_looking() -> list[Rule]:
    return [rule("", ["nodes"], ["get", "list"]), url_rule(_HEALTH_PATHS)]


def _full_rule(group: str, resources: Iterable[str]) -> Rule:
    return rule(group, resources, _EVERY_VERB)


def _by_group(targets: Iterable[ResourceType]) -> list[tuple[str, list[str]]]:
    ordered = sorted({(target.group, target.plural) for target in targets})
    return [(group, [plural for _, plural in pairs]) for group, pairs in groupby(ordered, key=lambda pair: pair[0])]
