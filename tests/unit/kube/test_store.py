"""The store: never older over newer, never gone and back again, and honest about what it does not know."""

from dataclasses import dataclass

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from kubefed.core.names import ObjectKey
from kubefed.kube.store import Store


@dataclass(frozen=True)
class Thing:
    key: ObjectKey
    resource_version: int


Change = tuple[ObjectKey, int | None, int | None]


def thing(name: str, version: int, namespace: str = "shop") -> Thing:
    return Thing(ObjectKey(namespace, name), version)


A, B = ObjectKey("shop", "a"), ObjectKey("shop", "b")


@pytest.fixture
def changes() -> list[Change]:
    return []


@pytest.fixture
def store(changes: list[Change]) -> Store[Thing]:
    def changed(key: ObjectKey, old: Thing | None, new: Thing | None) -> None:
        changes.append((key, old.resource_version if old else None, new.resource_version if new else None))

    return Store(changed)


def test_nothing_is_known_to_be_absent_before_a_whole_list_is_in(store: Store[Thing]) -> None:
    store.apply(thing("a", 1))
    assert not store.complete
    store.replace([], 1)
    assert store.complete


def test_a_newer_record_replaces_an_older_one_and_is_told(store: Store[Thing], changes: list[Change]) -> None:
    assert store.apply(thing("a", 1))
    assert store.apply(thing("a", 2))
    assert changes == [(A, None, 1), (A, 1, 2)]


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_or_equal_record_changes_nothing(store: Store[Thing], changes: list[Change], version: int) -> None:
    store.apply(thing("a", 2))
    assert not store.apply(thing("a", version))
    assert changes == [(A, None, 2)]


def test_what_was_seen_to_go_does_not_come_back_with_an_overtaken_answer(store: Store[Thing]) -> None:
    store.apply(thing("a", 1))
    assert store.remove(A, 5)
    assert not store.apply(thing("a", 4))
    assert store.get(A) is None
    assert store.apply(thing("a", 6))


def test_a_removal_that_was_overtaken_by_a_new_object_is_ignored(store: Store[Thing]) -> None:
    store.apply(thing("a", 7))
    assert not store.remove(A, 6)
    assert store.get(A) == thing("a", 7)


def test_a_removal_of_what_was_never_seen_is_remembered(store: Store[Thing], changes: list[Change]) -> None:
    assert not store.remove(A, 5)
    assert not store.apply(thing("a", 5))
    assert changes == []


def test_a_list_takes_out_what_is_not_in_it(store: Store[Thing], changes: list[Change]) -> None:
    store.replace([thing("a", 1), thing("b", 2)], 2)
    changes.clear()
    store.replace([thing("b", 2)], 9)
    assert changes == [(A, 1, None)]
    assert not store.apply(thing("a", 8))


def test_a_list_does_not_take_out_what_was_written_while_it_was_made(store: Store[Thing]) -> None:
    store.apply(thing("a", 11))
    store.replace([], 10)
    assert store.get(A) == thing("a", 11)


def test_a_list_does_not_bring_back_what_went_while_it_was_made(store: Store[Thing]) -> None:
    store.apply(thing("a", 3))
    store.remove(A, 11)
    store.replace([thing("a", 3)], 10)
    assert store.get(A) is None


def test_a_listed_object_that_cannot_be_read_is_not_taken_for_gone(store: Store[Thing], changes: list[Change]) -> None:
    store.replace([thing("a", 1), thing("b", 2)], 2)
    changes.clear()
    store.replace([thing("b", 2)], 9, unreadable={A})
    assert changes == []
    assert store.get(A) == thing("a", 1)


def test_after_time_went_back_the_list_is_all_there_is(store: Store[Thing], changes: list[Change]) -> None:
    store.replace([thing("a", 50), thing("b", 60), thing("c", 10)], 60)
    store.remove(ObjectKey("shop", "d"), 70)
    changes.clear()
    store.replace([thing("b", 20), thing("c", 10), thing("d", 15)], 20, trust_ours=False)
    assert changes == [(A, 50, None), (B, 60, 20), (ObjectKey("shop", "d"), None, 15)]
    assert store.apply(thing("b", 21))


def test_keys_are_known_by_namespace(store: Store[Thing]) -> None:
    store.replace([thing("a", 1), thing("b", 1), thing("a", 1, "bank")], 1)
    assert store.known_keys_in("shop") == [A, B]
    store.remove(A, 2)
    store.remove(B, 2)
    assert store.known_keys_in("shop") == []
    assert store.known_keys() == [ObjectKey("bank", "a")]
    assert (len(store), list(store)) == (1, [thing("a", 1, "bank")])


def test_what_went_is_not_remembered_for_ever(store: Store[Thing]) -> None:
    for number in range(10_500):
        store.remove(ObjectKey("shop", str(number)), 1)
    assert len(store._tombstones) == 10_000
    assert not store.apply(thing("10499", 1))


class OneServer(RuleBasedStateMachine):
    """A server whose objects change, and a store that hears of it in any order: late, twice, or by a list made earlier."""

    events = Bundle("events")
    lists = Bundle("lists")

    def __init__(self) -> None:
        super().__init__()
        self.store: Store[Thing] = Store(self.changed)
        self.told: dict[ObjectKey, Thing] = {}
        self.version = 0
        self.live: dict[str, int] = {}
        self.newest_heard: dict[str, int] = {}

    def changed(self, key: ObjectKey, old: Thing | None, new: Thing | None) -> None:
        assert self.told.get(key) == old
        if new is None:
            del self.told[key]
        else:
            self.told[key] = new

    @rule(target=events, name=st.sampled_from("abc"))
    def write(self, name: str) -> tuple[str, int, bool]:
        self.version += 1
        self.live[name] = self.version
        return (name, self.version, True)

    @rule(target=events, name=st.sampled_from("abc"))
    def delete(self, name: str) -> tuple[str, int, bool]:
        self.version += 1
        self.live.pop(name, None)
        return (name, self.version, False)

    @rule(target=lists)
    def list_everything(self) -> tuple[int, dict[str, int]]:
        return (self.version, dict(self.live))

    @rule(event=events)
    def hear(self, event: tuple[str, int, bool]) -> None:
        name, version, exists = event
        if exists:
            self.store.apply(thing(name, version))
        else:
            self.store.remove(ObjectKey("shop", name), version)
        self.newest_heard[name] = max(version, self.newest_heard.get(name, 0))

    @rule(listed=consumes(lists))
    def take_in_a_list(self, listed: tuple[int, dict[str, int]]) -> None:
        version, items = listed
        self.store.replace([thing(name, item) for name, item in items.items()], version)
        for name in "abc":
            self.newest_heard[name] = max(items.get(name, 0), self.newest_heard.get(name, 0))

    @invariant()
    def what_is_held_is_never_older_than_what_was_heard(self) -> None:
        for held in self.store:
            assert held.resource_version >= self.newest_heard[held.key.name]

    @invariant()
    def whoever_listens_knows_what_the_store_knows(self) -> None:
        assert self.told == {held.key: held for held in self.store}

    def teardown(self) -> None:
        self.take_in_a_list((self.version, dict(self.live)))
        assert {held.key.name: held.resource_version for held in self.store} == self.live


TestOneServer = OneServer.TestCase
