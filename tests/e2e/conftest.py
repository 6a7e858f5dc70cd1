"""What tests of the process share: all audit logs at once, and many objects at once."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from tests.builders.objects import FederatedBuilder
from tests.support.audit import AuditLog, Request
from tests.support.federation import HOST, MEMBERS, Federation
from tests.support.shop import Shop, Told, fine, told_by
from tests.support.waiting import eventually, eventually_equal

EVERYTHING = slice(None)


@dataclass(frozen=True, slots=True)
class Logs:
    """The audit logs of all clusters, from a mark on."""

    by_cluster: dict[str, AuditLog]

    def mark(self) -> None:
        """Count from here."""
        for log in self.by_cluster.values():
            log.mark()

    def requests(self, *clusters: str) -> list[Request]:
        """What the controllers asked of these clusters, or of all, in the order in which the servers got it."""
        found = [each for name in clusters or self.by_cluster for each in self.by_cluster[name].requests()]
        return sorted(found, key=lambda request: request.received_at)

    def object_writes(self, *clusters: str) -> list[Request]:
        """Of these, the writes of objects: no Events, Leases, or cluster health."""
        return [each for each in self.requests(*clusters) if each.writes and each.column == "objects"]


@pytest.fixture
def logs(federation: Federation) -> Logs:
    """Every cluster's audit log from the start of the test."""
    found = Logs({name: AuditLog(federation.sandbox.cluster(name).audit_log) for name in (HOST, *MEMBERS)})
    found.mark()
    return found


@dataclass(frozen=True, slots=True)
class Burst:
    """Many FederatedConfigMaps for both members."""

    shop: Shop
    wishes: tuple[FederatedBuilder, ...]

    def create(self) -> None:
        """Create them all."""
        for wish in self.wishes:
            self.shop.create(wish)

    def delete(self, part: slice = EVERYTHING) -> None:
        """Ask for the deletion of some of them."""
        for wish in self.wishes[part]:
            self.shop.delete(wish)

    def copies_in(self, member: str) -> set[str]:
        """The names of those that have a copy there."""
        target = self.wishes[0].kind.target
        names = {
            each["metadata"]["name"] for each in self.shop.federation.servers[member].objects(target, self.shop.namespace)
        }
        return names & {wish.key.name for wish in self.wishes}

    def await_copies_in(self, member: str, count: int) -> None:
        """Wait until there are at least so many."""
        eventually(lambda: len(self.copies_in(member)) >= count, f"{count} copies in {member}")

    def await_settled(self) -> None:
        """Wait until all have their copies and say so."""
        expected = {wish.key.name: fine(*MEMBERS) for wish in self.wishes}
        eventually_equal(self._told, expected, within_s=60)
        for member in MEMBERS:
            assert self.copies_in(member) == expected.keys()

    def await_gone(self) -> None:
        """Wait until none is left, federated or copied."""
        eventually(lambda: not self._told(), "all federated objects are gone", within_s=60)
        for member in MEMBERS:
            assert self.copies_in(member) == set()

    def _told(self) -> dict[str, Told | None]:
        federated = self.wishes[0].kind.federated
        found: Iterable[dict[str, object]] = self.shop.federation.host.objects(federated, self.shop.namespace)
        return {name_of(each): told_by(each) for each in found if name_of(each) in self._names()}

    def _names(self) -> set[str]:
        return {wish.key.name for wish in self.wishes}


def name_of(manifest: dict[str, object]) -> str:
    """The object's name."""
    metadata = manifest["metadata"]
    assert isinstance(metadata, dict)
    return str(metadata["name"])


def a_burst(shop: Shop, count: int) -> Burst:
    """So many objects, not created yet."""
    return Burst(shop, tuple(shop.config_map(f"object-{number}") for number in range(count)))


@pytest.fixture
def empty_shop(federation: Federation, namespace: str) -> Shop:
    """A federated namespace for controllers that the test starts itself."""
    return Shop(federation, namespace).open(*MEMBERS)
