"""The objects that joining makes in a member, in the order in which they are made. Pure."""

from typing import Any

from fedctl.join.grants import Grant, rules_for_copies, rules_for_health, rules_for_renewal
from fedctl.kinds import SECRETS
from fedctl.membernames import MemberNames
from fedctl.rights.rbac import account, bound_role
from kubefed.api.core_v1beta1 import Scope, Trust
from kubefed.core.names import ObjectKey

_MOUNTABLE = "kubernetes.io/enforce-mountable-secrets"
_SECRET_ACCOUNT = "kubernetes.io/service-account.name"  # noqa: S105 - the name of an annotation
TOKEN_SECRET_TYPE = "kubernetes.io/service-account-token"  # noqa: S105 - a Secret's type


def member_objects(names: MemberNames, grant: Grant) -> list[dict[str, Any]]:
    """Namespace, account, roles with their bindings, and the Secret for a never-expiring token where there is one."""
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": names.namespace}},
        _account(names, grant.trust),
        *_roles(names, grant),
        *([token_secret(names)] if grant.trust is Trust.COMPATIBLE else []),
    ]


def _account(names: MemberNames, trust: Trust) -> dict[str, Any]:
    manifest = account(names.account)
    if trust is Trust.COMPATIBLE:
        manifest["metadata"]["annotations"] = {_MOUNTABLE: "true"}
    return manifest


def _roles(names: MemberNames, grant: Grant) -> list[dict[str, Any]]:
    to = names.account
    limited = grant.scope is Scope.NAMESPACED
    roles = bound_role(ObjectKey(names.namespace if limited else "", names.role), rules_for_copies(grant), to)
    if limited:
        roles += bound_role(ObjectKey("", names.health_role), rules_for_health(grant, names.namespace), to)
    if grant.trust is Trust.STRICT:
        roles += bound_role(ObjectKey(names.namespace, names.token_role), rules_for_renewal(to), to)
    return roles


def token_secret(names: MemberNames) -> dict[str, Any]:
    """The Secret that the token controller of the member fills with a token that never expires."""
    return {
        "apiVersion": SECRETS.api_version,
        "kind": SECRETS.kind,
        "metadata": {
            "name": names.account.name,
            "namespace": names.namespace,
            "annotations": {_SECRET_ACCOUNT: names.account.name},
        },
        "type": TOKEN_SECRET_TYPE,
    }
