"""What becomes of copies when federated objects are deleted, and of objects that were there before."""

from fedctl.kinds import NAMESPACES
from kubefed.core.markers import MANAGED_LABEL, SYNC_FINALIZER
from kubefed.core.names import ObjectKey
from tests.builders import kinds
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS
from tests.support.kinds import REPLICA_SETS
from tests.support.manifests import field_of
from tests.support.shop import OK, Shop, everywhere, fine, troubled
from tests.support.waiting import eventually, eventually_equal


def test_a_federated_object_is_there_until_its_copies_are_gone(shop: Shop) -> None:
    wish = shop.settle(shop.config_map())
    shop.change(wish, MEMBER2, {"metadata": {"finalizers": ["tests.example.com/hold"]}})
    shop.await_told(wish, fine(*MEMBERS))
    shop.delete(wish)
    eventually(lambda: shop.copies(wish).keys() == {MEMBER2}, "the copy that nothing holds is gone")
    held = shop.stored(wish)
    assert held is not None
    assert held["metadata"]["finalizers"] == [SYNC_FINALIZER]
    shop.change(wish, MEMBER2, {"metadata": {"finalizers": None}})
    shop.await_gone(wish)


def test_a_copy_that_waits_for_a_finalizer_is_told_while_it_is_not_wanted(shop: Shop) -> None:
    wish = shop.settle(shop.config_map())
    shop.change(wish, MEMBER2, {"metadata": {"finalizers": ["tests.example.com/hold"]}})
    shop.await_told(wish, fine(*MEMBERS))
    shop.edit(wish.placed_on(MEMBER1))
    shop.await_told(wish, troubled(member1=OK, member2="WaitingForRemoval"))
    shop.change(wish, MEMBER2, {"metadata": {"finalizers": None}})
    shop.await_told(wish, fine(MEMBER1))


def test_orphans_keep_their_content_and_lose_the_managed_label(shop: Shop) -> None:
    wish = shop.settle(shop.config_map(colour="red"))
    shop.annotate(wish, orphan="true")
    shop.delete(wish)
    shop.await_gone(wish)
    unlabelled = everywhere(None)
    eventually_equal(lambda: shop.copies(wish, "metadata", "labels", MANAGED_LABEL), unlabelled)
    assert shop.copies(wish, "data", "colour") == everywhere("red")


def test_the_delete_options_of_a_federated_object_reach_its_copies(shop: Shop) -> None:
    wish = shop.settle(shop.deployment().placed_on(MEMBER1), MEMBER1)
    member, apps = shop.federation.servers[MEMBER1], REPLICA_SETS
    eventually(lambda: list(member.objects(apps, shop.namespace)), "the Deployment has its ReplicaSet")
    shop.annotate(wish, deleteoption='{"propagationPolicy": "Orphan"}')
    shop.delete(wish)
    shop.await_gone(wish)
    [survivor] = member.objects(apps, shop.namespace)
    assert "ownerReferences" not in survivor["metadata"]


def test_an_object_that_was_there_before_is_adopted_and_keeps_its_annotations(shop: Shop) -> None:
    await_namespace(shop, MEMBER1)
    old = {"data": {"colour": "old"}, "metadata": {"annotations": {"a": "b"}}}
    shop.make(MEMBER1, kinds.CONFIG_MAPS.target, "settings", old)
    wish = shop.settle(shop.config_map(colour="red"))
    assert shop.copies(wish, "data", "colour") == everywhere("red")
    adopted = shop.managed_copy(wish, MEMBER1)
    assert field_of(adopted, "metadata", "annotations", "a") == "b"


def test_an_object_whose_owner_opted_out_is_left_alone(shop: Shop) -> None:
    await_namespace(shop, MEMBER1)
    own = {"data": {"colour": "mine"}, "metadata": {"labels": {MANAGED_LABEL: "false"}}}
    shop.make(MEMBER1, kinds.CONFIG_MAPS.target, "settings", own)
    wish = shop.create(shop.config_map(colour="red"))
    shop.await_told(wish, troubled(member1="ManagedLabelFalse", member2=OK))
    assert shop.copies(wish, "data", "colour") == {MEMBER1: "mine", MEMBER2: "red"}


def test_what_nobody_labelled_is_never_removed(shop: Shop) -> None:
    await_namespace(shop, MEMBER2)
    shop.make(MEMBER2, kinds.CONFIG_MAPS.target, "settings", {"data": {"colour": "mine"}})
    wish = shop.settle(shop.config_map().placed_on(MEMBER1), MEMBER1)
    shop.delete(wish)
    shop.await_gone(wish)
    assert shop.copies(wish, "data", "colour") == {MEMBER2: "mine"}


def test_a_labelled_object_without_a_federated_one_is_kept_and_let_go_of(shop: Shop) -> None:
    await_namespace(shop, MEMBER2)
    labels = {"metadata": {"labels": {MANAGED_LABEL: "true", "a": "b"}}}
    shop.make(MEMBER2, kinds.CONFIG_MAPS.target, "stray", {"data": {"colour": "mine"}, **labels})
    stray = shop.config_map("stray")
    eventually_equal(lambda: shop.copies(stray, "metadata", "labels"), {MEMBER2: {"a": "b"}})
    assert shop.copies(stray, "data", "colour") == {MEMBER2: "mine"}


def await_namespace(shop: Shop, member: str) -> None:
    key = ObjectKey("", shop.namespace)
    eventually(lambda: shop.federation.servers[member].find(NAMESPACES, key), f"{member} has the namespace")
