"""Where simulated pods are reachable: nowhere, unless the isolated mode puts something real behind their addresses."""

from typing import Protocol

from fedctl.sandbox.simulator.pods import Pod


class PodNetwork(Protocol):
    """Told which pods run. Both calls may come more than once for a pod and must not block."""

    def connect(self, pod: Pod) -> None:
        """A pod runs, with the address in its status."""

    def disconnect(self, uid: str) -> None:
        """A pod does not run any more."""


class NoNetwork:
    """Addresses that exist on paper only."""

    def connect(self, pod: Pod) -> None:
        """Nothing listens."""

    def disconnect(self, uid: str) -> None:
        """Nothing to stop."""
