"""What the controller, editors and viewers may do with federated objects: one rule per API group of enabled types. Pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from fedctl.kinds import RBAC_GROUP
from fedctl.rights.controller import account_key, reach
from fedctl.rights.rbac import READ, WRITE, Rule, bound_role, role, rule
from kubefed.api import core_v1beta1, scheduling_v1alpha1
from kubefed.api.core_v1beta1 import Scope
from kubefed.federated.federated_type import FederatedType

CONTROLLER_ROLE = "kubefed-federated-types"
EDITOR_ROLE = "kubefed-editor"
VIEWER_ROLE = "kubefed-viewer"

CONTROLLER_VERBS = (*READ, "update", "patch")
STATUS_VERBS = ("update", "patch")
EDITOR_VERBS = (*READ, *WRITE)


def type_rights(namespace: str, scope: Scope, types: Iterable[FederatedType]) -> list[dict[str, Any]]:
    """The roles of the controller, of editors and of viewers, and the controller's binding."""
    known = sorted(types, key=lambda kind: (kind.federated.group, kind.federated.plural))
    editable = [kind for kind in known if not _grants_rights(kind)]
    viewable = [kind for kind in known if not _holds_secrets(kind)]
    return [
        *bound_role(reach(namespace, scope, CONTROLLER_ROLE), _controller_rules(known), account_key(namespace)),
        role(reach(namespace, scope, EDITOR_ROLE), [*_rules(editable, EDITOR_VERBS), *beside_types(EDITOR_VERBS)]),
        role(reach(namespace, scope, VIEWER_ROLE), [*_rules(viewable, READ), *beside_types(READ)]),
    ]


def beside_types(verbs: Iterable[str]) -> list[Rule]:
    """What a person may do who does `verbs` to federated objects: the same to their preferences, and read the records."""
    return [
        rule(scheduling_v1alpha1.GROUP, ["replicaschedulingpreferences"], verbs),
        rule(core_v1beta1.GROUP, ["propagatedversions"], READ),
    ]


def _controller_rules(known: Sequence[FederatedType]) -> list[Rule]:
    return [*_rules(known, CONTROLLER_VERBS), *_rules(known, STATUS_VERBS, subresource="/status")]


def _rules(known: Iterable[FederatedType], verbs: Iterable[str], subresource: str = "") -> list[Rule]:
    groups = groupby(known, key=lambda kind: kind.federated.group)
    return [rule(group, [f"{kind.federated.plural}{subresource}" for kind in kinds], verbs) for group, kinds in groups]


def _grants_rights(kind: FederatedType) -> bool:
    """Writing such an object in the host would give rights in every member: not for editors."""
    return kind.target.group == RBAC_GROUP


def _holds_secrets(kind: FederatedType) -> bool:
    """Kubernetes' own `view` shows no Secrets either. Other sensitive types are those that say so."""
    return (kind.target.group, kind.target.kind) == ("", "Secret")
