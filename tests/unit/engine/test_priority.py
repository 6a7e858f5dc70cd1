"""The line that keys and operations stand in: priorities, turns between tenants, and nobody who waits for ever."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kubefed.engine.priority import FairQueue, Priority

EDIT, EVENT, RESYNC = Priority.EDIT, Priority.EVENT, Priority.RESYNC


def everything(line: FairQueue[str]) -> list[str]:
    return [line.pop()[0] for _ in range(len(line))]


def test_within_a_group_first_come_is_first_served() -> None:
    line: FairQueue[str] = FairQueue()
    for item in "abc":
        line.push(item, EVENT)
    assert everything(line) == ["a", "b", "c"]


def test_a_person_goes_before_a_resync() -> None:
    line: FairQueue[str] = FairQueue()
    line.push("resync", RESYNC)
    line.push("event", EVENT)
    line.push("edit", EDIT)
    assert [line.pop() for _ in range(3)] == [("edit", EDIT), ("event", EVENT), ("resync", RESYNC)]


def test_a_tenants_burst_is_one_turn_long_for_the_others() -> None:
    line: FairQueue[str] = FairQueue()
    for number in range(5000):
        line.push(f"a{number}", EDIT, "a")
    line.push("b0", EDIT, "b")
    line.push("c0", EDIT, "c")
    assert [line.pop()[0] for _ in range(4)] == ["a0", "b0", "c0", "a1"]


def test_a_group_that_comes_back_stands_behind_those_who_waited() -> None:
    line: FairQueue[str] = FairQueue()
    line.push("a0", EDIT, "a")
    line.push("b0", EDIT, "b")
    line.push("b1", EDIT, "b")
    assert line.pop()[0] == "a0"
    line.push("a1", EDIT, "a")
    assert everything(line) == ["b0", "a1", "b1"]


def test_an_item_stands_in_line_once_and_moves_up_but_not_down() -> None:
    line: FairQueue[str] = FairQueue()
    line.push("a", RESYNC)
    line.push("b", EVENT)
    line.push("a", EDIT)
    line.push("a", RESYNC)
    assert len(line) == 2
    assert [line.pop() for _ in range(2)] == [("a", EDIT), ("b", EVENT)]


def test_what_is_taken_out_of_line_is_not_served() -> None:
    line: FairQueue[str] = FairQueue()
    line.push("a", EDIT, "one")
    line.push("b", EDIT, "two")
    line.discard("a")
    line.discard("nobody")
    assert "a" not in line
    assert everything(line) == ["b"]


def test_nobody_waits() -> None:
    with pytest.raises(IndexError):
        FairQueue[str]().pop()


@pytest.mark.parametrize("busy", [{EDIT}, {EVENT}, {EDIT, EVENT}])
def test_the_lowest_priority_is_served_however_busy_those_above_it_are(busy: set[Priority]) -> None:
    """Resyncs are what mends a member after its return: people and events that never end must not put them off for ever."""
    line: FairQueue[tuple[Priority, int]] = FairQueue()
    line.push((RESYNC, 0), RESYNC)
    served: Counter[Priority] = Counter()
    for number in range(1000):
        for level in busy:
            line.push((level, number), level)
        served[line.pop()[1]] += 1
        if served[RESYNC]:
            break
    assert served[RESYNC] == 1
    assert served[min(busy)] >= 16


@given(st.sets(st.sampled_from(Priority), min_size=2))
def test_the_higher_of_two_priorities_gets_nearly_all_the_turns(busy: set[Priority]) -> None:
    line: FairQueue[tuple[Priority, int]] = FairQueue()
    for number in range(400):
        for level in busy:
            line.push((level, number), level)
    served = Counter(line.pop()[1] for _ in range(340))
    assert served[min(busy)] == 320
    assert sum(served.values()) == 340


class Line(RuleBasedStateMachine):
    """Whatever is done to a line, it holds each item once, and gives out what was put in."""

    def __init__(self) -> None:
        super().__init__()
        self.line: FairQueue[int] = FairQueue()
        self.model: dict[int, Priority] = {}

    @rule(item=st.integers(0, 8), priority=st.sampled_from(Priority), group=st.sampled_from("ab"))
    def push(self, item: int, priority: Priority, group: str) -> None:
        self.line.push(item, priority, group)
        self.model[item] = min(priority, self.model.get(item, priority))

    @rule(item=st.integers(0, 8))
    def discard(self, item: int) -> None:
        self.line.discard(item)
        self.model.pop(item, None)

    @precondition(lambda self: self.model)
    @rule()
    def pop(self) -> None:
        item, priority = self.line.pop()
        assert self.model.pop(item) == priority

    @invariant()
    def holds_what_was_put_in(self) -> None:
        assert len(self.line) == len(self.model)
        assert all(item in self.line for item in self.model)

    def teardown(self) -> None:
        while self.model:
            self.pop()
        assert not self.line


TestLine = Line.TestCase
