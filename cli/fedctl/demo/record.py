"""What is known of the demo between `up` and `down`: one JSON file in its directory, and the lock on that directory."""

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from fedctl.sandbox import locks, places
from fedctl.sandbox.processes import ProcessId
from kubefed.core.errors import Misconfigured

_FILE = "demo.json"


class Record(BaseModel):
    """The demo that was started last.

    `contexts` is empty for the demo's own sandbox, else the host's and then the members' contexts in `kubeconfig`.
    `ports` are the controller's, chosen before it starts, so that it can be recognised even when `controller` could not
    be written any more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    contexts: tuple[str, ...] = ()
    kubeconfig: str = ""
    ports: tuple[int, ...] = ()
    controller: ProcessId | None = None


def directory() -> Path:
    """Where the demo keeps its record and the controller's log."""
    return places.sandboxes_home().parent / "demo"


def load() -> Record | None:
    """The record, or None when there is none. Raises Misconfigured when it cannot be read."""
    file = directory() / _FILE
    try:
        return Record.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise Misconfigured(f"{file} is damaged: remove it, and then run the command again") from None


def save(record: Record) -> None:
    """Write it, as a whole or not at all."""
    file = directory() / _FILE
    draft = file.with_suffix(".draft")
    draft.write_text(record.model_dump_json(indent=2), encoding="utf-8")
    draft.replace(file)


def remove() -> None:
    """Forget the demo, its log included."""
    shutil.rmtree(directory(), ignore_errors=True)
    with contextlib.suppress(OSError):
        directory().parent.rmdir()  # only when no sandbox is left in it either


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the demo's lock. Raises Misconfigured when another `fedctl demo` is at work."""
    directory().mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with locks.exclusive(directory(), timeout_s=0):
            yield
    except locks.Busy:
        raise Misconfigured("another `fedctl demo` is at work: let it end first") from None
