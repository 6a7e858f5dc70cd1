"""FederatedNamespaces: namespaces in members, and the frame for everything in them."""

from fedctl.kinds import NAMESPACES
from kubefed.core.markers import MANAGED_LABEL
from kubefed.core.names import ObjectKey
from tests.builders import kinds
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS
from tests.support.shop import Shop, everywhere, fine
from tests.support.waiting import eventually, eventually_equal


def test_a_namespace_comes_with_its_labels_follows_them_and_is_put_right(shop: Shop) -> None:
    wish = shop.fed_namespace().placed_on(*MEMBERS)
    shop.await_told(wish, fine(*MEMBERS))
    shop.edit(wish.with_template({"metadata": {"labels": {"team": "blue"}}}))
    eventually_equal(lambda: shop.copies(wish, "metadata", "labels", "team"), everywhere("blue"))
    shop.change(wish, MEMBER1, {"metadata": {"labels": {"team": "red", "stray": "yes"}}})
    labels = {"team": "blue", MANAGED_LABEL: "true", "kubernetes.io/metadata.name": shop.namespace}
    eventually_equal(lambda: shop.copies(wish, "metadata", "labels"), everywhere(labels))
    shop.await_told(wish, fine(*MEMBERS))
    assert shop.recorded(wish).keys() == set(MEMBERS)


def test_a_namespace_leaves_with_its_content_when_it_is_not_placed_any_more(shop: Shop) -> None:
    wish = shop.settle(shop.config_map())
    shop.edit(shop.fed_namespace().placed_on(MEMBER2))
    eventually(lambda: shop.copies(shop.fed_namespace()).keys() == {MEMBER2}, "it has left member1")
    shop.await_told(shop.fed_namespace(), fine(MEMBER2))
    shop.await_told(wish, fine(MEMBER2))
    assert shop.copies(wish).keys() == {MEMBER2}


def test_deleting_a_federated_namespace_takes_its_copies_and_leaves_the_host_its_own(shop: Shop) -> None:
    wish = shop.settle(shop.config_map())
    shop.delete(shop.fed_namespace())
    shop.await_gone(shop.fed_namespace())
    assert shop.copies(shop.fed_namespace()) == {}
    assert shop.copies(wish) == {}
    assert shop.federation.host.find(NAMESPACES, ObjectKey("", shop.namespace)) is not None
    assert shop.stored(wish) is not None


def test_a_host_namespace_goes_with_everything_federated_in_it(shop: Shop) -> None:
    wish = shop.settle(shop.config_map())
    assert shop.federation.host.delete(NAMESPACES, ObjectKey("", shop.namespace))
    shop.await_gone(wish)
    shop.await_gone(shop.fed_namespace())
    eventually(lambda: not shop.copies(shop.fed_namespace()), "the members' namespaces are gone")
    key = ObjectKey("", shop.namespace)
    eventually(lambda: shop.federation.host.find(NAMESPACES, key) is None, "the host's namespace is gone")


def test_a_federated_namespace_of_another_name_is_ignored_and_told_so(shop: Shop) -> None:
    shop.create(shop.a(kinds.NAMESPACES, "other").placed_on(*MEMBERS))
    eventually(lambda: shop.events("InvalidName"), "people are told that it is ignored")
    assert all(server.find(NAMESPACES, ObjectKey("", "other")) is None for server in shop.federation.servers.values())


def test_what_waited_for_its_namespace_comes_as_soon_as_that_does(shop: Shop) -> None:
    shop.edit(shop.fed_namespace().placed_on())
    eventually(lambda: not shop.copies(shop.fed_namespace()), "the namespace has left the members")
    wish = shop.create(shop.config_map())
    shop.await_told(wish, fine())
    shop.edit(shop.fed_namespace().placed_on(*MEMBERS))
    shop.await_told(wish, fine(*MEMBERS))
    assert shop.copies(wish).keys() == set(MEMBERS)
