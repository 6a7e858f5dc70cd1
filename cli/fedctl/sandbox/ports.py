"""Free ports on loopback.

Ports come from below every system's range for outgoing connections (Linux 32768.., macOS 49152..): a stopped API server
keeps its number for its next start, and a client's outgoing connection must not take it meanwhile. A probe cannot
reserve a port against other programs; who loses that race sees the server exit and asks for another one.
"""

import secrets
import socket
from collections.abc import Collection
from contextlib import closing

from fedctl.sandbox.errors import SandboxError

LOWEST, HIGHEST = 12000, 32000
_TRIES = 2000


def free_ports(count: int, avoid: Collection[int] = ()) -> list[int]:
    """`count` different ports that nobody listens on now, none of `avoid`. Raises SandboxError when there are none."""
    found: list[int] = []
    for _ in range(_TRIES):
        if len(found) == count:
            return found
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        if port not in avoid and port not in found and is_free(port):
            found.append(port)
    raise SandboxError(
        f"no free port found between {LOWEST} and {HIGHEST} on 127.0.0.1", "Stop what listens there and try again."
    )


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:`port` now, and also on all addresses."""
    return all(_can_bind(address, port) for address in ("127.0.0.1", ""))


def _can_bind(address: str, port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        # As Go's net package does: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True
