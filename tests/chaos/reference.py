"""The reference run: a few objects that together cause every kind of write that a controller makes for objects."""

from dataclasses import dataclass

from tests.builders import kinds
from tests.builders.objects import FederatedBuilder
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS
from tests.support.manifests import encoded, replace
from tests.support.shop import Shop


@dataclass(frozen=True, slots=True)
class Reference:
    """Eight federated objects in a namespace of their own, and what people do with them."""

    shop: Shop

    def begin(self) -> None:
        """Everything is created: namespace, finalizers, copies, records of versions, statuses; one copy is adopted."""
        shop = self.shop
        shop.open(*MEMBERS)
        for wish in (self._stays(), self._moves().placed_on(MEMBER1), self._goes(), self._is_orphaned(), *self._others()):
            shop.create(wish)

    def go_on(self) -> None:
        """Copies are changed, moved, deleted, let go of, and repaired."""
        shop = self.shop
        shop.edit(self._stays("blue"))
        shop.edit(self._moves().placed_on(MEMBER2))
        shop.delete(self._goes())
        shop.annotate(self._is_orphaned(), orphan="true")
        shop.delete(self._is_orphaned())
        shop.change(self._others()[0], MEMBER1, {"metadata": {"labels": {"drifted": "yes"}}, "data": {"more": "eA=="}})

    def _stays(self, colour: str = "red") -> FederatedBuilder:
        return self.shop.config_map("stays", colour=colour)

    def _moves(self) -> FederatedBuilder:
        return self.shop.config_map("moves")

    def _goes(self) -> FederatedBuilder:
        return self.shop.config_map("goes")

    def _is_orphaned(self) -> FederatedBuilder:
        return self.shop.config_map("is-orphaned")

    def _others(self) -> tuple[FederatedBuilder, ...]:
        shop = self.shop
        secret = shop.a(kinds.SECRETS, "secret").with_template({"data": {"password": encoded("x")}}).placed_on(*MEMBERS)
        web = shop.deployment("web", replicas=0).overridden(MEMBER2, replace("/spec/paused", True))
        account = shop.a(kinds.SERVICE_ACCOUNTS, "account").with_template({}).placed_on(*MEMBERS)
        return secret, web, account
