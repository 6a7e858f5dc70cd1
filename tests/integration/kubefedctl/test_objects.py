"""KubeFed's kubefedctl and ours federate objects, and say what becomes of copies, side by side."""

from pathlib import Path

import pytest
import yaml

from kubefed.core.markers import ORPHAN_ANNOTATION
from kubefed.core.names import ObjectKey
from tests.builders import kinds
from tests.integration.kubefedctl.allowed import ENABLED
from tests.integration.kubefedctl.shop import goods
from tests.integration.kubefedctl.sidebyside import FATAL, Sides
from tests.integration.kubefedctl.worlds import NEW
from tests.support.federation import SYSTEM


@pytest.mark.parametrize(
    "what", ["cm hours", "secrets word", "svc web", "deploy web", "deployments.apps web", "sa robot", "ns shop"]
)
def test_a_federated_object_is_printed_to_the_byte(sides: Sides, shop: str, what: str) -> None:
    with sides.changing_alike():
        said = sides.same(f"federate {what} -n {shop} -o yaml", f"federate {what} --output=yaml --namespace={shop}")
    assert yaml.safe_load(said)["spec"]["placement"] == {"clusterSelector": {"matchLabels": {}}}


def test_objects_are_federated(sides: Sides, shop: str) -> None:
    sides.same("enable configmaps", "enable ns")
    with sides.changing_alike():
        sides.same(f"federate secret word -n {shop}", f"federate cm none -n {shop}", "federate cm hours", code=FATAL)
        assert sides.same(f"federate cm hours -n {shop} --dry-run") == ""
        assert sides.same(f"federate cm hours -n {shop}", "federate namespace shop") == ""
        sides.same(f"federate cm hours -n {shop}", "federate cm hours -c", code=FATAL)
    with sides.changing_alike(*ENABLED):
        assert sides.same(f"federate secret word -tn {shop} -v=2").splitlines() == [
            "customresourcedefinition.apiextensions.k8s.io/federatedsecrets.types.kubefed.io created",
            f"federatedtypeconfig.core.kubefed.io/secrets created in namespace {SYSTEM}",
        ]
    for world in sides.worlds.values():
        assert world.host.find(kinds.SECRETS.federated, ObjectKey(shop, "word"))


def test_files_are_federated_without_looking_at_the_cluster(sides: Sides, tmp_path: Path) -> None:
    file = tmp_path / "objects.yaml"
    file.write_text(yaml.safe_dump_all(manifest for _, manifest in goods()))
    with sides.changing_alike():
        said = sides.same(f"federate -f {file}")
        assert sides.same("federate --filename -", stdin=file.read_text()) == said
        sides.same("federate -f nowhere.yaml", f"federate cm hours -f {file}", code=FATAL)
    assert len(list(yaml.safe_load_all(said))) == len(goods())


def test_contents_are_what_people_put_into_a_namespace(sides: Sides, shop: str) -> None:
    """KubeFed also federates what Kubernetes itself makes there, which then is fought over in every member."""
    line = f"federate ns {shop} --contents -o yaml"
    of_kubernetes = {
        ("FederatedConfigMap", "kube-root-ca.crt"),
        ("FederatedServiceAccount", "default"),
        ("FederatedEndpointSlice", "web"),
        ("FederatedReplicaSet", "web"),
        ("FederatedPod", "web"),
    }
    for skipped in ("", " --skip-api-resources rs,pods", " -s apps -s svc,Secret", " -s serviceaccounts,deployments.apps"):
        both = sides.run(line + skipped)
        assert (both.old.code, both.new.code) == (0, 0)
        old, new = (
            {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(done.out)}
            for done in (both.old, both.new)
        )
        assert new == {key: each for key, each in old.items() if key in new}
        assert {
            (kind, name.partition("-")[0] if name.startswith("web-") else name) for kind, name in {*old} - {*new}
        } <= of_kubernetes
        assert len(new) >= len(goods()) - 3


def test_contents_of_types_that_are_not_enabled_are_left_out(sides: Sides, shop: str) -> None:
    """KubeFed does nothing at all when one type of the contents is not enabled, EndpointSlices for example."""
    sides.same("enable configmaps", "enable ns")
    both = sides.run(f"federate ns {shop} --contents")
    assert (both.old.code, both.new.code) == (FATAL, 0)
    assert "left out, because their types are not federated: " in both.new.err
    new = sides.worlds[NEW].host
    assert new.find(kinds.CONFIG_MAPS.federated, ObjectKey(shop, "hours"))
    assert new.find(kinds.NAMESPACES.federated, ObjectKey(shop, shop))


def test_orphaning_deletion_is_switched_and_shown(sides: Sides, shop: str) -> None:
    sides.same("enable configmaps", f"federate cm hours -n {shop}")
    command = "orphaning-deletion"
    with sides.changing_alike():
        assert sides.same(f"{command} status federatedconfigmap hours -n {shop}") == "Disabled\n"
        assert sides.same(*[f"{command} enable fcm hours -n {shop} --dry-run=false"] * 2) == ""
        assert sides.same(f"{command} status federatedconfigmaps.types.kubefed.io hours -n {shop}") == "Enabled\n"
        key = ObjectKey(shop, "hours")
        annotations = sides.worlds[NEW].host.get(kinds.CONFIG_MAPS.federated, key)["metadata"]["annotations"]
        assert annotations == {ORPHAN_ANNOTATION: "true"}
        assert sides.same(*[f"{command} disable FederatedConfigMap hours -n {shop}"] * 2) == ""
        sides.same(f"{command} status fcm none -n {shop}", f"{command} enable nonsense x", code=FATAL)


def test_orphaning_deletion_of_what_is_not_federated_is_warned_about(sides: Sides, shop: str) -> None:
    said = sides.same(f"orphaning-deletion status configmap hours -n {shop}")
    assert said == "Warning: configmaps/v1 might not be a federated resource\nDisabled\n"
    said = sides.same(f"orphaning-deletion disable deploy web -n {shop}")
    assert said == "Warning: deployments.apps/v1 might not be a federated resource\n"
