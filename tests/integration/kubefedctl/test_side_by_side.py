"""KubeFed v0.10's own kubefedctl and ours, given the same command lines on equal clusters."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from fedctl.federation import CLUSTERS, TYPE_CONFIGS
from fedctl.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, CRDS, NAMESPACES, SECRETS
from fedctl.manifests import key_of
from kubefed.core.markers import ORPHAN_ANNOTATION
from kubefed.core.names import ObjectKey, ResourceType
from tests.builders import kinds
from tests.integration.kubefedctl.sidebyside import Different, Sides
from tests.integration.kubefedctl.worlds import EAST, NEW, OLD
from tests.support.federation import HOST, SYSTEM
from tests.support.manifests import Manifest, a_deployment
from tests.support.waiting import eventually

FATAL, MISTYPED, PANIC = 255, 1, 2
JOIN = f"join {EAST} --cluster-context {EAST} --host-cluster-context {HOST} --v=2"
_NAMESPACED = ("configmaps", "secrets", "services", "serviceaccounts", "deployments.apps")

DIRECTIVE = """\
apiVersion: core.kubefed.io/v1beta1
kind: EnableTypeDirective
metadata: {name: jobs.batch}
spec: {targetVersion: v1, federatedGroup: jobs.example.com, federatedVersion: v1beta1}
"""

SERVICE_KINDS = Different(
    rf"{EAST}/CustomResourceDefinition/(service(ex|im)ports\.multicluster\.x-k8s\.io|clusterproperties\.about\.k8s\.io)",
    "members get the kinds by which clusters offer each other services",
)
OUR_MARKS = Different(
    rf"{HOST}/KubeFedCluster/{SYSTEM}/{EAST}: metadata\.annotations\.kubefed\.io/(cluster-uid|member-account)",
    "the record says which cluster was joined and how its account is called, so that no later command has to guess",
)
OUR_SECRET = Different(
    rf"{HOST}/Secret/{SYSTEM}/.*: metadata\.(annotations\.kubefed\.io/bound-to|labels\.kubefed\.io/cluster)",
    "the Secret says which cluster and endpoint it is for, so that its token is sent nowhere else",
)
NO_EMPTY_PROXY = Different(
    rf"{HOST}/KubeFedCluster/{SYSTEM}/{EAST}: spec\.proxyURL", "an empty proxyURL is left out, and means the same"
)
TOKEN_TRIED = Different(
    rf"{EAST}/Secret/{SYSTEM}/.*: metadata\.labels\.kubernetes\.io/legacy-token-last-used",
    "the token is tried before the host is told of it, which the member's API server notes",
)
ONE_SECRET = Different(
    rf"{HOST}/Secret/{SYSTEM}/.*", "joining again renews the Secret; KubeFed makes another each time, and keeps the former"
)
JOINED = (SERVICE_KINDS, OUR_MARKS, OUR_SECRET, NO_EMPTY_PROXY, TOKEN_TRIED)

DESCRIBED = Different(
    rf"{HOST}/CustomResourceDefinition/federated.*: spec\.versions\[0\]\.schema\.openAPIV3Schema\..*description",
    "each field of a federated CRD says what it is",
)
MORE_OVERRIDES = Different(
    rf"{HOST}/CustomResourceDefinition/federated.*\.spec\.properties\.overrides\.items\.properties\.(all|clusterSelector)\..*",
    "an override may name all clusters or a selector; both are optional",
)
MESSAGES = Different(
    rf"{HOST}/CustomResourceDefinition/federated.*\.clusters\.items\.properties\.message\..*",
    "a cluster's status may have a sentence; it is optional",
)
SORTED = Different(
    rf"{HOST}/CustomResourceDefinition/federated.*\.status\.properties\.conditions\.items\.required\[\d\]",
    "the required fields of a condition are listed in another order",
)
ENABLED = (DESCRIBED, MORE_OVERRIDES, MESSAGES, SORTED)


@pytest.fixture
def members(sides: Sides) -> Iterator[Sides]:
    """Nothing of a membership is left afterwards in either world, whatever the test did."""
    yield sides
    for world in sides.worlds.values():
        for resource in (CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS):
            for each in world.servers[EAST].objects(resource):
                if each["metadata"]["name"].startswith("kubefed-controller-manager:"):
                    world.servers[EAST].delete(resource, key_of(each))
        for path in set(world.objects()) - world.own:
            if path.startswith(f"{EAST}/CustomResourceDefinition/"):
                world.servers[EAST].delete(CRDS, ObjectKey("", path.rpartition("/")[2]))
        world.servers[EAST].delete(NAMESPACES, ObjectKey("", SYSTEM))
        world.host.delete(CLUSTERS, ObjectKey(SYSTEM, EAST))
        for each in world.host.objects(SECRETS, SYSTEM):
            world.host.delete(SECRETS, key_of(each))
    _settle(sides)


def _settle(sides: Sides) -> None:
    """A namespace that is being deleted is in the way of the next join."""
    for world in sides.worlds.values():
        member = world.servers[EAST]
        eventually(lambda: member.find(NAMESPACES, ObjectKey("", SYSTEM)) is None, "it is gone", within_s=60)  # noqa: B023


@pytest.fixture(scope="module")
def goods(sides: Sides) -> str:
    """Namespace `shop` with some objects in both hosts, which no test changes."""
    sides.apply(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"l": "m"}}})
    for resource, manifest in _goods():
        sides.apply(resource, manifest)
    return "shop"


@pytest.fixture
def shop(sides: Sides, goods: str) -> Iterator[str]:
    """The namespace. Types that a test enables, and all objects of theirs, are gone afterwards."""
    yield goods
    for name in (*_NAMESPACED, "namespaces"):
        _forget(sides, name)


def _goods() -> list[tuple[ResourceType, Manifest]]:
    place = {"namespace": "shop"}
    return [
        (
            kinds.CONFIG_MAPS.target,
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "hours", **place, "labels": {"app": "shop"}, "annotations": {"note": "hidden"}},
                "data": {"open": "9", "text": "two\nlines\n", "truth": "yes", "colon": "a: b"},
            },
        ),
        (
            kinds.SECRETS.target,
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "word", **place}, "data": {"word": "aGVsbG8="}},
        ),
        (
            kinds.SERVICE_ACCOUNTS.target,
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": "robot", **place},
                "secrets": [{"name": "word"}],
            },
        ),
        (
            kinds.SERVICES.target,
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "web", **place},
                "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80}]},
            },
        ),
        (
            kinds.DEPLOYMENTS.target,
            {"apiVersion": "apps/v1", "kind": "Deployment", **_placed(a_deployment("web", 1), "web")},
        ),
    ]


def _placed(template: Manifest, name: str) -> Manifest:
    return {**template, "metadata": {**template["metadata"], "name": name, "namespace": "shop"}}


def _forget(sides: Sides, type_name: str) -> None:
    """The type is not enabled any more, and nothing of it is left, in either world."""
    plural = f"federated{type_name.partition('.')[0]}.{kinds.TYPES_GROUP}"
    sides.delete(TYPE_CONFIGS, ObjectKey(SYSTEM, type_name))
    sides.delete(CRDS, ObjectKey("", plural))


def _stopped(sides: Sides, type_name: str) -> None:
    """As a controller reports once it has seen that propagation is disabled. None runs here."""
    for world in sides.worlds.values():
        key = ObjectKey(SYSTEM, type_name)
        generation = world.host.get(TYPE_CONFIGS, key)["metadata"]["generation"]
        status = {"observedGeneration": generation, "propagationController": "NotRunning"}
        world.host.merge(TYPE_CONFIGS, key, {"status": status}, subresource="status")


# --- members ---------------------------------------------------------------------------------------------------


def test_a_member_is_joined_and_joined_again(members: Sides) -> None:
    with members.changing_alike():
        assert members.same(f"{JOIN} --dry-run") == ""
    with members.changing_alike(*JOINED):
        assert members.same(JOIN) == ""
    with members.changing_alike():
        members.same(f"join {EAST}", "join nowhere", code=FATAL)
    with members.changing_alike(ONE_SECRET):
        assert members.same(f"join {EAST} --error-on-existing=false") == ""


def test_a_member_is_unjoined(members: Sides) -> None:
    members.same(JOIN)
    with members.changing_alike():
        assert members.same(f"unjoin {EAST} --dry-run") == ""
        members.same("unjoin nowhere", "unjoin nowhere --force", f"unjoin {EAST} --cluster-context no", code=FATAL)
    assert members.same(f"unjoin {EAST} --host-cluster-context {HOST} --v=2") == ""
    _settle(members)
    for world in members.worlds.values():
        left = {path for path in world.objects() if path not in world.own and path.startswith(EAST)}
        assert not [path for path in left if "CustomResourceDefinition" not in path]
        assert not [path for path in world.objects() if path.startswith(HOST) and EAST in path]
    members.same(f"unjoin {EAST}", code=FATAL)


def test_a_secret_and_the_host_may_be_named(members: Sides) -> None:
    with members.changing_alike(*JOINED):
        assert members.same(f"{JOIN} --secret-name east-token --host-cluster-name=hub") == ""
    for world in members.worlds.values():
        assert world.host.get(CLUSTERS, ObjectKey(SYSTEM, EAST))["spec"]["secretRef"] == {"name": "east-token"}
        assert f"{EAST}/ServiceAccount/{SYSTEM}/{EAST}-hub" in world.objects()


def test_force_makes_the_host_forget_a_member_that_cannot_be_found(members: Sides) -> None:
    members.same(JOIN)
    assert members.same(f"unjoin {EAST} --cluster-context nowhere --force=true") == ""
    for world in members.worlds.values():
        assert world.host.find(CLUSTERS, ObjectKey(SYSTEM, EAST)) is None
        assert not list(world.host.objects(SECRETS, SYSTEM))
        assert f"{EAST}/ClusterRole/kubefed-controller-manager:{EAST}-{HOST}" in world.objects()


# --- types -----------------------------------------------------------------------------------------------------


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
    with sides.changing_alike(*(each for each in ENABLED if each.where.startswith(HOST))):
        assert sides.same(f"disable {name} --dry-run") == ""
        _stopped_from_now_on(sides, stored)
        assert f'federatedtypeconfig "{SYSTEM}/{stored}" deleted\n' in sides.same(f"disable {stored} --delete-crd")
    assert sides.same(f"disable {stored}") == f'FederatedTypeConfig "{SYSTEM}/{stored}" does not exist\n'
    assert "does not exist" in sides.same(f"disable {stored} --delete-crd").splitlines()[1]


def _stopped_from_now_on(sides: Sides, type_name: str) -> None:
    for world in sides.worlds.values():
        world.host.merge(TYPE_CONFIGS, ObjectKey(SYSTEM, type_name), {"spec": {"propagation": "Disabled"}})
    _stopped(sides, type_name)


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
    _forget(sides, "configmaps")


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
    _forget(sides, "configmaps")


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
    _forget(sides, "configmaps")


# --- objects ---------------------------------------------------------------------------------------------------


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
    file.write_text(yaml.safe_dump_all(manifest for _, manifest in _goods()))
    with sides.changing_alike():
        said = sides.same(f"federate -f {file}")
        assert sides.same("federate --filename -", stdin=file.read_text()) == said
        sides.same("federate -f nowhere.yaml", f"federate cm hours -f {file}", code=FATAL)
    assert len(list(yaml.safe_load_all(said))) == len(_goods())


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
        assert len(new) >= len(_goods()) - 3


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


# --- what was typed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "bogus",
        "joi",
        "--bogus",
        "join a --bogus",
        "join a -x",
        "join a --v",
        "join a --v=x",
        "join a --dry-run=maybe",
        "unjoin a --=x",
        "enable a -o",
        "disable ---x",
        "federate -tc -n",
        "version --stderrthreshold=BAD",
        "version --log-flush-frequency=5",
        "version --vmodule=x",
        "version --log-file-max-size=-1",
        "orphaning-deletion --bogus",
        "--kubeconfig f version",
    ],
)
def test_what_cannot_be_read_is_answered_in_the_same_words(sides: Sides, line: str) -> None:
    both = sides.run(line)
    assert both.same.code == MISTYPED
    assert both.new.err.splitlines()[0] == both.old.err.splitlines()[0]
    assert both.new.err.splitlines()[-1] == both.old.err.splitlines()[-1]


@pytest.mark.parametrize(
    "line",
    [
        "join",
        "join a --host-cluster-name a/b",
        "unjoin",
        "enable",
        "enable a -o json",
        "disable",
        "disable a --version v1",
        "federate",
        "federate a",
        "federate a b -o json",
        "federate a b -t -o yaml",
        "federate a b --filename c",
        "orphaning-deletion enable",
        "orphaning-deletion status a",
    ],
)
def test_what_is_missing_is_said_in_the_same_fatal_line(sides: Sides, line: str) -> None:
    both = sides.run(line)
    assert both.same.code == FATAL
    old, new = (done.err.splitlines()[0].partition("] ")[2] for done in (both.old, both.new))
    assert new == old
    assert new.startswith("Error: ")


@pytest.mark.parametrize("line", ["", "help", "-h", "orphaning-deletion", "orphaning-deletion bogus a b", "help bogus"])
def test_help_is_no_error(sides: Sides, line: str) -> None:
    both = sides.run(f"{line} --v=2")
    assert (both.old.code, both.new.code) == (0, 0)


@pytest.mark.parametrize(
    "command",
    [
        "join",
        "unjoin",
        "enable",
        "disable",
        "federate",
        "orphaning-deletion enable",
        "orphaning-deletion status",
        "version",
    ],
)
def test_every_flag_is_shown_with_the_same_type_and_default(sides: Sides, command: str) -> None:
    both = sides.run(f"{command} --help")
    old, new = (
        {match.group(1): match.group(2) for match in _FLAG_LINE.finditer(done.out)} for done in (both.old, both.new)
    )
    assert new == old
    old, new = ({match.group(1): match.group(2) for match in _DEFAULT.finditer(done.out)} for done in (both.old, both.new))
    assert new == old


_FLAG_LINE = re.compile(r"^ +(?:-\w, )?--([a-z-]+) ?(\w*)  ", re.MULTILINE)
_DEFAULT = re.compile(r"^ +(?:-\w, )?--([a-z-]+) .*\(default (.*)\)$", re.MULTILINE)


@pytest.mark.parametrize("line", ["version", "--v=2 version", "version -v 3 --log_dir=/tmp --logtostderr", "version a b"])
def test_the_version_has_kubefeds_fields(sides: Sides, line: str) -> None:
    both = sides.run(line)
    assert (both.old.code, both.new.code) == (0, 0)
    old, new = (re.sub(r'"[^"]*"', "", done.out) for done in (both.old, both.new))
    assert new == old
