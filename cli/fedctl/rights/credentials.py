"""The controller's right to read members' credentials: exactly the Secrets that the cluster records name. Pure.

RBAC lets a list or a watch with the field selector `metadata.name=x` through for the resource name x, so that the
controller can follow a Secret without being able to see any other.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fedctl.rights.controller import account_key
from fedctl.rights.rbac import READ, bound_role, rule
from kubefed.core.names import ObjectKey

ROLE = "kubefed-member-credentials"
VERBS = (*READ, "update", "patch")


def credential_rights(namespace: str, records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The Role, which has no rule at all while no cluster is joined, and its binding."""
    names = sorted({name for record in records if (name := secret_name(record))})
    rules = [rule("", ["secrets"], VERBS, names)] if names else []
    return bound_role(ObjectKey(namespace, ROLE), rules, account_key(namespace))


def secret_name(record: Mapping[str, Any]) -> str:
    """The Secret that a KubeFedCluster manifest names; empty when it names none."""
    return str(((record.get("spec") or {}).get("secretRef") or {}).get("name") or "")
