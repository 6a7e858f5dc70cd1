"""The webhook's Deployment fits its Service, its rights and its own command line."""

from typer.testing import CliRunner

from fedctl.rights.webhook import ACCOUNT, SERVING_CERTIFICATE
from fedctl.webhooks.installation import webhook_deployment, webhook_service
from kubefed.admission import paths
from kubefed.admission.certificates.stored import SECRET_NAME
from kubefed.admission.configurations import SERVICE_NAME
from kubefed.app.main import app


def test_the_service_selects_the_pods_and_leads_to_their_port() -> None:
    service, deployed = webhook_service("team"), webhook_deployment("team", "example.com/kubefed:1")
    template = deployed["spec"]["template"]
    (container,) = template["spec"]["containers"]
    assert service["metadata"] == {"name": SERVICE_NAME, "namespace": "team", "labels": service["spec"]["selector"]}
    assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
    (port,) = service["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (443, container["ports"][0]["containerPort"])
    assert f"--secure-port={port['targetPort']}" in container["command"]
    assert container["readinessProbe"]["httpGet"]["path"].rstrip("/") == paths.READY
    assert template["spec"]["serviceAccountName"] == ACCOUNT


def test_the_rights_are_for_the_secret_that_is_kept() -> None:
    assert SERVING_CERTIFICATE == SECRET_NAME


def test_the_deployments_flags_are_flags_of_the_command() -> None:
    (container,) = webhook_deployment("team", "x")["spec"]["template"]["spec"]["containers"]
    result = CliRunner().invoke(
        app, [*container["command"][1:], "--cert-dir=/x", "--master=https://h", "--v=8", "--version"]
    )
    assert result.exit_code == 0
    assert result.output.startswith("KubeFed webhook version: ")
