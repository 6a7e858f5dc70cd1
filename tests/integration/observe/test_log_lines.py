"""A controller that is started with KubeFed's command line says, in KubeFed's words, what scripts wait for."""

from pathlib import Path

import yaml

from fedctl.federation import CONFIGS
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from kubefed.version import __version__
from tests.support.controller import Controller
from tests.support.federation import SYSTEM, Federation
from tests.support.waiting import eventually

FLAGS = (
    f"--kubefed-namespace={SYSTEM}",
    "--rest-config-qps=100",
    "--rest-config-burst=200",
    "--logtostderr=true",
    "--stderrthreshold",
    "2",
    "-v=2",
)
LINES = (
    f'Using valid KubeFedConfig \\"{SYSTEM}/kubefed\\"',
    "KubeFed will target all namespaces",
    "promoted as leader",
    "Starting cluster controller",
    'Started sync controller for \\"FederatedConfigMap\\"',
)


def test_the_lines_that_scripts_wait_for_are_logged(federation: Federation, tmp_path: Path) -> None:
    controller = Controller(federation.controller_kubeconfig, tmp_path / "log", flags=FLAGS)
    controller.start()
    try:
        eventually(controller.is_leader, "it leads", within_s=60)
        eventually(lambda: all(line in controller.said() for line in LINES), f"{LINES} are in {controller.log}")
        assert controller.said().startswith(f"KubeFed controller-manager version: {__version__}\n")
    finally:
        controller.end()


def test_a_configuration_in_a_file_counts_and_the_hosts_own_is_left_alone(federation: Federation, tmp_path: Path) -> None:
    before = federation.host.get(CONFIGS, ObjectKey(SYSTEM, CONFIG_NAME))
    spec = {**before["spec"], "featureGates": [{"name": "PushReconciler", "configuration": "Disabled"}]}
    file = tmp_path / "kubefed.yaml"
    file.write_text(yaml.safe_dump({**before, "spec": spec}), encoding="utf-8")
    controller = Controller(federation.controller_kubeconfig, tmp_path / "log", flags=[f"--kubefed-config={file}"])
    controller.start()
    try:
        eventually(lambda: "PushReconciler is Disabled" in controller.said(), "the file's feature gate counts")
        assert federation.host.get(CONFIGS, ObjectKey(SYSTEM, CONFIG_NAME)) == before
    finally:
        controller.end()
