"""Where copies are: named, selected, and within their namespace's placement."""

from fedctl.federation import CLUSTERS
from kubefed.core.names import ObjectKey
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS, SYSTEM
from tests.support.shop import Shop, Told, fine
from tests.support.waiting import eventually


def test_a_copy_goes_where_it_is_not_placed_any_more_and_comes_where_it_is(shop: Shop) -> None:
    wish = shop.settle(shop.config_map().placed_on(MEMBER1), MEMBER1)
    assert shop.copies(wish).keys() == {MEMBER1}
    shop.edit(wish.placed_on(MEMBER2))
    shop.await_told(wish, fine(MEMBER2))
    eventually(lambda: shop.copies(wish).keys() == {MEMBER2}, "the copy has moved")
    shop.edit(wish.placed_on())
    shop.await_told(wish, fine())
    eventually(lambda: not shop.copies(wish), "an empty list places nothing")


def test_a_selector_places_by_the_labels_of_clusters_unless_there_is_a_list(shop: Shop) -> None:
    wish = shop.settle(shop.config_map().placed_by_labels(name=MEMBER2), MEMBER2)
    assert shop.copies(wish).keys() == {MEMBER2}
    shop.edit(wish.placed({"clusters": [{"name": MEMBER1}], "clusterSelector": {"matchLabels": {"name": MEMBER2}}}))
    shop.await_told(wish, fine(MEMBER1))
    shop.edit(wish.placed({"clusterSelector": {"matchExpressions": [{"key": "name", "operator": "Exists"}]}}))
    shop.await_told(wish, fine(*MEMBERS))


def test_a_label_on_a_cluster_moves_what_it_selects(shop: Shop) -> None:
    wish = shop.create(shop.config_map().placed_by_labels(shelf=shop.namespace))
    shop.await_told(wish, fine())
    label_cluster(shop, MEMBER1, shop.namespace)
    shop.await_told(wish, fine(MEMBER1))
    label_cluster(shop, MEMBER1, None)
    shop.await_told(wish, fine())
    eventually(lambda: not shop.copies(wish), "the copy is gone")


def label_cluster(shop: Shop, cluster: str, shelf: str | None) -> None:
    patch = {"metadata": {"labels": {"shelf": shelf}}}
    shop.federation.host.merge(CLUSTERS, ObjectKey(SYSTEM, cluster), patch)


def test_an_unknown_cluster_in_a_placement_is_no_reason_to_fail(shop: Shop) -> None:
    wish = shop.settle(shop.config_map().placed_on(MEMBER1, "nowhere"), MEMBER1)
    assert shop.copies(wish).keys() == {MEMBER1}


def test_a_placement_that_cannot_be_read_is_told_and_removes_nothing(shop: Shop) -> None:
    wish = shop.settle(shop.config_map())
    shop.edit(wish.placed({"clusterSelector": {"matchExpressions": [{"key": "a", "operator": "Resembles"}]}}))
    shop.await_told(wish, Told("ComputePlacementFailed", {}))
    assert shop.copies(wish).keys() == set(MEMBERS)


def test_an_object_goes_only_where_its_namespace_goes(shop: Shop) -> None:
    wish = shop.settle(shop.config_map())
    shop.edit(shop.fed_namespace().placed_on(MEMBER1))
    shop.await_told(wish, fine(MEMBER1))
    eventually(lambda: shop.copies(wish).keys() == {MEMBER1}, "it has left the other member")


def test_an_object_whose_namespace_is_not_federated_says_so_and_loses_its_copies(shop: Shop) -> None:
    wish = shop.settle(shop.config_map())
    shop.annotate(shop.fed_namespace(), orphan="true")
    shop.delete(shop.fed_namespace())
    shop.await_told(wish, Told("NamespaceNotFederated", {}))
    eventually(lambda: not shop.copies(wish), "the copies are gone")
