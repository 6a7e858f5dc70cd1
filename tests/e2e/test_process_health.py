"""What the process says of itself to those who run it, and what it may do."""

from pathlib import Path

import pytest

from fedctl.federation import CONFIGS
from fedctl.sandbox.ports import free_ports
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from tests.e2e.conftest import Logs
from tests.support.controller import Controller
from tests.support.federation import HOST, MEMBERS, SYSTEM, Federation, write_kubeconfig
from tests.support.shop import Shop, fine
from tests.support.waiting import eventually, eventually_equal


def test_a_process_that_works_is_alive_and_ready(controller: Controller) -> None:
    assert [controller.answer(page) for page in ("healthz", "readyz")] == [200, 200]
    eventually_equal(lambda: controller.answer("livez"), 200)


def test_without_a_host_it_is_alive_not_ready_and_stops_when_told(federation: Federation, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    [port] = free_ports(1)
    write_kubeconfig(kubeconfig, f"https://127.0.0.1:{port}", federation.sandbox.host.ca_pem, "a-token")
    lonely = Controller(kubeconfig, tmp_path / "log")
    lonely.launch()
    try:
        eventually_equal(lambda: lonely.answer("healthz"), 200)
        assert lonely.answer("readyz") == 503
        eventually(lambda: "the host cluster cannot be used yet" in lonely.said(), "it says what it waits for")
        assert "a-token" not in lonely.said()
        assert lonely.stop() == 0
    finally:
        lonely.end()


def test_a_configuration_that_is_not_valid_ends_it_with_a_sentence(federation: Federation, tmp_path: Path) -> None:
    key, process = ObjectKey(SYSTEM, CONFIG_NAME), Controller(federation.controller_kubeconfig, tmp_path / "log")
    stored = federation.host.get(CONFIGS, key)
    federation.host.merge(CONFIGS, key, {"spec": {"leaderElect": {"leaseDuration": "1s"}}})
    try:
        process.launch()
        assert process.await_exit() == 1
    finally:
        process.end()
        federation.host.merge(CONFIGS, key, {"spec": stored["spec"]})
    [complaint] = [line for line in process.said().splitlines() if line.startswith("Error: ")]
    assert "leaseDuration" in complaint
    assert "Traceback" not in process.said()


@pytest.mark.usefixtures("controller")
def test_the_rights_that_an_installation_grants_are_enough_and_no_administrators(shop: Shop, logs: Logs) -> None:
    wish = shop.settle(shop.deployment())
    shop.edit(shop.deployment(replicas=3))
    shop.await_told(wish, fine(*MEMBERS))
    shop.delete(wish)
    shop.await_gone(wish)
    asked = logs.requests()
    assert asked
    assert [each for each in asked if each.code == 403] == []
    assert {each.user for each in logs.requests(HOST)} == {f"system:serviceaccount:{SYSTEM}:kubefed-controller"}
    for member in MEMBERS:
        assert {each.user for each in logs.requests(member)} == {f"system:serviceaccount:{SYSTEM}:{member}-host"}
