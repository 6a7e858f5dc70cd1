"""Every manifest in examples/ does what its comment says, when the commands in that comment are run."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.demo.exhibits import COGWHEEL, CONFIGMAPS, SERVICES, SHOP, colour_of, web_of
from fedctl.demo.federating import web_in
from fedctl.federation import CLUSTERS
from fedctl.get.clusters import cluster_row
from fedctl.kinds import DEPLOYMENTS, NAMESPACES, SECRETS
from fedctl.sandbox import topology
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.running import Sandbox
from kubefed.core.markers import DEFAULT_NAMESPACE, MANAGED_LABEL
from kubefed.core.names import ObjectKey, ResourceType
from tests.e2e.newcomer import ROOT, Newcomer
from tests.support.controller import Controller
from tests.support.waiting import eventually_equal

EXAMPLES = ROOT / "examples"
MEMBERS = ("member1", "member2", "member3")
_SAYS = "#   "


class Stand:
    """The clusters of examples/topologies/three-members.yaml, federated, in the hands of a newcomer."""

    def __init__(self, newcomer: Newcomer, servers: dict[str, ApiServer], sandbox: Sandbox, controller: Controller) -> None:
        self.newcomer = newcomer
        self.servers = servers
        self.sandbox = sandbox
        self.controller = controller

    @property
    def host(self) -> ApiServer:
        return self.servers["host"]

    def follow(self, example: str, commands: slice = slice(None)) -> str:
        """Run the commands in an example's comment, or some of them; what they print."""
        lines = (EXAMPLES / example).read_text(encoding="utf-8").splitlines()
        said = [line.removeprefix(_SAYS) for line in lines if line.startswith(_SAYS)]
        assert said, f"{example} does not say how it is applied"
        return "".join(self.newcomer.types(command) for command in said[commands])

    def configure(self, example: str) -> None:
        """Apply an example of the configuration, and start the controller again."""
        self.follow(f"kubefedconfig/{example}")
        self.controller.stop()
        self.controller.start()

    def everywhere(self, resource: ResourceType, name: str) -> dict[str, Any]:
        """The object of that name in every member that has one."""
        key = ObjectKey(SHOP if resource.namespaced else "", name)
        found = {member: self.servers[member].find(resource, key) for member in MEMBERS}
        return {member: each for member, each in found.items() if each is not None}

    def await_in(self, members: tuple[str, ...], resource: ResourceType, name: str) -> dict[str, Any]:
        """Wait until these members and no others have the object."""
        eventually_equal(lambda: tuple(self.everywhere(resource, name)), members)
        return self.everywhere(resource, name)

    def status_of(self, kind: str, name: str) -> list[dict[str, Any]]:
        """What the federated object says of each cluster."""
        resource = ResourceType("types.kubefed.io", "v1beta1", f"federated{kind}s", "", namespaced=True)
        found = self.host.get(resource, ObjectKey(SHOP, name))
        return list((found.get("status") or {}).get("clusters") or ())

    def record(self, member: str) -> dict[str, Any]:
        return self.host.get(CLUSTERS, ObjectKey(DEFAULT_NAMESPACE, member))


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    plan = Plan.of(topology.read(EXAMPLES / "topologies" / "three-members.yaml"))
    directory = tmp_path_factory.mktemp("examples")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        with Sandbox.up(plan, name="examples", owner=True) as sandbox, ExitStack() as opened:
            newcomer = Newcomer.of(sandbox, directory)
            newcomer.types("fedctl install --allowed-endpoint-range 127.0.0.1/32")
            controller = Controller(sandbox.kubeconfig, directory / "log")
            opened.callback(controller.end)
            controller.start()
            for member in MEMBERS:
                newcomer.types(f"fedctl join cluster {member}")
            servers = {
                name: opened.enter_context(ApiServer.opened(open_context(str(sandbox.kubeconfig), name)))
                for name in ("host", *MEMBERS)
            }
            stand = Stand(newcomer, servers, sandbox, controller)
            stand.follow("federatednamespace.yaml")
            stand.await_in(MEMBERS, NAMESPACES, SHOP)
            yield stand


def test_a_namespace_comes_into_every_member(stand: Stand) -> None:
    found = stand.await_in(MEMBERS, NAMESPACES, SHOP)
    assert all(each["metadata"]["labels"][MANAGED_LABEL] == "true" for each in found.values())


def test_an_ordinary_config_map_is_federated_as_it_is(stand: Stand) -> None:
    stand.follow("configmap.yaml")
    copies = stand.await_in(MEMBERS, CONFIGMAPS, "opening-hours")
    assert [each["data"] for each in copies.values()] == [{"monday": "9-17", "sunday": "closed"}] * 3


def test_one_value_of_a_config_map_is_a_members_own(stand: Stand) -> None:
    stand.follow("federatedconfigmap.yaml")
    copies = stand.await_in(MEMBERS, CONFIGMAPS, "settings")
    assert {member: each["data"]["currency"] for member, each in copies.items()} == {
        "member1": "EUR",
        "member2": "USD",
        "member3": "EUR",
    }
    assert {each["data"]["greeting"] for each in copies.values()} == {"hello"}


def test_overrides_for_all_for_some_and_for_one_come_together(stand: Stand) -> None:
    said = stand.follow("overrides/by-kind-of-cluster.yaml")
    assert "image of all containers: spec.overrides[0]" in said
    mirrored = "mirror.example.com/library/nginx:1.26"

    def shopfronts() -> dict[str, Any]:
        found = stand.everywhere(DEPLOYMENTS, "shopfront")
        return {member: _shopfront(each) for member, each in found.items()}

    edge = (2, f"{mirrored}-slim", "member2", "edge")
    as_wished = {"member1": (3, mirrored, "member1", None), "member2": edge, "member3": (2, mirrored, "member3", None)}
    eventually_equal(shopfronts, as_wished, within_s=30)
    key = ObjectKey(DEFAULT_NAMESPACE, "member2")
    stand.host.merge(CLUSTERS, key, {"metadata": {"labels": {"tier": None}}})
    eventually_equal(shopfronts, {**as_wished, "member2": (2, mirrored, "member2", None)}, within_s=30)


def _shopfront(copy: dict[str, Any]) -> tuple[Any, ...]:
    [web] = copy["spec"]["template"]["spec"]["containers"]
    variables = {each["name"]: each["value"] for each in web["env"]}
    assert variables["LOG_LEVEL"] == "info"
    return copy["spec"]["replicas"], web["image"], variables["CLUSTER"], copy["metadata"]["labels"].get("tier")


def test_a_deployment_differs_by_member_and_its_pods_run(stand: Stand) -> None:
    said = stand.follow("federateddeployment.yaml")
    assert "web" in said
    copies = stand.await_in(MEMBERS, DEPLOYMENTS, "web")
    assert {member: web_in(each) for member, each in copies.items()} == {member: web_of(member) for member in MEMBERS}
    expected = {member: web_of(member)[0] for member in MEMBERS}

    def available() -> dict[str, int]:
        found = stand.everywhere(DEPLOYMENTS, "web")
        return {member: each.get("status", {}).get("availableReplicas", 0) for member, each in found.items()}

    eventually_equal(available, expected, within_s=60)
    assert "6/6" in stand.newcomer.types("fedctl get deployments -n shop")


def test_a_service_keeps_the_address_that_each_member_gave_it(stand: Stand) -> None:
    stand.follow("federatedservice.yaml")
    before = stand.await_in(MEMBERS, SERVICES, "web")
    addresses = {member: each["spec"]["clusterIP"] for member, each in before.items()}
    assert len(set(addresses.values())) == 3, "each member assigns one of its own range"
    template = '{"spec":{"template":{"spec":{"ports":[{"name":"http","protocol":"TCP","port":8080,"targetPort":"http"}]}}}}'
    stand.newcomer.types(f"kubectl -n shop patch federatedservice web --type merge -p '{template}'")

    def ports() -> set[int]:
        return {each["spec"]["ports"][0]["port"] for each in stand.everywhere(SERVICES, "web").values()}

    eventually_equal(ports, {8080})
    after = stand.everywhere(SERVICES, "web")
    assert {member: each["spec"]["clusterIP"] for member, each in after.items()} == addresses


def test_a_secret_is_in_the_members_that_are_named_and_in_no_other(stand: Stand) -> None:
    stand.follow("federatedsecret.yaml")
    copies = stand.await_in(("member1", "member2"), SECRETS, "database")
    assert {each["data"]["password"] for each in copies.values()} == {"Y2hhbmdlLW1l"}


def test_labels_select_members_now_and_later(stand: Stand) -> None:
    stand.follow("cluster-labels.yaml")
    assert stand.record("member1")["spec"]["apiEndpoint"], "everything beside the labels stays"
    stand.follow("selector-placement.yaml")
    stand.await_in(("member1",), CONFIGMAPS, "gold-customers")
    stand.newcomer.types("kubectl -n kube-federation-system label kubefedcluster member2 tier=gold --overwrite")
    stand.await_in(("member1", "member2"), CONFIGMAPS, "gold-customers")
    stand.newcomer.types("kubectl -n kube-federation-system label kubefedcluster member2 tier-")
    stand.await_in(("member1",), CONFIGMAPS, "gold-customers")


def test_replicas_may_belong_to_the_members_and_nothing_else_does(stand: Stand) -> None:
    stand.follow("retain-replicas.yaml", slice(0, 1))
    stand.await_in(MEMBERS, DEPLOYMENTS, "elastic")
    stand.follow("retain-replicas.yaml", slice(1, 2))
    drifted = "kubectl --context member1 -n shop set image deployment/elastic elastic=nginx:drifted"
    stand.newcomer.types(drifted)

    def in_member1() -> tuple[int, str]:
        return web_in(stand.everywhere(DEPLOYMENTS, "elastic")["member1"])

    eventually_equal(in_member1, (4, "nginx:1.28-alpine"))
    assert web_in(stand.everywhere(DEPLOYMENTS, "elastic")["member2"])[0] == 1


def test_replicas_are_divided_over_members_by_weight(stand: Stand) -> None:
    stand.follow("replicaschedulingpreference.yaml", slice(0, 1))

    def divided() -> dict[str, int]:
        return {member: each["spec"]["replicas"] for member, each in stand.everywhere(DEPLOYMENTS, "divided").items()}

    eventually_equal(divided, {"member1": 2, "member2": 4, "member3": 0})
    assert '"path":"/spec/replicas","value":4' in stand.follow("replicaschedulingpreference.yaml", slice(1, 2))


def test_copies_outlive_their_federated_object_where_it_says_so(stand: Stand) -> None:
    stand.follow("orphan-deletion.yaml", slice(0, 1))
    stand.await_in(MEMBERS, CONFIGMAPS, "keepsake")
    stand.follow("orphan-deletion.yaml", slice(1, 2))
    said = stand.follow("orphan-deletion.yaml", slice(2, 3))
    assert "keepsake" in said
    assert MANAGED_LABEL not in said
    copies = stand.everywhere(CONFIGMAPS, "keepsake")
    assert tuple(copies) == MEMBERS
    assert not any(MANAGED_LABEL in (each["metadata"].get("labels") or {}) for each in copies.values())


def test_a_type_of_ones_own_is_federated(stand: Stand) -> None:
    stand.follow("widget/crd.yaml")
    for member in ("member2", "member3"):
        stand.newcomer.types(f"fedctl join cluster {member}")
    stand.follow("widget/federatedwidget.yaml")
    copies = stand.await_in(MEMBERS, COGWHEEL.target, "cogwheel")
    assert {member: each["spec"] for member, each in copies.items()} == {
        member: {"colour": colour_of(member), "size": 3} for member in MEMBERS
    }


def test_a_member_that_hangs_is_known_to_be_offline_within_seconds(stand: Stand) -> None:
    stand.configure("quick-health-checks.yaml")
    member = stand.sandbox.cluster("member3")
    eventually_equal(lambda: cluster_row(stand.record("member3")).state, "Ready")
    member.pause()
    try:
        # Three probes in a row must fail: by default that takes longer than this.
        eventually_equal(lambda: cluster_row(stand.record("member3")).state, "Offline", within_s=18)
    finally:
        member.resume()
    eventually_equal(lambda: cluster_row(stand.record("member3")).state, "Ready")


def test_what_is_in_a_member_already_can_be_left_alone(stand: Stand) -> None:
    stand.configure("no-adoption.yaml")
    stand.newcomer.types("kubectl --context member1 -n shop create configmap taken --from-literal=owner=member1")
    stand.newcomer.types("kubectl -n shop create configmap taken --from-literal=owner=host")
    stand.newcomer.types("fedctl federate resource configmap taken -n shop")
    copies = stand.await_in(MEMBERS, CONFIGMAPS, "taken")

    def said() -> dict[str, str]:
        return {each["name"]: each.get("status", "") for each in stand.status_of("configmap", "taken")}

    eventually_equal(said, {"member1": "AlreadyExists", "member2": "", "member3": ""})
    copies = stand.everywhere(CONFIGMAPS, "taken")
    assert {member: each["data"]["owner"] for member, each in copies.items()} == {
        "member1": "member1",
        "member2": "host",
        "member3": "host",
    }


def test_statuses_of_copies_are_collected(stand: Stand) -> None:
    stand.configure("collect-statuses.yaml")
    patch = '{"spec":{"statusCollection":"Enabled"}}'
    stand.newcomer.types(
        f"kubectl -n kube-federation-system patch federatedtypeconfig deployments.apps --type merge -p '{patch}'"
    )

    def replicas() -> dict[str, int]:
        entries = stand.status_of("deployment", "web")
        return {each["name"]: (each.get("remoteStatus") or {}).get("replicas", 0) for each in entries}

    eventually_equal(replicas, {member: web_of(member)[0] for member in MEMBERS})


def test_what_kubefed_allowed_can_be_allowed_again_and_is_warned_of(stand: Stand) -> None:
    patch = '{"spec":{"disabledTLSValidations":["ValidityPeriod"]}}'
    stand.newcomer.types(f"kubectl -n kube-federation-system patch kubefedcluster member3 --type merge -p '{patch}'")
    eventually_equal(lambda: cluster_row(stand.record("member3")).state, "Malformed")
    stand.configure("compatible.yaml")
    eventually_equal(lambda: cluster_row(stand.record("member3")).state, "Ready")

    def warned() -> set[str]:
        details = stand.record("member3")["status"]["details"]
        return {each["reason"] for each in details.get("warnings") or ()}

    assert warned() == {"TLSValidationDisabled"}
    stand.newcomer.types("fedctl join cluster member3")
    eventually_equal(warned, {"TokenNeverExpires", "RightsUnlimited"})
    assert len(cluster_row(stand.record("member3")).warnings) == 2
    said = stand.newcomer.types("kubectl --context member3 auth can-i --list --as=" + _account_of(stand, "member3"))
    assert ["*.*", "[]", "[]", "[*]"] in [line.split() for line in said.splitlines()]


def _account_of(stand: Stand, member: str) -> str:
    bindings = stand.newcomer.types(f"kubectl --context {member} get clusterrolebindings -o name")
    names = [line.rpartition(":")[2] for line in bindings.splitlines() if "kubefed-controller-manager:" in line]
    return f"system:serviceaccount:{DEFAULT_NAMESPACE}:{names[0]}"


@pytest.mark.parametrize("file", sorted((EXAMPLES / "topologies").glob("*.yaml")), ids=lambda file: file.stem)
def test_a_topology_is_one_that_the_sandbox_takes(file: Path) -> None:
    shape = topology.read(file)
    assert Plan.of(shape).simulated() == tuple(member.name for member in shape.members)


def test_no_example_is_left_out() -> None:
    tests = Path(__file__).read_text(encoding="utf-8")
    files = [file.relative_to(EXAMPLES) for file in EXAMPLES.rglob("*.yaml")]
    followed = [file for file in files if file.parts[0] not in ("topologies", "tutorial")]
    assert [str(file) for file in followed if f'"{file}"' not in tests and f'configure("{file.name}")' not in tests] == []
