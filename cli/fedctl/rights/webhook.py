"""The admission webhook's account in the host and what it may do. Pure.

It serves with a certificate of its own making, kept in one Secret, and enters the authority that signed it into its own two
webhook configurations, which are there already. It may neither make configurations nor see those of others.
"""

from typing import Any

from fedctl.rights.controller import reach
from fedctl.rights.rbac import READ, Rule, account, bound_role, rule
from kubefed.api import core_v1beta1
from kubefed.api.core_v1beta1 import Scope
from kubefed.core.names import ObjectKey

ACCOUNT = "kubefed-admission-webhook"
ROLE = "kubefed-admission-webhook-role"
BINDING = "kubefed-admission-webhook-rolebinding"
CONFIGURER = "kubefed-admission-webhook-configurations"
SERVING_CERTIFICATE = "kubefed-admission-webhook-serving-cert"
VALIDATING, MUTATING = "validations.core.kubefed.io", "mutation.core.kubefed.io"


def webhook_rights(namespace: str, scope: Scope) -> list[dict[str, Any]]:
    """The account, its Role in the system namespace, and its ClusterRole for the two configurations."""
    to = ObjectKey(namespace, ACCOUNT)
    configurer = ObjectKey("", federation_wide_name(namespace, scope, CONFIGURER))
    return [
        account(to),
        *bound_role(ObjectKey(namespace, ROLE), webhook_rules(), to, binding_name=BINDING),
        *bound_role(configurer, configurer_rules(namespace, scope), to),
    ]


def federation_wide_name(namespace: str, scope: Scope, name: str) -> str:
    """The name of a cluster-scoped object of one federation: under scope Namespaced a cluster can have several."""
    return name if not reach(namespace, scope, name).namespace else f"{name}-{namespace}"


def webhook_rules() -> list[Rule]:
    """What the webhook may do in the system namespace. A right to create cannot be limited to one name."""
    return [
        rule(core_v1beta1.GROUP, ["federatedtypeconfigs", "kubefedclusters", "kubefedconfigs"], READ),
        rule("", ["secrets"], ["create"]),
        rule("", ["secrets"], [*READ, "update", "patch"], [SERVING_CERTIFICATE]),
    ]


def configurer_rules(namespace: str, scope: Scope) -> list[Rule]:
    """What the webhook may do with the configurations that make API servers ask it."""
    group, verbs = "admissionregistration.k8s.io", [*READ, "update", "patch"]
    return [
        rule(group, [resource], verbs, [federation_wide_name(namespace, scope, name)])
        for resource, name in (
            ("validatingwebhookconfigurations", VALIDATING),
            ("mutatingwebhookconfigurations", MUTATING),
        )
    ]
