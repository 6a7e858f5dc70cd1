"""What goes first, and how nobody starves behind it. Shared by the queue and the lanes."""

from collections import OrderedDict
from collections.abc import Hashable
from enum import IntEnum
from typing import Generic, TypeVar


class Priority(IntEnum):
    """Smaller is sooner."""

    EDIT = 0
    """A person changed something and may be waiting."""
    EVENT = 1
    """A member changed, or an operation of ours ended."""
    RESYNC = 2
    """Nothing is known to have changed: start-up, a cluster's return, periodic looks."""


T = TypeVar("T", bound=Hashable)

_TURNS_BEFORE_YIELDING = 16
"""After this many from a higher priority in a row, one from the next lower is served."""


class FairQueue(Generic[T]):
    """First in, first out within a (priority, group); groups take turns, so that one tenant's burst is one turn long."""

    def __init__(self) -> None:
        self._levels: dict[Priority, OrderedDict[str, OrderedDict[T, None]]] = {level: OrderedDict() for level in Priority}
        self._places: dict[T, tuple[Priority, str]] = {}
        self._turns = [0] * len(Priority)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, item: T) -> bool:
        return item in self._places

    def push(self, item: T, priority: Priority, group: str = "") -> None:
        """Put an item in line; one that waits already moves up if this is the higher priority, and stays otherwise."""
        place = self._places.get(item)
        if place is not None:
            if place[0] <= priority:
                return
            self.discard(item)
        self._places[item] = (priority, group)
        self._levels[priority].setdefault(group, OrderedDict())[item] = None

    def discard(self, item: T) -> None:
        """Take an item out of line, wherever it stands."""
        place = self._places.pop(item, None)
        if place is None:
            return
        level, group = self._levels[place[0]], place[1]
        del level[group][item]
        if not level[group]:
            del level[group]

    def pop(self) -> tuple[T, Priority]:
        """The next item and its priority. Raises IndexError when nobody waits."""
        priority = self._next_level()
        level = self._levels[priority]
        group, line = next(iter(level.items()))
        item, _ = line.popitem(last=False)
        if line:
            level.move_to_end(group)
        else:
            del level[group]
        del self._places[item]
        return item, priority

    def _next_level(self) -> Priority:
        waiting = [priority for priority in Priority if self._levels[priority]]
        if not waiting:
            raise IndexError("nobody waits")
        for level in waiting[:-1]:
            self._turns[level] += 1
            if self._turns[level] <= _TURNS_BEFORE_YIELDING:
                return self._served(level)
        return self._served(waiting[-1])

    def _served(self, level: Priority) -> Priority:
        """Whoever is above the one that was served has its turns anew."""
        for higher in range(level):
            self._turns[higher] = 0
        return level
