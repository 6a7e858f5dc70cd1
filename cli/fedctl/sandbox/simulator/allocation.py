"""Handing out pod addresses of one cluster. Pure state, no I/O.

An address that was freed is used again as late as possible, so that a client that still holds it does not find another
pod there.
"""

from ipaddress import IPv4Address, IPv4Network

from fedctl.sandbox.errors import SandboxError


class Allocation:
    """Which pod, by uid, has which address of a range."""

    def __init__(self, range_: IPv4Network, reserved: int) -> None:
        """`reserved` addresses at the start of the range belong to nodes."""
        self._first = int(range_.network_address) + reserved
        self._count = range_.num_addresses - reserved - 1
        self._next = 0
        self._by_uid: dict[str, str] = {}
        self._taken: set[str] = set()

    def note(self, uid: str, address: str) -> None:
        """Take in that a pod has an address already, from before we were started."""
        self._by_uid[uid] = address
        self._taken.add(address)

    def take(self, uid: str) -> str:
        """The pod's address; always the same until it is released. Raises SandboxError when the range is used up."""
        known = self._by_uid.get(uid)
        if known is not None:
            return known
        for _ in range(self._count):
            address = str(IPv4Address(self._first + self._next))
            self._next = (self._next + 1) % self._count
            if address not in self._taken:
                self.note(uid, address)
                return address
        raise SandboxError(f"all {self._count} pod addresses are in use")

    def release(self, uid: str) -> None:
        """The pod is gone."""
        address = self._by_uid.pop(uid, None)
        if address is not None:
            self._taken.discard(address)
