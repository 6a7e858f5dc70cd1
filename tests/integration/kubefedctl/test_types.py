"""KubeFed's kubefedctl and ours enable and disable types, side by side."""

from pathlib import Path

import pytest
import yaml

from fedctl.federation import TYPE_CONFIGS
from fedctl.kinds import CRDS
from kubefed.core.names import ObjectKey
from tests.integration.kubefedctl.allowed import ENABLED
from tests.integration.kubefedctl.shop import forget
from tests.integration.kubefedctl.sidebyside import FATAL, PANIC, Sides
from tests.integration.kubefedctl.worlds import OLD
from tests.support.federation import HOST, SYSTEM

DIRECTIVE = """\
apiVersion: core.kubefed.io/v1beta1
kind: EnableTypeDirective
metadata: {name: jobs.batch}
spec: {targetVersion: v1, federatedGroup: jobs.example.com, federatedVersion: v1beta1}
"""


def _stopped(sides: Sides, type_name: str) -> None:
    """As a controller reports once it has seen that propagation is disabled. None runs here."""
    for world in sides.worlds.values():
        key = ObjectKey(SYSTEM, type_name)
        generation = world.host.get(TYPE_CONFIGS, key)["metadata"]["generation"]
        status = {"observedGeneration": generation, "propagationController": "NotRunning"}
        world.host.merge(TYPE_CONFIGS, key, {"status": status}, subresource="status")


@pytest.mark.parametrize("name", ["configmaps", "Deployment", "sa", "ns", "ingresses.networking.k8s.io"])
def test_a_type_is_enabled_and_disabled(sides: Sides, name: str) -> None:
    with sides.changing_alike():
        dry = sides.same(f"enable {name} --dry-run")
    with sides.changing_alike(*ENABLED):
        said = sides.same(f"enable {name} --host-cluster-context={HOST}")
    assert said == dry
    assert said.startswith("customresourcedefinition.apiextensions.k8s.io/federated")
    with sides.changing_alike():
        assert sides.same(f"enable {name}") == said.replace("created", "updated")
        sides.same(f"enable {name} --federated-group x.example.com", code=FATAL)
    stored = said.splitlines()[1].partition("/")[2].partition(" ")[0]
    with sides.changing_alike(*ENABLED):
        assert sides.same(f"disable {name} --dry-run") == ""
        sides.merge(TYPE_CONFIGS, ObjectKey(SYSTEM, stored), {"spec": {"propagation": "Disabled"}})
        _stopped(sides, stored)
        assert f'federatedtypeconfig "{SYSTEM}/{stored}" deleted\n' in sides.same(f"disable {stored} --delete-crd")
    assert sides.same(f"disable {stored}") == f'FederatedTypeConfig "{SYSTEM}/{stored}" does not exist\n'
    assert "does not exist" in sides.same(f"disable {stored} --delete-crd").splitlines()[1]


def test_the_lines_of_disabling_a_type_that_propagates(sides: Sides) -> None:
    sides.same("enable configmaps")
    _stopped(sides, "configmaps")
    name = f'FederatedTypeConfig "{SYSTEM}/configmaps"'
    assert sides.same("disable cm").splitlines() == [
        f"Disabled propagation for {name}",
        f"Verifying propagation controller is stopped for {name}",
        f"Propagation controller for {name} is stopped",
        f'federatedtypeconfig "{SYSTEM}/configmaps" deleted',
    ]
    forget(sides, "configmaps")


@pytest.mark.parametrize(
    "line", ["enable nonsense", "enable deployments.extensions", "enable -f nowhere.yaml", "disable nonsense"]
)
def test_a_type_that_is_not_there_is_an_error(sides: Sides, line: str) -> None:
    with sides.changing_alike():
        sides.same(line, code=FATAL)


def test_a_type_is_enabled_by_a_file(sides: Sides, tmp_path: Path) -> None:
    file = tmp_path / "directive.yaml"
    file.write_text(DIRECTIVE)
    with sides.changing_alike(*ENABLED):
        assert "federatedjobs.jobs.example.com created" in sides.same(
            f"enable -f {file} --federated-group ignored.example.com"
        )
    sides.delete(TYPE_CONFIGS, ObjectKey(SYSTEM, "jobs.batch"))
    sides.delete(CRDS, ObjectKey("", "federatedjobs.jobs.example.com"))


def test_what_enabling_would_write_can_be_printed_where_kubefed_v0_10_crashes(sides: Sides) -> None:
    with sides.changing_alike():
        both = sides.run("enable configmaps -o yaml")
    assert (both.old.code, both.old.out, both.new.code) == (PANIC, "---\n", 0)
    type_config, crd = yaml.safe_load_all(both.new.out)
    with sides.changing_alike(*ENABLED):
        sides.same("enable configmaps")
    written = sides.worlds[OLD].host.get(TYPE_CONFIGS, ObjectKey(SYSTEM, "configmaps"))
    assert written["spec"] == type_config["spec"]
    assert crd["metadata"]["name"] == "federatedconfigmaps.types.kubefed.io"
    forget(sides, "configmaps")


def test_a_type_with_objects_keeps_its_crd(sides: Sides, shop: str) -> None:
    sides.same("enable configmaps", f"federate configmap hours -n {shop}")
    with sides.changing_alike():
        sides.same("disable configmaps --delete-crd", code=FATAL)


def test_a_type_that_no_controller_ever_saw_is_disabled_at_once(sides: Sides) -> None:
    """KubeFed waits ten seconds for a status that nobody will write, and gives up; its lines up to there are ours."""
    sides.same("enable configmaps")
    both = sides.run("disable configmaps")
    assert (both.old.code, both.new.code) == (FATAL, 0)
    assert both.new.out.startswith(both.old.out)
    forget(sides, "configmaps")
