"""A chart that leaves behind what a release of KubeFed's chart consists of: its names, selectors, roles and webhooks."""

import base64
from pathlib import Path
from typing import Any

import yaml

from fedctl.rights.rbac import account, bound_role, role
from kubefed.api.core_v1beta1 import Scope
from kubefed.api.default_types import all_crds, default_type_configs
from kubefed.core.names import ObjectKey
from tests.support.manifests import Manifest

CRD_MARK = "controller-gen.kubebuilder.io/version"
REPOSITORY = "quay.io/kubernetes-multicluster"
_GROUPS = ("core.kubefed.io", "scheduling.kubefed.io", "types.kubefed.io", "multiclusterdns.kubefed.io")
_VERBS: dict[str, list[str]] = {
    "admin": ["*"],
    "edit": ["get", "list", "watch", "create", "update", "patch", "delete"],
    "view": ["get", "list", "watch"],
}


def write_chart(folder: Path, namespace: str, scope: Scope) -> Path:
    """Write the chart for one namespace into the folder; the chart's own folder."""
    chart = folder / "kubefed"
    (chart / "templates").mkdir(parents=True)
    (chart / "crds").mkdir()
    _write(chart / "Chart.yaml", {"apiVersion": "v2", "name": "kubefed", "version": "0.10.0"})
    program = {"repository": REPOSITORY, "image": "kubefed", "tag": "canary", "replicaCount": 2}
    values = {"enabled": True, "controller": program, "webhook": program}
    _write(chart / "values.yaml", {"controllermanager": values, "global": {"scope": scope.value}})
    crds = [{**crd, "metadata": {**crd["metadata"], "annotations": {CRD_MARK: "v0.9.2"}}} for crd in all_crds()]
    _write(chart / "crds" / "crds.yaml", *crds)
    _write(chart / "templates" / "all.yaml", *_objects(namespace, scope))
    return chart


def _write(path: Path, *documents: Manifest) -> None:
    path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")


def _objects(namespace: str, scope: Scope) -> list[Manifest]:
    config: Manifest = {
        "apiVersion": "core.kubefed.io/v1beta1",
        "kind": "KubeFedConfig",
        "metadata": {"name": "kubefed", "namespace": namespace},
        "spec": {
            "scope": scope.value,
            "featureGates": [
                {"name": "PushReconciler", "configuration": "Enabled"},
                {"name": "SchedulerPreferences", "configuration": "Enabled"},
            ],
            "syncController": {"maxConcurrentReconciles": 1, "adoptResources": "Disabled"},
        },
    }
    return [
        *_rights(namespace, scope),
        _deployment(namespace, "kubefed-controller-manager", {"kubefed-control-plane": "controller-manager"}),
        _deployment(namespace, "kubefed-admission-webhook", {"kubefed-admission-webhook": "true"}),
        _service(namespace, "kubefed-admission-webhook", 443, {"kubefed-admission-webhook": "true"}),
        _service(
            namespace,
            "kubefed-controller-manager-metrics-service",
            9090,
            {"kubefed-control-plane": "controller-manager"},
        ),
        _serving_certificate(namespace),
        _validations(namespace, scope),
        config,
        *default_type_configs(namespace),
    ]


def _rights(namespace: str, scope: Scope) -> list[Manifest]:
    to = ObjectKey(namespace, "kubefed-controller")
    far = namespace if scope is Scope.NAMESPACED else ""
    whatever = [{"apiGroups": list(_GROUPS), "resources": ["*"], "verbs": ["*"]}]
    secrets = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]
    objects = [
        account(to),
        account(ObjectKey(namespace, "kubefed-admission-webhook")),
        *bound_role(ObjectKey(far, "kubefed-role"), whatever, to, binding_name="kubefed-rolebinding"),
        *bound_role(ObjectKey(namespace, "kubefed-config-role"), secrets, to, binding_name="kubefed-config-rolebinding"),
    ]
    if scope is Scope.NAMESPACED:
        return objects
    for name, verbs in _VERBS.items():
        joining = role(ObjectKey("", f"kubefed-{name}"), [{**whatever[0], "verbs": verbs}])
        joining["metadata"]["labels"] = {f"rbac.authorization.k8s.io/aggregate-to-{name}": "true"}
        objects.append(joining)
    return objects


def _deployment(namespace: str, name: str, labels: dict[str, str]) -> Manifest:
    container = {"name": "program", "image": f"{REPOSITORY}/kubefed:canary", "command": ["/hyperfed/program"]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [container], "securityContext": {"runAsUser": 1001}},
            },
        },
    }


def _service(namespace: str, name: str, port: int, labels: dict[str, str]) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": labels, "ports": [{"name": "port", "port": port, "targetPort": 8443}]},
    }


def _serving_certificate(namespace: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "kubefed-admission-webhook-serving-cert", "namespace": namespace},
        "type": "kubernetes.io/tls",
        "stringData": {"tls.crt": "certificate", "tls.key": "key"},
    }


def _validations(namespace: str, scope: Scope) -> Manifest:
    """Nothing answers these in a sandbox, so that here they do not stop what they cannot judge."""

    def webhook(plural: str, path: str) -> dict[str, Any]:
        return {
            "name": f"{plural}.core.kubefed.io",
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Ignore",
            "timeoutSeconds": 1,
            "rules": [
                {
                    "apiGroups": ["core.kubefed.io"],
                    "apiVersions": ["v1beta1"],
                    "operations": ["CREATE", "UPDATE"],
                    "resources": [plural],
                }
            ],
            "clientConfig": {
                "caBundle": base64.b64encode(b"authority").decode(),
                "service": {"name": "kubefed-admission-webhook", "namespace": namespace, "path": path},
            },
        }

    suffix = f"-{namespace}" if scope is Scope.NAMESPACED else ""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": f"validations.core.kubefed.io{suffix}"},
        "webhooks": [
            webhook("federatedtypeconfigs", "/validate-federatedtypeconfigs"),
            webhook("kubefedclusters", "/validate-kubefedcluster"),
        ],
    }
