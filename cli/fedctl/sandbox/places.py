"""Where a sandbox keeps its things: built servers in the cache, everything of a running sandbox in one state directory.

Both follow the XDG base directories, so that tests get places of their own by setting XDG_CACHE_HOME and XDG_STATE_HOME.
"""

import os
import re
from pathlib import Path

from fedctl.sandbox.errors import BadTopology

BINARY_NAME = "kubefed-sandbox"
_NAME = re.compile(r"[a-z0-9][-a-z0-9]{0,39}")


def cache_home() -> Path:
    """Where built servers, and Go when it had to be fetched, are kept between sandboxes."""
    return _base("XDG_CACHE_HOME", ".cache") / "kubefed"


def sandboxes_home() -> Path:
    """The directory whose entries are the sandboxes of this user."""
    return _base("XDG_STATE_HOME", ".local/state") / "kubefed" / "sandbox"


def sandbox_dir(name: str) -> Path:
    """The one directory that holds everything of the sandbox `name`; removing it removes the sandbox's data.

    Raises BadTopology when the name could lead elsewhere.
    """
    if not _NAME.fullmatch(name):
        raise BadTopology(
            f"{name!r} cannot name a sandbox", "Use lower-case letters, digits and '-', at most 40 characters."
        )
    return sandboxes_home() / name


def _base(variable: str, default: str) -> Path:
    # The XDG specification says to ignore relative paths.
    given = Path(os.environ.get(variable, ""))
    return given if given.is_absolute() else Path.home() / default
