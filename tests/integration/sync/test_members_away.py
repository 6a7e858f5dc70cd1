"""A member that dies harms only itself, and catches up when it is back."""

from tests.support.federation import MEMBER1, MEMBER2, MEMBERS
from tests.support.members import dead
from tests.support.shop import OK, Shop, everywhere, fine, troubled
from tests.support.waiting import eventually, eventually_equal


def test_while_a_member_is_dead_the_others_are_served_and_it_catches_up_when_it_is_back(shop: Shop) -> None:
    old = shop.settle(shop.config_map("old", colour="red"))
    away = troubled(member1=OK, member2="ClusterNotReady")
    with dead(shop.federation, MEMBER2):
        shop.await_told(old, away)
        new = shop.create(shop.config_map("new"))
        shop.await_told(new, away)
        shop.edit(shop.config_map("old", colour="blue"))
        eventually(lambda: shop.managed_copy(old, MEMBER1)["data"] == {"colour": "blue"}, "the edit reached member1")
        shop.change(new, MEMBER1, {"data": {"colour": "drifted"}})
        eventually(lambda: shop.managed_copy(new, MEMBER1)["data"] == {"colour": "red"}, "drift in member1 is repaired")
        shop.await_told(old, away)
    eventually_equal(lambda: shop.copies(old, "data", "colour"), everywhere("blue"))
    for wish in (old, new):
        shop.await_told(wish, fine(*MEMBERS))


def test_what_was_deleted_or_moved_while_a_member_was_dead_goes_there_when_it_is_back(shop: Shop) -> None:
    deleted, moved = shop.settle(shop.config_map("deleted")), shop.settle(shop.config_map("moved"))
    with dead(shop.federation, MEMBER2):
        shop.delete(deleted)
        eventually(lambda: shop.copy(deleted, MEMBER1) is None, "the copy in the living member is gone")
        shop.edit(moved.placed_on(MEMBER1))
        shop.await_told(moved, fine(MEMBER1))
        assert shop.stored(deleted) is not None
    shop.await_gone(deleted)
    eventually(lambda: shop.copies(moved).keys() == {MEMBER1}, "the copy that is not wanted is gone")
    assert shop.copies(deleted) == {}


def test_a_member_that_takes_requests_and_never_answers_holds_nobody_else_up(shop: Shop) -> None:
    settled = shop.settle(shop.config_map("settled"))
    member = shop.federation.sandbox.cluster(MEMBER2)
    member.pause()
    try:
        wish = shop.create(shop.config_map("new"))
        eventually(lambda: shop.copy(wish, MEMBER1), "member1 is served")
        shop.await_told(wish, troubled(member1=OK, member2="ClusterNotReady"))
    finally:
        member.resume()
    for each in (settled, wish):
        shop.await_told(each, fine(*MEMBERS))
    assert shop.copies(wish).keys() == set(MEMBERS)
