"""The webhook configurations: which requests the host's API servers ask about, and what they do without an answer. Pure.

KubeFed's own kinds fail closed, as they did under KubeFed: only who administers the federation writes them. Wishes fail
open: they are judged again when they are propagated, so that a webhook that is down costs the early message and nothing
else. The API servers do not ask about deletions, about objects that are being deleted, about updates that leave the spec
of a wish alone, or about what the controller itself writes, which validates what it reads and must work on without us.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kubefed.admission import paths
from kubefed.api import core_v1beta1, scheduling_v1alpha1, types_v1beta1
from kubefed.api.core_v1beta1 import Scope
from kubefed.core.markers import DEFAULT_NAMESPACE
from kubefed.core.names import ResourceType

Manifest = dict[str, Any]

_REGISTRATION = "admissionregistration.k8s.io"
VALIDATING = ResourceType(
    _REGISTRATION, "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", namespaced=False
)
MUTATING = ResourceType(
    _REGISTRATION, "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", namespaced=False
)
SERVICE_NAME = "kubefed-admission-webhook"
CONTROLLER_ACCOUNT = "kubefed-controller"
_TIMEOUT_S = 5

_LIVES_ON = {"name": "not-being-deleted", "expression": "!has(object.metadata.deletionTimestamp)"}
_SPEC_CHANGES = {
    "name": "spec-changes",
    "expression": "request.operation != 'UPDATE' || !has(object.spec) || !has(oldObject.spec) "
    "|| object.spec != oldObject.spec",
}


@dataclass(frozen=True, slots=True)
class Installation:
    """What the configurations depend on.

    `url` is where the webhook is reached when it runs outside the cluster, such as `https://127.0.0.1:8443`; without it
    that is its Service in `namespace`.
    """

    namespace: str = DEFAULT_NAMESPACE
    scope: Scope = Scope.CLUSTER
    url: str = ""


def configurations(installation: Installation) -> list[tuple[ResourceType, Manifest]]:
    """The two manifests that KubeFed had; the webhooks for wishes stand behind its own."""
    validating = [*_kubefed_kinds(installation), *_wishes(installation)]
    return [
        (MUTATING, _configuration(installation, MUTATING, "mutation.core.kubefed.io", [_defaulting(installation)])),
        (VALIDATING, _configuration(installation, VALIDATING, "validations.core.kubefed.io", validating)),
    ]


def _configuration(installation: Installation, resource: ResourceType, name: str, webhooks: Sequence[Manifest]) -> Manifest:
    suffix = f"-{installation.namespace}" if installation.scope is Scope.NAMESPACED else ""
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": name + suffix},
        "webhooks": list(webhooks),
    }


def _defaulting(installation: Installation) -> Manifest:
    name, rule = "kubefedconfigs.core.kubefed.io", _rule(core_v1beta1.GROUP, "v1beta1", ["kubefedconfigs"], ["CREATE"])
    return _webhook(installation, name, paths.DEFAULT_CONFIG, [rule])


def _kubefed_kinds(installation: Installation) -> list[Manifest]:
    account = f"system:serviceaccount:{installation.namespace}:{CONTROLLER_ACCOUNT}"
    others = {"name": "not-the-controllers-own-write", "expression": f"request.userInfo.username != '{account}'"}

    def webhook(plural: str, path: str, subresources: Sequence[str]) -> Manifest:
        rule = _rule(core_v1beta1.GROUP, "v1beta1", [plural, *(f"{plural}/{each}" for each in subresources)])
        conditions = {"matchConditions": [_LIVES_ON, others]}
        return _webhook(installation, f"{plural}.{core_v1beta1.GROUP}", path, [rule]) | conditions

    return [
        webhook("federatedtypeconfigs", paths.VALIDATE_TYPE_CONFIG, ["status"]),
        webhook("kubefedclusters", paths.VALIDATE_CLUSTER, ["status"]),
        webhook("kubefedconfigs", paths.VALIDATE_CONFIG, []),
    ]


def _wishes(installation: Installation) -> list[Manifest]:
    group, preferences = scheduling_v1alpha1.GROUP, "replicaschedulingpreferences"
    wishes = _rule(types_v1beta1.GROUP, "*", ["*"])
    open_ = {"failurePolicy": "Ignore", "matchConditions": [_LIVES_ON, _SPEC_CHANGES]}
    return [
        _webhook(installation, f"federated.{types_v1beta1.GROUP}", paths.VALIDATE_FEDERATED, [wishes]) | open_,
        _webhook(
            installation,
            f"{preferences}.{group}",
            paths.VALIDATE_PREFERENCE,
            [_rule(group, scheduling_v1alpha1.VERSION, [preferences])],
        )
        | open_,
    ]


def _rule(group: str, version: str, resources: Sequence[str], operations: Sequence[str] = ("CREATE", "UPDATE")) -> Manifest:
    return {
        "apiGroups": [group],
        "apiVersions": [version],
        "resources": list(resources),
        "operations": list(operations),
        "scope": "*",
    }


def _webhook(installation: Installation, name: str, path: str, rules: Sequence[Manifest]) -> Manifest:
    webhook: Manifest = {
        "name": name,
        "clientConfig": _client_config(installation, path),
        "rules": list(rules),
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": _TIMEOUT_S,
    }
    if installation.scope is Scope.NAMESPACED:
        labels = {"kubernetes.io/metadata.name": installation.namespace}
        webhook["namespaceSelector"] = {"matchLabels": labels}
    return webhook


def _client_config(installation: Installation, path: str) -> Manifest:
    service = {"name": SERVICE_NAME, "namespace": installation.namespace, "path": path, "port": 443}
    return {"url": installation.url + path} if installation.url else {"service": service}


def completed(stored: Manifest, wanted: Manifest, ca_bundle: str | None) -> Manifest:
    """The stored configuration with those of the wanted webhooks that it lacks.

    What stands there already stays as its administrator or KubeFed's chart wrote it, but for the bundle; None leaves the
    bundles to somebody else.
    """
    present = {webhook["name"]: webhook for webhook in stored.get("webhooks") or []}
    ours = {webhook["name"]: present.get(webhook["name"], webhook) for webhook in wanted["webhooks"]}
    if ca_bundle is not None:
        ours = {name: _with_ca_bundle(webhook, ca_bundle) for name, webhook in ours.items()}
    return {**stored, "webhooks": list((present | ours).values())}


def _with_ca_bundle(webhook: Manifest, ca_bundle: str) -> Manifest:
    return {**webhook, "clientConfig": {**webhook["clientConfig"], "caBundle": ca_bundle}}
