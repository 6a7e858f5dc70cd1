"""Places of their own for every test: nothing here touches the sandboxes and the cache of the person who tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def homes(tmp_path: Path) -> Iterator[Path]:
    """XDG directories under `tmp_path`, and nothing else that would lead elsewhere."""
    before = dict(os.environ)
    os.environ["XDG_STATE_HOME"] = str(tmp_path / "state")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    for name in ("KUBEBUILDER_ASSETS", "KUBEFED_SANDBOX"):
        os.environ.pop(name, None)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)
