"""Where simulated pods are reachable: nowhere, unless the isolated mode puts something real behind their addresses."""

from typing import Protocol

from fedctl.sandbox.simulator.pods import Pod


class PodNetwork(Protocol):
    """Told which pods run. Both calls may come more than once for the same pod."""

    async def connect(self, pod: Pod, address: str) -> None:
        """A pod is about to run: when this returns, its ports answer."""

    async def disconnect(self, uid: str) -> None:
        """A pod does not run any more."""


class NoNetwork:
    """Addresses that exist on paper only."""

    async def connect(self, pod: Pod, address: str) -> None:
        """Nothing listens."""

    async def disconnect(self, uid: str) -> None:
        """Nothing to stop."""
