"""A member that does not serve a type is told for that type alone, and served as soon as it does."""

from kubefed.core.names import ResourceType
from tests.builders import kinds
from tests.support.federation import HOST, MEMBER1, MEMBER2, MEMBERS
from tests.support.kinds import GROUP
from tests.support.shop import OK, Shop, fine, troubled


def test_a_member_without_the_crd_is_told_and_served_as_soon_as_it_has_it(shop: Shop) -> None:
    doodads = kinds.a_type(ResourceType(GROUP, "v1", "doodads", "Doodad", namespaced=True))
    shop.federation.enable(doodads, crd_in=(HOST, MEMBER1))
    for member in MEMBERS:
        shop.federation.join(member)
    wish = shop.create(shop.a(doodads, "one").with_template({"spec": {"size": 1}}).placed_on(*MEMBERS))
    shop.await_told(wish, troubled(member1=OK, member2="CachedRetrievalFailed"))
    shop.await_message(wish, MEMBER2, "the cluster does not serve this resource type")
    shop.settle(shop.config_map())
    shop.federation.serve(doodads, MEMBER2)
    shop.await_told(wish, fine(*MEMBERS))
    assert shop.copies(wish, "spec", "size") == {MEMBER1: 1, MEMBER2: 1}
