"""Copies of a sandbox's kubeconfig in places that a person chose: written with care, removed with the sandbox."""

import contextlib
from pathlib import Path

import yaml

from fedctl.sandbox import pki
from fedctl.sandbox import state as states
from fedctl.sandbox.errors import NotRunning, SandboxError
from fedctl.sandbox.state import State


def write(name: str, path: Path) -> None:
    """Copy the kubeconfig of a sandbox to `path` and remember that. Raises SandboxError when something else is there."""
    place = path.expanduser().absolute()
    with states.locked(name):
        state = states.load(name)
        if state is None:
            raise NotRunning(f"no sandbox {name!r} is running", f"Start it: fedctl sandbox up --name {name}")
        if place.exists() and not _is_of_a_sandbox(place, set(state.clusters)):
            raise SandboxError(
                f"{path} exists and is no kubeconfig of this sandbox; it was left alone", "Name another file."
            )
        place.parent.mkdir(parents=True, exist_ok=True)
        pki.write_private(place, state.kubeconfig.read_bytes())
        if place not in state.exported:
            state.exported.append(place)
            state.save()


def remove(state: State) -> None:
    """Remove the copies that nobody changed since."""
    with contextlib.suppress(OSError):
        original = state.kubeconfig.read_bytes()
        for place in state.exported:
            with contextlib.suppress(OSError):
                if place.read_bytes() == original:
                    place.unlink()


def _is_of_a_sandbox(place: Path, clusters: set[str]) -> bool:
    try:
        document = yaml.safe_load(place.read_text(encoding="utf-8"))
        return {context["name"] for context in document["contexts"]} == clusters
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError):
        return False
