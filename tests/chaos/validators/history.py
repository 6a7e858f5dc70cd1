"""What the API servers were asked for, read from their audit logs. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kubefed.core.names import ObjectKey
from kubefed.federated.federated_type import FederatedType
from tests.chaos.validators.world import NAMESPACES, Named
from tests.support.audit import CONTROLLER, Request


@dataclass(frozen=True, slots=True)
class History:
    """All answered requests by cluster, whoever made them, in the order of their arrival."""

    types: tuple[FederatedType, ...]
    host: Sequence[Request]
    members: Mapping[str, Sequence[Request]]

    def by_controller(self, member: str) -> Iterator[Request]:
        """What the controllers asked a member for."""
        return (each for each in self.members[member] if each.agent.startswith(CONTROLLER))

    def writes_of_copies(self, member: str) -> Iterator[tuple[Named | None, Request]]:
        """What the controllers changed in a member, and the federated object whose copy that is, if there can be one."""
        for request in self.by_controller(member):
            if request.changed and request.column == "objects":
                yield self.copied(request), request

    def copied(self, request: Request) -> Named | None:
        """The federated object that stands for what a member was asked about; None when no type does."""
        for kind in self.types:
            if (kind.target.group, kind.target.plural) == (request.group, request.resource) and not request.subresource:
                named = request.name or _created_name(request)
                namespace = request.namespace if kind.target.namespaced else named
                return kind.name, ObjectKey(namespace, named)
        return None

    def federated(self, request: Request) -> Named | None:
        """The federated object that the host was asked about; None for everything else."""
        for kind in self.types:
            if (kind.federated.group, kind.federated.plural) == (request.group, request.resource) and request.name:
                return kind.name, ObjectKey(request.namespace, request.name)
        return None

    def ever_federated(self) -> frozenset[Named]:
        """All federated objects that the host has known, by what it was asked and told."""
        return frozenset(named for each in self.host if each.code < 300 and (named := self.federated(each)) is not None)


def _created_name(request: Request) -> str:
    """Not every log tells the name of what a POST made; its body does, where that was kept."""
    return str((request.answer.get("metadata") or {}).get("name", ""))


def is_of_namespaces(named: Named) -> bool:
    """Whether it is a FederatedNamespace."""
    return named[0] == NAMESPACES
