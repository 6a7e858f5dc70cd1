"""What the trials share: one arena a run, a namespace and a controller a test, and how to repeat what failed."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.chaos.arena import ALL, SEED_VARIABLE, Arena, an_arena, seed
from tests.chaos.trial import Trial
from tests.support.controller import Controller
from tests.support.shop import Shop


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Whatever fails says how to see it again."""
    report = yield
    if report.failed:
        command = f"{SEED_VARIABLE}={seed()} .venv/bin/python -m pytest '{item.nodeid}'"
        report.sections.append(("replay", command))
    return report


@pytest.fixture(scope="session")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """Host and three members with a proxy before each."""
    with an_arena(f"chaos-{os.getpid()}", tmp_path_factory.mktemp("arena")) as built:
        yield built


@pytest.fixture
def controller(arena: Arena, tmp_path: Path) -> Iterator[Controller]:
    """A controller of the test's own, which it may kill and start again."""
    process = Controller(arena.kubeconfig, tmp_path / "controller.log")
    process.start()
    try:
        yield process
        if process.is_running():
            process.stop()
    finally:
        process.end()


@pytest.fixture
def trial(arena: Arena, controller: Controller, namespace: str) -> Trial:
    """A federated namespace of the test's own, placed in all members, and an eye on all servers from now on."""
    logs = arena.logs()
    return Trial(arena, Shop(arena.federation, namespace).open(*ALL), controller, logs)
