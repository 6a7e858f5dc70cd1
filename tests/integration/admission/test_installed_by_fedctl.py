"""`fedctl install --image` brings the webhook: everything is valid to the letter, and installing again changes nothing."""

from fedctl.install.deployment import deployment
from fedctl.kinds import DEPLOYMENTS, type_of
from fedctl.rights.webhook import webhook_rights
from fedctl.webhooks.installation import SERVICES, webhook_deployment, webhook_service
from kubefed.admission.configurations import SERVICE_NAME, VALIDATING, Installation, configurations
from kubefed.api.core_v1beta1 import Scope
from kubefed.core.names import ObjectKey
from tests.integration.admission.support import IMAGE, SYSTEM, Host, Manifest, RunningWebhook
from tests.support.commands import fedctl


def installed(host: Host) -> list[Manifest]:
    """Every object of the webhook and the controllers' Deployments, as stored."""
    made = [*webhook_rights(SYSTEM, Scope.CLUSTER), deployment(SYSTEM, IMAGE), webhook_deployment(SYSTEM, IMAGE)]
    keys = [(type_of(each), ObjectKey(each["metadata"].get("namespace", ""), each["metadata"]["name"])) for each in made]
    keys += [(SERVICES, ObjectKey(SYSTEM, SERVICE_NAME))]
    keys += [(resource, ObjectKey("", each["metadata"]["name"])) for resource, each in configurations(Installation(SYSTEM))]
    return [host.server.get(resource, key) for resource, key in keys]


def versions(host: Host) -> dict[str, str]:
    """The resourceVersion of every one of them by uid."""
    return {each["metadata"]["uid"]: each["metadata"]["resourceVersion"] for each in installed(host)}


def test_every_manifest_passes_strict_validation(bare_host: Host) -> None:
    of_another = [*webhook_rights("default", Scope.NAMESPACED), webhook_service("default")]
    of_another += [webhook_deployment("default", IMAGE), deployment("default", IMAGE)]
    of_another += [manifest for _, manifest in configurations(Installation("default", Scope.NAMESPACED))]
    for manifest in of_another:
        told = bare_host.create(manifest, "--dry-run=server", "--validate=strict")
        assert told.worked, told.err
        assert "Warning" not in told.err


def test_installing_again_changes_nothing_even_while_the_webhook_is_asked(webhook: RunningWebhook, host: Host) -> None:
    fedctl(host.sandbox.kubeconfig, "install", "--image", IMAGE)
    before, asked = versions(host), host.webhooks(VALIDATING)
    assert asked
    assert fedctl(host.sandbox.kubeconfig, "install", "--image", IMAGE) == ""
    assert versions(host) == before
    assert host.webhooks(VALIDATING) == asked
    assert webhook.is_running()


def test_without_the_webhook_only_the_controller_runs(bare_host: Host) -> None:
    kubeconfig = bare_host.sandbox.kubeconfig
    elsewhere = ("--kubefed-namespace", "without", "--scope", "Namespaced")
    said = fedctl(kubeconfig, "install", "--image", IMAGE, "--no-webhook", *elsewhere)
    deployed = [each["metadata"]["name"] for each in bare_host.server.objects(DEPLOYMENTS, "without")]
    assert deployed == ["kubefed-controller-manager"]
    assert "webhook" not in said
