"""A network namespace of its own: getting into one, or saying why this machine does not let us. Linux only.

As root `unshare -n` does; other users become root of a new user namespace first. Some hosts forbid that.
"""

import shutil
import subprocess
import sys

from fedctl.sandbox.errors import NotIsolated

_WAYS = (["--net"], ["--user", "--map-root-user", "--net"])

_HOW_TO_ALLOW = """\
Any one of these helps:
  run it as root (in a container: docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined)
  sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0    (Ubuntu 24.04 and newer)
  sudo sysctl -w kernel.unprivileged_userns_clone=1                (older Debian)
  sudo sysctl -w user.max_user_namespaces=10000                    (where it is 0)"""


def entrance() -> list[str]:
    """The command that runs what follows it in a new network namespace. Raises NotIsolated, saying what would help."""
    if sys.platform != "linux":
        advice = "Use a Linux machine or VM; without --isolated everything but real pod addresses works here too."
        raise NotIsolated("the isolated mode needs Linux network namespaces", advice)
    unshare = shutil.which("unshare")
    if unshare is None:
        raise NotIsolated("the program unshare is missing", "Install the package util-linux.")
    refusals = []
    for way in _WAYS:
        tried = subprocess.run([unshare, *way, "true"], capture_output=True, text=True, check=False, timeout=30)
        if tried.returncode == 0:
            return [unshare, *way, "--"]
        refusals.append(f"  unshare {' '.join(way)}: {tried.stderr.strip().removeprefix('unshare: ')}")
    refused = "\n".join(refusals)
    raise NotIsolated(f"this machine does not allow network namespaces:\n{refused}", _HOW_TO_ALLOW)
