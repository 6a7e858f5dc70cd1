"""Removes the controller's account and rights from a member, and its namespace when nobody else uses it."""

from fedctl.changes import Writer
from fedctl.kinds import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    NAMESPACES,
    ROLE_BINDINGS,
    ROLES,
    SECRETS,
    SERVICE_ACCOUNTS,
)
from fedctl.membernames import MemberNames
from fedctl.telling import note
from kubefed.core.names import ObjectKey

_DEFAULT_ACCOUNT = "default"


def remove_account(writer: Writer, names: MemberNames) -> None:
    """Bindings first: from then on, whatever the controller still tries is refused."""
    in_namespace = [ObjectKey(names.namespace, name) for name in (names.role, names.token_role)]
    everywhere = [ObjectKey("", name) for name in (names.role, names.health_role)]
    for bindings, roles, keys in (
        (CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, everywhere),
        (ROLE_BINDINGS, ROLES, in_namespace),
    ):
        for key in keys:
            writer.delete(bindings, key)
            writer.delete(roles, key)
    writer.delete(SECRETS, names.account)
    writer.delete(SERVICE_ACCOUNTS, names.account)


def remove_namespace(writer: Writer, names: MemberNames, *, holds_copies: bool) -> None:
    """Delete the system namespace of the member, unless it holds kept copies or another federation's account."""
    key = ObjectKey("", names.namespace)
    if writer.server.find(NAMESPACES, key) is None:
        return
    if holds_copies:
        note(f"Namespace {names.namespace} stays, because the copies that are kept are in it.")
        return
    others = {account["metadata"]["name"] for account in writer.server.objects(SERVICE_ACCOUNTS, names.namespace)} - {
        _DEFAULT_ACCOUNT,
        names.account.name,
    }
    if others:
        note(f"Namespace {names.namespace} stays, because it has other accounts: {', '.join(sorted(others))}.")
        return
    writer.delete(NAMESPACES, key)
