"""`fedctl doctor` on a federation that is well, and on one with something to report."""

from collections.abc import Iterator

import pytest

from tests.builders import kinds
from tests.integration.fedctl.conftest import Cli
from tests.support.federation import MEMBER1
from tests.support.shop import Shop


@pytest.fixture
def frozen(shop: Shop, cli: Cli) -> Iterator[Shop]:
    cli("freeze", "--cluster", MEMBER1, "--reason", "its network is moved")
    yield shop
    cli("unfreeze", "--cluster", MEMBER1)


def test_a_freeze_is_told_with_the_command_that_ends_it(frozen: Shop, cli: Cli) -> None:  # noqa: ARG001
    said = cli("doctor")
    assert "the cluster is frozen: its network is moved" in said.out
    assert f"fedctl unfreeze --cluster {MEMBER1}" in said.out


def test_an_object_from_before_admission_is_a_problem_and_the_exit_code_says_so(shop: Shop, cli: Cli) -> None:
    wish = shop.a(kinds.CONFIG_MAPS, "odd").placed_on(MEMBER1)
    shop.create(wish.overridden(MEMBER1, {"path": "/kind", "value": "Secret"}))
    said = cli("doctor", code=1)
    assert f"FederatedConfigMap {shop.namespace}/odd" in said.out
    assert "problem" in said.out
    shop.delete(wish)
    shop.await_gone(wish)
    assert f"{shop.namespace}/odd" not in cli("doctor").out


def test_before_a_kubefed_is_replaced_its_programs_locks_and_crds_are_looked_at(shop: Shop, cli: Cli) -> None:  # noqa: ARG001
    said = cli("doctor", "--kubefed")
    assert "Deployment kubefed-controller-manager" in said.out
    assert "lock Lease" in said.out
    assert "kubefed controller-manager --shadow --context host" in said.out
