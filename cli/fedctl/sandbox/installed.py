"""Finding servers that are there already: named ones, then $KUBEBUILDER_ASSETS, then the cached build."""

from pathlib import Path

from fedctl.sandbox import places, programs, sources
from fedctl.sandbox.errors import NoServers
from fedctl.sandbox.programs import Programs
from fedctl.sandbox.sources import Sources, Target


def cached_binary(what: Sources, target: Target) -> Path:
    """Where the build of these sources for this target lies, or will lie."""
    return places.cache_home() / "servers" / what.digest(target) / places.BINARY_NAME


def find_any(named: Path | None = None) -> Programs | None:
    """The servers to use, or None when they must be built first. Raises NoServers when a named place has none."""
    if named is not None:
        return programs.at(named)
    from_environment = programs.from_environment()
    if from_environment is not None:
        return from_environment
    built = cached_binary(sources.find(), sources.this_machine())
    return Programs(built) if built.is_file() else None


def find(named: Path | None = None) -> Programs:
    """The servers to use. Raises NoServers when there are none yet."""
    found = find_any(named)
    if found is None:
        raise NoServers("the servers have not been built yet", "Build them, once, in about 5 minutes: fedctl sandbox build")
    return found
