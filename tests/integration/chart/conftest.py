"""Helm as its own project builds it, and a host cluster to install into."""

import os
from collections.abc import Iterator

import pytest

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.sandbox.running import Sandbox
from tests.tools.helm_program import Helm, built


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """A Helm that reaches no cluster."""
    return Helm(built(), tmp_path_factory.mktemp("helm"))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A host without controllers: what is installed in it stays as it was installed. And a member."""
    with Sandbox.started(1, name=f"chart-{os.getpid()}", controllers=False) as started:
        yield started


@pytest.fixture(scope="module")
def installing(helm: Helm, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """A Helm with an administrator's kubeconfig for the host."""
    return Helm(helm.program, tmp_path_factory.mktemp("helm"), sandbox.host.kubeconfig)


@pytest.fixture(scope="module")
def host(sandbox: Sandbox) -> Iterator[ApiServer]:
    """The host's API server."""
    with ApiServer.opened(open_context(str(sandbox.kubeconfig), "host")) as server:
        yield server


@pytest.fixture(scope="module")
def member(sandbox: Sandbox) -> Iterator[ApiServer]:
    """The member's API server."""
    with ApiServer.opened(open_context(str(sandbox.kubeconfig), "member1")) as server:
        yield server
