"""Installs the admission webhook in the host: rights, Service, Deployment, and configurations with nothing in them.

The webhook enters itself into the configurations once it can answer, so that an installation is never blocked by a webhook
that it is about to install; what stands in one that is there already stays.
"""

from typing import Any

from fedctl.changes import Writer
from fedctl.install.deployment import deployment
from fedctl.kinds import DEPLOYMENTS, type_of
from fedctl.manifests import Manifest
from fedctl.rights.webhook import ACCOUNT, webhook_rights
from kubefed.admission.configurations import SERVICE_NAME, Installation, configurations
from kubefed.api.core_v1beta1 import Scope
from kubefed.core.names import ResourceType

SERVICES = ResourceType("", "v1", "services", "Service", namespaced=True)
_LABELS = {"app.kubernetes.io/name": "kubefed", "app.kubernetes.io/component": "admission-webhook"}
_PORT = 8443


def apply_webhook(writer: Writer, namespace: str, scope: Scope, image: str) -> None:
    """Apply everything that the webhook of one federation needs, and say what changed."""
    for manifest in webhook_rights(namespace, scope):
        writer.apply(type_of(manifest), manifest)
    for resource, configuration in configurations(Installation(namespace, scope)):
        writer.ensure(resource, {**configuration, "webhooks": []})
    writer.apply(SERVICES, webhook_service(namespace))
    writer.apply(DEPLOYMENTS, webhook_deployment(namespace, image))


def webhook_service(namespace: str) -> Manifest:
    """The Service under KubeFed's name, by which API servers reach the webhook."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": SERVICE_NAME, "namespace": namespace, "labels": _LABELS},
        "spec": {"selector": _LABELS, "ports": [{"name": "webhook", "port": 443, "targetPort": _PORT}]},
    }


def webhook_deployment(namespace: str, image: str) -> Manifest:
    """Two webhooks in pods like the controller's, on different nodes if there are several."""
    pod: dict[str, Any] = deployment(namespace, image)["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    container = container | {
        "name": "admission-webhook",
        "command": ["kubefed", "webhook", f"--kubefed-namespace={namespace}", f"--secure-port={_PORT}"],
        "ports": [{"name": "webhook", "containerPort": _PORT}],
        "readinessProbe": {"httpGet": {"path": "/readyz/", "port": _PORT, "scheme": "HTTPS"}, "periodSeconds": 5},
        "livenessProbe": {
            "httpGet": {"path": "/readyz/", "port": _PORT, "scheme": "HTTPS"},
            "initialDelaySeconds": 30,
            "periodSeconds": 10,
            "failureThreshold": 6,
        },
        "resources": {"requests": {"cpu": "50m", "memory": "96Mi"}, "limits": {"cpu": "1", "memory": "384Mi"}},
    }
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": _LABELS},
    }
    pod |= {"serviceAccountName": ACCOUNT, "containers": [container], "topologySpreadConstraints": [spread]}
    return {
        "apiVersion": DEPLOYMENTS.api_version,
        "kind": DEPLOYMENTS.kind,
        "metadata": {"name": SERVICE_NAME, "namespace": namespace, "labels": _LABELS},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": _LABELS},
            "template": {"metadata": {"labels": _LABELS}, "spec": pod},
        },
    }
