"""What tests on real API servers share: one federation a run, one controller a module, one namespace a test."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.controller import Controller
from tests.support.federation import MEMBERS, Federation, a_federation
from tests.support.shop import Shop


@pytest.fixture(scope="session", autouse=True)
def state_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the sandboxes of this run keep their state: set once, before anything starts one, and for all of them."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("state")
        patch.setenv("XDG_STATE_HOME", str(home))
        yield home


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Host and two members, installed and joined."""
    with a_federation(f"tests-{os.getpid()}", tmp_path_factory.mktemp("federation")) as built:
        yield built


@pytest.fixture(scope="module")
def controller(federation: Federation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A controller that runs for one module's tests, with the rights that an installation grants it."""
    process = Controller(federation.controller_kubeconfig, tmp_path_factory.mktemp("controller") / "log")
    process.start()
    try:
        yield process
        process.stop()
    finally:
        process.end()


@pytest.fixture
def namespace(request: pytest.FixtureRequest) -> str:
    """A namespace name that tells which test it belongs to."""
    return re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:50].strip("-") + f"-{os.urandom(2).hex()}"


@pytest.fixture
def shop(federation: Federation, controller: Controller, namespace: str) -> Shop:  # noqa: ARG001 - it must be running
    """A federated namespace of the test's own."""
    return Shop(federation, namespace).open(*MEMBERS)


@pytest.fixture
def new_controller(federation: Federation, tmp_path: Path) -> Iterator[Callable[[], Controller]]:
    """Makes controllers that the test itself starts; whatever it leaves of them is ended."""
    made: list[Controller] = []

    def make() -> Controller:
        made.append(Controller(federation.controller_kubeconfig, tmp_path / f"controller-{len(made)}.log"))
        return made[-1]

    yield make
    for each in made:
        each.end()
