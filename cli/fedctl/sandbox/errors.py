"""What can go wrong with a sandbox, named by what a person does next. Each class has its own exit code.

SandboxError (1)
├── BadTopology (2)       the topology, or another input, cannot work: correct it
├── NotRunning (3)        there is no such sandbox or cluster: start it, or name another
├── NoServers (4)         the server binary cannot be had: Go is missing, the build failed, a path is wrong
├── TooSmall (5)          the machine has too little memory or disk
├── StartFailed (6)       a server did not come up; the end of its log is in the message
└── NotIsolated (7)       this machine does not allow, or does not know, network namespaces
"""

from kubefed.core.errors import KubefedError


class SandboxError(KubefedError):
    """Something about a sandbox failed: `what` happened to what, and what `todo` next."""

    exit_code = 1

    def __init__(self, what: str, todo: str = "") -> None:
        self.what = what
        self.todo = todo
        super().__init__(what if not todo else f"{what}\n{todo}")


class BadTopology(SandboxError):
    """The description of the clusters cannot work."""

    exit_code = 2


class NotRunning(SandboxError):
    """No sandbox, or no cluster, of that name is there."""

    exit_code = 3


class NoServers(SandboxError):
    """The binary with the servers cannot be had."""

    exit_code = 4


class TooSmall(SandboxError):
    """Memory or disk do not suffice."""

    exit_code = 5


class StartFailed(SandboxError):
    """A server went away, or did not become ready in time."""

    exit_code = 6


class NotIsolated(SandboxError):
    """A network namespace of its own is not to be had here."""

    exit_code = 7
