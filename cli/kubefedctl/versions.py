"""`kubefedctl version`: one line, in the form of a Go struct, as scripts take it apart."""

import json
import platform
from collections.abc import Mapping

from fedctl.telling import say
from kubefed.version import __version__
from kubefedctl.command import Call, Command

_GO_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_UNKNOWN = "unknown"


def version_line() -> str:
    """KubeFed's fields with what is known of this build. There is no Go in it, so GoVersion names Python."""
    machine = platform.machine().lower()
    fields: Mapping[str, str] = {
        "Version": f"v{__version__}",
        "GitCommit": _UNKNOWN,
        "GitTreeState": _UNKNOWN,
        "BuildDate": _UNKNOWN,
        "GoVersion": f"python{platform.python_version()}",
        "Compiler": platform.python_implementation().lower(),
        "Platform": f"{platform.system().lower()}/{_GO_MACHINES.get(machine, machine)}",
    }
    return (
        f"kubefedctl version: version.Info{{{', '.join(f'{name}:{json.dumps(value)}' for name, value in fields.items())}}}"
    )


def version(_: Call) -> None:
    """Print it."""
    say(version_line())


VERSION = Command(
    name="version",
    meaning="Print the version of this program",
    example="kubefedctl version",
    run=version,
)
