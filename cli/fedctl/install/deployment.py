"""The Deployment that runs the controller in the host. Pure."""

from typing import Any

from fedctl.kinds import DEPLOYMENTS
from fedctl.rights.controller import ACCOUNT

DEPLOYMENT = "kubefed-controller-manager"

_APP = {"app.kubernetes.io/name": "kubefed", "app.kubernetes.io/component": "controller-manager"}
_NOBODY = 65532
"""The user that distroless images call nonroot."""


def deployment(namespace: str, image: str) -> dict[str, Any]:
    """Two controllers, of which one leads; unprivileged, on a read-only file system."""
    return {
        "apiVersion": DEPLOYMENTS.api_version,
        "kind": DEPLOYMENTS.kind,
        "metadata": {"name": DEPLOYMENT, "namespace": namespace, "labels": _APP},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": _APP},
            "template": {"metadata": {"labels": _APP}, "spec": _pod(namespace, image)},
        },
    }


def _pod(namespace: str, image: str) -> dict[str, Any]:
    return {
        "serviceAccountName": ACCOUNT,
        "automountServiceAccountToken": True,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _NOBODY,
            "runAsGroup": _NOBODY,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationGracePeriodSeconds": 30,
        "volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}}],
        "containers": [
            {
                "name": "controller-manager",
                "image": image,
                "command": ["kubefed", "controller-manager", f"--kubefed-namespace={namespace}"],
                "ports": [{"name": "health", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}],
                "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080}, "periodSeconds": 5},
                "livenessProbe": {
                    "httpGet": {"path": "/livez", "port": 8081},
                    "initialDelaySeconds": 30,
                    "periodSeconds": 10,
                    "failureThreshold": 6,
                },
                "resources": {
                    "requests": {"cpu": "100m", "memory": "128Mi"},
                    "limits": {"cpu": "1", "memory": "512Mi"},
                },
                "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - in the container
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ],
    }
