"""Helm as its own project builds it, and a host cluster to install into."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedctl.sandbox.running import Sandbox
from tests.tools.helm_program import Helm, built


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """A Helm that reaches no cluster."""
    return Helm(built(), tmp_path_factory.mktemp("helm"))


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A host without controllers: what is installed in it stays as it was installed. And a member."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    with Sandbox.started(1, name=f"chart-{os.getpid()}", controllers=False) as started:
        yield started
    if before is None:
        del os.environ["XDG_STATE_HOME"]
    else:
        os.environ["XDG_STATE_HOME"] = before


@pytest.fixture
def installing(helm: Helm, sandbox: Sandbox, tmp_path: Path) -> Helm:
    """A Helm with an administrator's kubeconfig for the host."""
    return Helm(helm.program, tmp_path, sandbox.host.kubeconfig)
