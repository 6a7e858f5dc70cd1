"""KubeFedConfig `spec.scope: Namespaced`: one namespace is federated, without a FederatedNamespace or rights beyond it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.federation import TYPE_CONFIGS
from fedctl.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, NAMESPACES, SERVICE_ACCOUNTS
from fedctl.rights.controller import account_key
from fedctl.sandbox.running import Sandbox
from kubefed.core.names import ObjectKey, ResourceType
from tests.builders import kinds
from tests.builders.objects import FederatedBuilder
from tests.support.audit import AuditLog
from tests.support.commands import fedctl
from tests.support.controller import Controller
from tests.support.federation import HOST, MEMBER1, write_kubeconfig
from tests.support.inprocess import fedctl as fedctl_here
from tests.support.manifests import Manifest, field_of
from tests.support.shop import Told, fine, told_by
from tests.support.waiting import eventually, eventually_equal

TEAM, OTHER = "team-a", "team-b"
FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Team:
    """A host and a member, of which one namespace is federated by a controller that may do what install granted."""

    sandbox: Sandbox
    host: ApiServer
    member: ApiServer
    controller: Controller

    def create(self, wish: FederatedBuilder) -> FederatedBuilder:
        """Apply it for the first time."""
        self.host.create(wish.kind.federated, wish.manifest())
        return wish

    def told(self, wish: FederatedBuilder) -> Told | None:
        """What its status says."""
        return told_by(self.host.get(wish.kind.federated, wish.key))

    def colour(self, namespace: str) -> str:
        """Of the copy in the member; empty while there is none."""
        copy = self.member.find(kinds.CONFIG_MAPS.target, ObjectKey(namespace, "settings"))
        return str(field_of(copy or {}, "data", "colour") or "")

    def refused(self) -> list[tuple[str, str, str]]:
        """What either server refused to the controller, by its audit log."""
        logs = (self.sandbox.host.audit_log, self.sandbox.cluster(MEMBER1).audit_log)
        asked = [request for log in logs for request in AuditLog(log).requests()]
        assert asked
        return [(each.verb, each.resource, each.name) for each in asked if each.code == FORBIDDEN]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    directory = tmp_path_factory.mktemp("team")
    with (
        Sandbox.started(1, name=f"scope-{os.getpid()}", owner=True, controllers=False) as sandbox,
        ExitStack() as opened,
    ):
        there = ("--kubefed-namespace", TEAM)
        fedctl(sandbox.kubeconfig, "install", "--scope", "Namespaced", "--allowed-endpoint-range", "127.0.0.0/8", *there)
        fedctl(sandbox.kubeconfig, "join", "cluster", MEMBER1, *there)
        contexts = [open_context(str(sandbox.kubeconfig), name) for name in (HOST, MEMBER1)]
        host, member = (opened.enter_context(ApiServer.opened(context)) for context in contexts)
        body: Manifest = {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 7200},
        }  # fmt: skip
        answer = host.post(SERVICE_ACCOUNTS.object_path(account_key(TEAM), "token"), body)
        kubeconfig = directory / "kubeconfig"
        write_kubeconfig(kubeconfig, sandbox.host.endpoint, sandbox.host.ca_pem, str(answer["status"]["token"]))
        controller = Controller(kubeconfig, directory / "log", flags=[f"--kubefed-namespace={TEAM}"])
        opened.callback(controller.end)
        controller.start()
        yield Team(sandbox, host, member, controller)


def config_map(namespace: str, colour: str) -> FederatedBuilder:
    wish = FederatedBuilder(kinds.CONFIG_MAPS, ObjectKey(namespace, "settings")).without_finalizer()
    return wish.with_template({"data": {"colour": colour}}).placed_on(MEMBER1)


def running(team: Team) -> dict[str, str]:
    """Of each type: whether its controller runs."""
    found = {each["metadata"]["name"]: each.get("status") or {} for each in team.host.objects(TYPE_CONFIGS, TEAM)}
    return {name: str(status.get("propagationController")) for name, status in found.items()}


def test_objects_of_the_one_namespace_are_propagated_without_a_federated_namespace(team: Team) -> None:
    wish = team.create(config_map(TEAM, "green"))
    eventually_equal(lambda: team.colour(TEAM), "green")
    eventually_equal(lambda: team.told(wish), fine(MEMBER1))


def test_objects_of_other_namespaces_are_left_alone(team: Team) -> None:
    for server in (team.host, team.member):
        server.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": OTHER}})
    elsewhere = team.create(config_map(OTHER, "red"))
    here = team.create(FederatedBuilder(kinds.SECRETS, ObjectKey(TEAM, "later")).without_finalizer().placed_on(MEMBER1))
    eventually_equal(lambda: team.told(here), fine(MEMBER1))
    stored = team.host.get(elsewhere.kind.federated, elsewhere.key)
    assert "status" not in stored
    assert not stored["metadata"].get("finalizers")
    assert team.colour(OTHER) == ""


def test_a_federated_namespace_that_is_there_limits_where_its_objects_go(team: Team) -> None:
    wish = team.create(FederatedBuilder(kinds.SECRETS, ObjectKey(TEAM, "limited")).without_finalizer().placed_on(MEMBER1))
    secret = ResourceType("", "v1", "secrets", "Secret", namespaced=True)
    eventually(lambda: team.member.find(secret, wish.key), "it is there while no FederatedNamespace is")
    limit = team.create(FederatedBuilder(kinds.NAMESPACES, ObjectKey(TEAM, TEAM)).without_finalizer().placed_on())
    eventually(lambda: team.member.find(secret, wish.key) is None, "it is placed nowhere now")
    assert team.host.delete(limit.kind.federated, limit.key)
    eventually(lambda: team.member.find(secret, wish.key), "and comes back")


def test_cluster_scoped_types_do_not_run_and_say_so(team: Team) -> None:
    not_running = {"namespaces", "clusterroles.rbac.authorization.k8s.io"}
    eventually_equal(lambda: {name for name, state in running(team).items() if state == "NotRunning"}, not_running)
    assert {state for name, state in running(team).items() if name not in not_running} == {"Running"}


def test_the_rights_are_of_the_namespace_and_enough(team: Team) -> None:
    mine = [each for each in team.host.objects(CLUSTER_ROLE_BINDINGS) if subjects(each) & {TEAM}]
    assert mine == []
    assert not [each for each in team.host.objects(CLUSTER_ROLES) if each["metadata"]["name"].startswith("kubefed")]
    wish = team.create(FederatedBuilder(kinds.CONFIG_MAPS, ObjectKey(TEAM, "gone")).without_finalizer().placed_on(MEMBER1))
    eventually_equal(lambda: team.told(wish), fine(MEMBER1))
    assert team.host.delete(wish.kind.federated, wish.key)
    eventually(lambda: team.host.find(wish.kind.federated, wish.key) is None, "it goes with its copy")
    assert team.refused() == []


def test_the_scope_cannot_be_changed_by_installing_again(team: Team) -> None:
    install = ("install", "--kubefed-namespace", TEAM)
    said = fedctl_here(*install, "--scope", "Cluster", kubeconfig=team.sandbox.kubeconfig)
    assert said.code == 1
    assert "has scope Namespaced, which cannot be changed" in said.err
    again = fedctl_here(*install, kubeconfig=team.sandbox.kubeconfig)
    assert (again.code, again.out) == (0, "")
    assert not [each for each in team.host.objects(CLUSTER_ROLES) if each["metadata"]["name"].startswith("kubefed")]


def subjects(binding: Manifest) -> set[str]:
    return {str(each.get("namespace")) for each in binding.get("subjects") or ()}
