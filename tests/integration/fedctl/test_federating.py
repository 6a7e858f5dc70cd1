"""Types are enabled and disabled, objects federated, and federated objects shown."""

import json
from typing import Any

import pytest
import yaml

from fedctl.federation import TYPE_CONFIGS
from fedctl.kinds import CRDS
from fedctl.manifests import key_of
from kubefed.core.markers import ORPHAN_ANNOTATION
from kubefed.core.names import ObjectKey, ResourceType
from tests.builders import kinds
from tests.builders.kinds import a_type
from tests.integration.fedctl.conftest import Cli, state
from tests.support.controller import Controller
from tests.support.federation import HOST, MEMBER1, MEMBERS, SYSTEM, Federation, in_compatible_trust
from tests.support.kinds import GROUP
from tests.support.manifests import Manifest, field_of, replace
from tests.support.shop import Shop, everywhere, fine
from tests.support.waiting import eventually, eventually_equal

GADGETS = a_type(ResourceType(GROUP, "v1", "gadgets", "Gadget", namespaced=True))
CRD = ObjectKey("", "federatedgadgets.types.kubefed.io")
PODS = ResourceType("", "v1", "pods", "Pod", namespaced=True)
EVERYWHERE: Manifest = {"clusterSelector": {"matchLabels": {}}}


# --- types -----------------------------------------------------------------------------------------------------


def test_a_type_of_a_users_own_is_enabled_propagates_and_is_disabled(cli: Cli, shop: Shop) -> None:
    federation = shop.federation
    for name in (HOST, *MEMBERS):
        federation.serve(GADGETS, name)
    before = state(federation, HOST)
    configuration, crd = yaml.safe_load_all(cli("enable", "Gadget", "-o", "yaml").out)
    assert (configuration["kind"], crd["kind"]) == ("FederatedTypeConfig", "CustomResourceDefinition")
    dry = cli("enable", "gadgets", "--dry-run").out
    assert state(federation, HOST) == before

    said = cli("enable", "gadgets")

    assert said.out == dry
    assert said.out.splitlines() == [
        f"customresourcedefinition.apiextensions.k8s.io/{CRD.name} created",
        f"federatedtypeconfig.core.kubefed.io/gadgets.{GROUP} created in namespace {SYSTEM}",
    ]
    assert in_compatible_trust() or "join" in said.err  # members' accounts have no rights to the type yet
    for member in MEMBERS:
        cli("join", "cluster", member)
    wish = shop.settle(shop.a(GADGETS, "one").with_template({"spec": {"size": 3}}).placed_on(*MEMBERS))
    assert shop.copies(wish, "spec", "size") == everywhere(3)

    refused = cli("disable", "gadgets", "--delete-crd", code=1)
    assert f"such as {shop.namespace}/one" in refused.err
    shop.delete(wish)
    shop.await_gone(wish)
    said = cli("disable", "gadgets", "--delete-crd")
    name = f"{SYSTEM}/gadgets.{GROUP}"
    assert said.out.splitlines() == [
        f'Disabled propagation for FederatedTypeConfig "{name}"',
        f'Verifying propagation controller is stopped for FederatedTypeConfig "{name}"',
        f'Propagation controller for FederatedTypeConfig "{name}" is stopped',
        f'customresourcedefinition "{CRD.name}" deleted',
        f'federatedtypeconfig "{name}" deleted',
    ]
    assert federation.host.find(TYPE_CONFIGS, ObjectKey(SYSTEM, f"gadgets.{GROUP}")) is None
    eventually(lambda: federation.host.find(CRDS, CRD) is None, "the CRD is gone")


def test_types_are_shown_with_whether_their_controllers_run(cli: Cli, controller: Controller) -> None:  # noqa: ARG001
    def running() -> dict[str, str]:
        types = json.loads(cli("get", "types", "-o", "json").out)["types"]
        return {each["name"]: each["controller"] for each in types}

    eventually(lambda: running().get("configmaps") == "Running", "the controller of ConfigMaps says that it runs")
    assert "FederatedConfigMap" in cli("get", "types").out


# --- federating ------------------------------------------------------------------------------------------------


def a_config_map(shop: Shop, name: str, **metadata: Any) -> None:
    shop.make(HOST, kinds.CONFIG_MAPS.target, name, {"metadata": metadata, "data": {"colour": "red"}})


def test_an_object_is_federated_printed_and_not_federated_twice(cli: Cli, shop: Shop) -> None:
    a_config_map(shop, "settings", labels={"team": "blue"}, annotations={"example.com/note": "x"})
    words = ("configmap", "settings", "-n", shop.namespace)

    [printed] = yaml.safe_load_all(cli("federate", *words, "-o", "yaml").out)
    assert printed["spec"] == {
        "template": {"metadata": {"labels": {"team": "blue"}}, "data": {"colour": "red"}},
        "placement": EVERYWHERE,
    }
    assert "Dry run" in cli("federate", *words, "--dry-run").err
    wish = shop.config_map("settings")
    assert shop.stored(wish) is None

    said = cli("federate", "resource", *words)
    assert "federatedconfigmap.types.kubefed.io/settings created" in said.out
    assert "example.com/note" in said.err
    shop.await_told(wish, fine(*MEMBERS))
    assert shop.copies(wish, "data", "colour") == everywhere("red")
    assert "exists already" in cli("federate", *words, code=1).err


def test_a_namespace_is_federated_with_what_people_put_into_it(cli: Cli, shop: Shop) -> None:
    for name in ("one", "two"):
        a_config_map(shop, name)
    shop.make(HOST, kinds.SECRETS.target, "skipped", {"data": {}})
    namespace = shop.fed_namespace()
    shop.delete(namespace)
    shop.await_gone(namespace)

    said = cli("federate", "namespace", shop.namespace, "--contents", "--skip-api-resources", "secrets")

    created = [line.split()[0] for line in said.out.splitlines()]
    assert created[0] == f"federatednamespace.types.kubefed.io/{shop.namespace}"
    assert {each.rpartition("/")[2] for each in created[1:]} == {"one", "two"}
    for name in ("one", "two"):
        shop.await_told(shop.config_map(name), fine(*MEMBERS))
    assert shop.stored(shop.a(kinds.SECRETS, "skipped")) is None


def test_manifests_from_stdin_are_federated_without_asking_anybody(cli: Cli, shop: Shop) -> None:
    documents = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "b"}} for name in "xy"]
    text = yaml.safe_dump_all(documents).encode()
    printed = list(yaml.safe_load_all(cli("federate", "-f", "-", "--kubeconfig", "/nonexistent", stdin=text).out))
    assert [each["kind"] for each in printed] == ["FederatedConfigMap"] * 2
    for each in printed:
        each["metadata"]["namespace"] = shop.namespace
        shop.federation.host.create(kinds.CONFIG_MAPS.federated, each)
    shop.await_told(shop.config_map("x"), fine(*MEMBERS))


# --- seeing ----------------------------------------------------------------------------------------------------


def shown(cli: Cli, shop: Shop, *words: str) -> list[Manifest]:
    found: list[Manifest] = json.loads(cli("get", *words, "-n", shop.namespace, "-o", "json").out)["objects"]
    return found


def test_copies_are_counted_in_the_members_and_in_total(cli: Cli, shop: Shop) -> None:
    wish = shop.settle(shop.deployment(replicas=2))
    make_ready(shop, MEMBERS[0], 2)
    make_ready(shop, MEMBERS[1], 1)
    eventually_equal(lambda: shown(cli, shop, "deploy", "web")[0]["ready"], {"ready": 3, "desired": 4, "unknown": 0})
    table = cli("get", "deployments", "-n", shop.namespace).out
    assert "member1 2/2, member2 1/2" in table
    assert shop.namespace in cli("get", "fdeploy", "-A").out
    page = cli("describe", "deploy", wish.key.name, "-n", shop.namespace).out
    assert "3/4 in 2 clusters" in page


def make_ready(shop: Shop, member: str, number: int) -> None:
    """Have so many of the member's two pods say that they are ready; there is no node that would run them."""
    server = shop.federation.servers[member]

    def pods() -> list[Manifest]:
        return list(server.objects(PODS, shop.namespace))

    eventually(lambda: len(pods()) == 2, f"{member} has made its pods")
    for pod in pods()[:number]:
        status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
        server.merge(PODS, key_of(pod), {"status": status}, subresource="status")


def test_one_object_is_described_with_placement_overrides_versions_and_events(cli: Cli, shop: Shop) -> None:
    wish = shop.deployment(replicas=2).placed_by_labels(name=MEMBER1).overridden(MEMBER1, replace("/spec/replicas", 5))
    shop.settle(wish, MEMBER1)

    def described() -> str:
        return cli("describe", "deployments", "web", "-n", shop.namespace).out

    eventually(lambda: "CreateInCluster" in described(), "an event is written and shown")
    page = described()
    for part in (
        f"FederatedDeployment {shop.namespace}/web",
        "Ok: 1 of 1 selected cluster has the copy",
        "label name=member1",
        "label name is 'member2', wanted: 'member1'",
        "member1: replace /spec/replicas = 5",
        "kubefed.io/sync-controller",
        shop.recorded(wish)[MEMBER1],
    ):
        assert part in page


def test_a_secret_is_described_without_its_values(cli: Cli, shop: Shop) -> None:
    template = {"data": {"key": "Y2FuYXJ5"}}
    wish = shop.a(kinds.SECRETS, "pw").with_template(template).placed_on(*MEMBERS)
    shop.settle(wish.overridden(MEMBER1, replace("/data/key", "Y2FuYXJ5Mg==")))
    for command in (("describe", "secret", "pw"), ("get", "secrets", "-o", "yaml"), ("get", "secrets", "-o", "wide")):
        said = cli(*command, "-n", shop.namespace)
        assert "pw" in said.out
        assert "Y2FuYXJ5" not in said.all


def test_a_copy_that_a_member_refuses_shows_why(cli: Cli, shop: Shop) -> None:
    shop.create(shop.deployment().overridden(MEMBER1, replace("/spec/replicas", -1)))
    eventually(lambda: shown(cli, shop, "deploy")[0]["lastError"], "the error is shown")
    [row] = shown(cli, shop, "deploy")
    assert row["lastError"].startswith("member1: ")
    assert "422" in row["lastError"]
    assert "What is wrong\n  member1: " in cli("describe", "deploy", "web", "-n", shop.namespace).out


@pytest.mark.parametrize("kind", ["federateddeployment", "deploy"])
def test_orphaning_is_switched_and_shown_as_kubefed_did(cli: Cli, shop: Shop, kind: str) -> None:
    wish = shop.create(shop.deployment())
    words = (kind, "web", "-n", shop.namespace)

    def annotation() -> Any:
        return field_of(shop.stored(wish) or {}, "metadata", "annotations", ORPHAN_ANNOTATION)

    assert cli("orphaning-deletion", "status", *words).out == "Disabled\n"
    assert cli("orphaning-deletion", "enable", *words, "--dry-run").out == ""
    assert annotation() is None
    assert cli("orphaning-deletion", "enable", *words).out == ""
    assert annotation() == "true"
    assert cli("orphaning-deletion", "status", *words).out == "Enabled\n"
    assert cli("orphaning-deletion", "disable", *words).out == ""
    assert annotation() is None


def test_nothing_to_show_is_said(cli: Cli, shop: Shop, federation: Federation) -> None:  # noqa: ARG001
    said = cli("get", "configmaps", "-n", shop.namespace)
    assert (said.out, said.err) == ("", f"There is no FederatedConfigMap in namespace {shop.namespace}.\n")
    missing = cli("describe", "configmap", "none", "-n", shop.namespace, code=1)
    assert f"there is no FederatedConfigMap {shop.namespace}/none" in missing.err
