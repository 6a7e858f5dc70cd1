"""The accounts that the chart makes can do their work with the rights that the chart gives them, and with no others."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fedctl.apiserver import ApiServer
from fedctl.federation import TYPE_CONFIGS
from fedctl.kinds import CRDS, NAMESPACES
from fedctl.sandbox.running import Sandbox
from fedctl.served import wait_for_crds
from kubefed.core.names import ObjectKey, ResourceType
from tests.builders.kinds import CONFIG_MAPS
from tests.integration.admission.support import Host, RunningWebhook
from tests.integration.chart.release import Release
from tests.support.audit import AuditLog
from tests.support.commands import fedctl
from tests.support.controller import Controller
from tests.support.kinds import WIDGETS, a_crd
from tests.support.manifests import Manifest, field_of
from tests.support.waiting import eventually, eventually_equal
from tests.tools.helm_program import Helm

WHOLE, PART = "kube-federation-system", "team-a"
FEDERATED_NAMESPACES = ResourceType(
    "types.kubefed.io", "v1beta1", "federatednamespaces", "FederatedNamespace", namespaced=True
)
COPIES = ResourceType("", "v1", "configmaps", "ConfigMap", namespaced=True)
FORBIDDEN = 403
EVERYWHERE: Manifest = {"placement": {"clusterSelector": {}}}
IN_SANDBOX: Manifest = {"controllermanager": {"allowedEndpointRanges": ["127.0.0.0/8"], "clusterHealthCheckPeriod": "1s"}}


def federated(resource: ResourceType, namespace: str, name: str, template: Manifest | None = None) -> Manifest:
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": EVERYWHERE | ({"template": template} if template else {}),
    }


def joined(release: Release, sandbox: Sandbox) -> None:
    fedctl(sandbox.kubeconfig, "join", "cluster", "member1", "--kubefed-namespace", release.namespace)


@contextmanager
def a_controller(release: Release, directory: Path) -> Iterator[Controller]:
    kubeconfig = release.kubeconfig_of("kubefed-controller", directory)
    controller = Controller(kubeconfig, directory / "log", flags=[f"--kubefed-namespace={release.namespace}"])
    controller.start()
    try:
        yield controller
    finally:
        controller.end()


@pytest.fixture(scope="module")
def whole(installing: Helm, sandbox: Sandbox, host: ApiServer) -> Release:
    """All namespaces are federated, and a member is joined."""
    release = Release(installing, sandbox, host, WHOLE)
    release.install(IN_SANDBOX)
    joined(release, sandbox)
    return release


def colour_in(member: ApiServer, namespace: str) -> str:
    """What the copy of the ConfigMap `web` says; empty while there is none."""
    return str(field_of(member.find(COPIES, ObjectKey(namespace, "web")) or {}, "data", "colour") or "")


def refused(release: Release, account: str) -> list[tuple[str, str, str]]:
    """What the host refused to one of the release's accounts, by its audit log."""
    user = f"system:serviceaccount:{release.namespace}:{account}"
    requests = AuditLog(release.sandbox.host.audit_log).requests(agent="kubefed")
    return [(each.verb, each.resource, each.name) for each in requests if each.user == user and each.code == FORBIDDEN]


def test_a_federated_config_map_reaches_the_member(
    whole: Release, host: ApiServer, member: ApiServer, tmp_path: Path
) -> None:
    host.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    host.create(FEDERATED_NAMESPACES, federated(FEDERATED_NAMESPACES, "shop", "shop"))
    host.create(CONFIG_MAPS.federated, federated(CONFIG_MAPS.federated, "shop", "web", {"data": {"colour": "green"}}))
    key = ObjectKey("shop", "web")
    with a_controller(whole, tmp_path) as controller:
        eventually_equal(lambda: colour_in(member, "shop"), "green")
        eventually(lambda: field_of(host.get(CONFIG_MAPS.federated, key), "status", "clusters"), "the status says so")
        host.delete(CONFIG_MAPS.federated, key)
        eventually(lambda: member.find(COPIES, key) is None, "the copy goes with its federated object")
        assert controller.stop() == 0
    assert refused(whole, "kubefed-controller") == []


def test_a_release_of_one_namespace_propagates_there_and_asks_for_nothing_beyond_it(
    installing: Helm, sandbox: Sandbox, host: ApiServer, member: ApiServer, tmp_path: Path
) -> None:
    release = Release(installing, sandbox, host, PART)
    release.install({**IN_SANDBOX, "global": {"scope": "Namespaced"}})
    joined(release, sandbox)
    host.create(CONFIG_MAPS.federated, federated(CONFIG_MAPS.federated, PART, "web", {"data": {"colour": "blue"}}))
    with a_controller(release, tmp_path):
        eventually_equal(lambda: colour_in(member, PART), "blue")
    assert refused(release, "kubefed-controller") == []


def test_an_upgrade_keeps_the_rights_on_types_and_members_that_came_since(whole: Release, host: ApiServer) -> None:
    crd = a_crd(WIDGETS.target)
    host.apply(CRDS, crd)
    wait_for_crds(host, [crd])
    fedctl(whole.sandbox.kubeconfig, "enable", WIDGETS.name)
    roles = ("kubefed-federated-types", "kubefed-editor", "kubefed-viewer")
    before = {name: whole.rules(name) for name in roles}
    credentials = whole.rules("kubefed-member-credentials", local=True)
    assert [WIDGETS.federated.plural in each["resources"] for each in before["kubefed-federated-types"]].count(True) == 1
    assert credentials != []

    whole.upgrade(IN_SANDBOX)
    assert {name: whole.rules(name) for name in roles} == before
    assert whole.rules("kubefed-member-credentials", local=True) == credentials
    assert host.find(TYPE_CONFIGS, ObjectKey(WHOLE, WIDGETS.name)) is not None


def test_the_webhook_enters_itself_and_upgrades_leave_it_there(whole: Release, host: ApiServer, tmp_path: Path) -> None:
    seen = Host(whole.sandbox, host, whole.kubeconfig_of("kubefed-admission-webhook", tmp_path))
    validating = ResourceType(
        "admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration",
        namespaced=False,
    )  # fmt: skip

    def entered() -> list[str]:
        webhooks = host.get(validating, ObjectKey("", "validations.core.kubefed.io")).get("webhooks") or []
        return [each["clientConfig"]["caBundle"] for each in webhooks]

    assert entered() == []
    with RunningWebhook(seen, tmp_path, f"--kubefed-namespace={WHOLE}") as webhook:
        webhook.await_registration()
        bundles = entered()
        assert all(bundles)
        whole.upgrade(IN_SANDBOX)
        assert entered() == bundles
        # What Helm writes while the webhook is asked is what the webhook finds valid.
        whole.upgrade({"controllermanager": {**IN_SANDBOX["controllermanager"], "cacheSyncTimeout": "6m"}})
        eventually_equal(webhook.is_running, True)
    # It tries the names of both scopes, and may touch those of its own.
    others = {f"{name}-{WHOLE}" for name in ("validations.core.kubefed.io", "mutation.core.kubefed.io")}
    assert {name for _, _, name in refused(whole, "kubefed-admission-webhook")} == others
