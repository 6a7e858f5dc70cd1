"""A federation whose members run pods: real endpoint controllers and schedulers, simulated nodes."""

import os
from collections.abc import Iterator

import pytest

from tests.support.clusterset import Clusterset
from tests.support.controller import Controller
from tests.support.federation import Federation, a_federation


@pytest.fixture(scope="package")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Host and two members with controllers and schedulers, for the tests of this directory."""
    with a_federation(f"svc-{os.getpid()}", tmp_path_factory.mktemp("services"), scheduler=True) as built:
        yield built


@pytest.fixture
def clusterset(federation: Federation, controller: Controller, namespace: str) -> Clusterset:  # noqa: ARG001 - it must run
    """A namespace of the test's own in both members."""
    return Clusterset(federation, namespace).open()
