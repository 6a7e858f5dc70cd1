"""Where a sandbox keeps its things: built servers in the cache, everything of a running sandbox in one state directory.

Both follow the XDG base directories, so that tests get places of their own by setting XDG_CACHE_HOME and XDG_STATE_HOME.
"""

import os
from pathlib import Path

BINARY_NAME = "kubefed-sandbox"


def cache_home() -> Path:
    """Where built servers, and Go when it had to be fetched, are kept between sandboxes."""
    return _base("XDG_CACHE_HOME", ".cache") / "kubefed"


def sandboxes_home() -> Path:
    """The directory whose entries are the sandboxes of this user."""
    return _base("XDG_STATE_HOME", ".local/state") / "kubefed" / "sandbox"


def sandbox_dir(name: str) -> Path:
    """The one directory that holds everything of the sandbox `name`; removing it removes the sandbox's data."""
    return sandboxes_home() / name


def _base(variable: str, default: str) -> Path:
    # The XDG specification says to ignore relative paths.
    given = Path(os.environ.get(variable, ""))
    return given if given.is_absolute() else Path.home() / default
