"""Taking away a member that kind made: its control plane's container is frozen, and let go on."""

import shutil
import subprocess
from collections.abc import Sequence

from fedctl.demo.checks import NotShown

_PREFIX = "kind-"
_WITHIN_S = 60


class KindBreaker:
    """Freezes a kind cluster's control plane. Stopped containers may come back under other addresses; frozen ones stay."""

    deed = "its control plane is frozen, with `docker pause`"

    @staticmethod
    def knows(contexts: Sequence[str]) -> bool:
        """Whether all of these are kind's, on a machine with docker."""
        return shutil.which("docker") is not None and all(context.startswith(_PREFIX) for context in contexts)

    def take_away(self, context: str) -> None:
        """It takes connections, and never answers."""
        _docker("pause", context)

    def bring_back(self, context: str) -> None:
        """It goes on where it was."""
        _docker("unpause", context)


def _docker(verb: str, context: str) -> None:
    container = f"{context.removeprefix(_PREFIX)}-control-plane"
    command = ["docker", verb, container]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_WITHIN_S, check=False)
    if done.returncode:
        raise NotShown(f"`docker {verb} {container}` failed:\n{done.stderr.strip()}")
