"""A real API server asks the webhook, and kubectl shows what came of it."""

from typing import Any

import pytest

from fedctl.kinds import NAMESPACES
from kubefed.admission.configurations import VALIDATING
from kubefed.api.core_v1beta1 import KubeFedCluster, KubeFedConfig
from kubefed.core.names import ObjectKey, ResourceType
from tests.integration.admission.support import SYSTEM, Host, Manifest, RunningWebhook
from tests.support.commands import fedctl
from tests.support.waiting import eventually
from tests.unit.admission.test_verdicts_on_kubefed_kinds import DEFAULTS

FEDERATED = ResourceType("types.kubefed.io", "v1beta1", "federateddeployments", "FederatedDeployment", namespaced=True)
CORE, WISHES, SCHEDULING = "core.kubefed.io/v1beta1", "types.kubefed.io/v1beta1", "scheduling.kubefed.io/v1alpha1"


def a(kind: str, api_version: str, name: str, spec: Any, namespace: str = SYSTEM) -> Manifest:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def resource(plural: str, kind: str, group: str = "", **more: str) -> Manifest:
    return {"group": group, "version": "v1", "kind": kind, "pluralName": plural, "scope": "Namespaced", **more}


def override(cluster: str, *paths: str) -> Manifest:
    return {"clusterName": cluster, "clusterOverrides": [{"path": path, "value": "x"} for path in paths]}


SECRET_REF = {"name": "eu-x7k2p"}
BAD_CLUSTERS: list[tuple[Manifest, str]] = [
    ({"apiEndpoint": "", "secretRef": SECRET_REF}, "spec.apiEndpoint: Required value"),
    ({"apiEndpoint": "ftp://eu", "secretRef": SECRET_REF}, 'spec.apiEndpoint: Unsupported value: "ftp"'),
    ({"apiEndpoint": "eu", "secretRef": {"name": "No_Good"}}, "spec.secretRef.name: Invalid value"),
    (
        {"apiEndpoint": "eu", "secretRef": SECRET_REF, "disabledTLSValidations": ["*", "SubjectName"]},
        "when * is specified, it is expected to be the only option in list",
    ),
    (
        {"apiEndpoint": "eu", "secretRef": SECRET_REF, "proxyURL": "ftp://proxy"},
        "proxy URL scheme must be one of: [http, https, socks5]",
    ),
]
BAD_TYPES: list[tuple[Manifest, str]] = [
    ({"targetType": resource("widgets", "Widget", "example.com")}, "name must be 'TARGET_PLURAL_NAME(.TARGET_GROUP_NAME)'"),
    ({"propagation": "Perhaps"}, 'spec.propagation: Unsupported value: "Perhaps"'),
    (
        {"federatedType": resource("federatedwidgets", "FederatedWidget", "nodots")},
        "should be a domain with at least one dot",
    ),
]
BAD_WISHES: list[tuple[Manifest, str]] = [
    ({"overrides": [override("eu", "/spec/a"), override("eu", "/spec/b")]}, 'cluster "eu" appears more than once'),
    ({"overrides": [override("eu", "/spec/a", "/spec/a")]}, 'path "/spec/a" appears more than once'),
    ({"overrides": [override("eu", "/metadata/name")]}, "invalid path: /metadata/name"),
    ({"overrides": [override("eu", "/kind")]}, "invalid path: /kind"),
    (
        {"placement": {"clusterSelector": {"matchExpressions": [{"key": "a", "operator": "Like", "values": ["b"]}]}}},
        "'Like' is not one of In, NotIn, Exists, DoesNotExist",
    ),
    ({"template": {"kind": "StatefulSet"}}, "spec.template.kind is not Deployment"),
]


def test_bad_clusters_are_refused_in_kubefeds_words(webhook: RunningWebhook, host: Host) -> None:
    for spec, words in BAD_CLUSTERS:
        told = host.create(a("KubeFedCluster", CORE, "bad", spec))
        assert not told.worked
        assert "Error from server (Forbidden)" in told.err
        assert 'admission webhook "kubefedclusters.core.kubefed.io" denied the request: ' in told.err
        assert words in told.err
    assert webhook.is_running()


def test_clusters_are_judged_in_every_namespace_and_good_ones_pass(webhook: RunningWebhook, host: Host) -> None:
    bad = a("KubeFedCluster", CORE, "bad", {"apiEndpoint": "", "secretRef": SECRET_REF}, "default")
    assert not host.create(bad).worked
    assert host.create({**bad, "spec": {"apiEndpoint": "eu", "secretRef": SECRET_REF}}).worked
    patched = host.kubectl("patch", "kfc", "bad", "-ndefault", "--type=merge", '-p={"spec":{"apiEndpoint":""}}')
    assert "spec.apiEndpoint: Required value" in patched.err
    conditions = '-p={"status":{"conditions":[{"type":"Happy","status":"True","lastProbeTime":"2026-01-02T03:04:05Z"}]}}'
    status = host.kubectl("patch", "kfc", "bad", "-ndefault", "--type=merge", "--subresource=status", conditions)
    assert 'status.conditions[0].type: Unsupported value: "Happy"' in status.err
    assert host.kubectl("delete", "kfc", "bad", "-ndefault").worked
    assert webhook.is_running()


def test_bad_type_configs_are_refused(webhook: RunningWebhook, host: Host) -> None:
    good = {
        "targetType": resource("widgets", "Widget"),
        "propagation": "Enabled",
        "federatedType": resource("federatedwidgets", "FederatedWidget", "types.kubefed.io"),
    }
    for change, words in BAD_TYPES:
        told = host.create(a("FederatedTypeConfig", CORE, "widgets", {**good, **change}))
        assert not told.worked
        assert "Error from server (Forbidden)" in told.err
        assert words in told.err
    assert host.create(a("FederatedTypeConfig", CORE, "widgets", good)).worked
    bad_status = '-p={"status":{"observedGeneration":-1,"propagationController":"Running"}}'
    told = host.kubectl("patch", "ftc", "widgets", f"-n{SYSTEM}", "--type=merge", "--subresource=status", bad_status)
    assert "status.observedGeneration: Invalid value: -1: must be greater than or equal to 0" in told.err
    assert host.kubectl("delete", "ftc", "widgets", f"-n{SYSTEM}").worked
    assert webhook.is_running()


def test_a_config_is_stored_with_kubefeds_defaults_and_validated(webhook: RunningWebhook, host: Host) -> None:
    assert host.create(a("KubeFedConfig", CORE, "another", {"scope": "Cluster"}, "default")).worked
    stored = host.server.get(KubeFedConfig.resource_type, ObjectKey("default", "another"))
    assert stored["spec"] == DEFAULTS
    changed = host.kubectl(
        "patch", "kubefedconfig", "another", "-ndefault", "--type=merge", '-p={"spec":{"scope":"Namespaced"}}'
    )
    assert "Error from server (Forbidden)" in changed.err
    assert "field is immutable" in changed.err
    told = host.create(
        a("KubeFedConfig", CORE, "bad", {"scope": "Global", "leaderElect": {"leaseDuration": "5s"}}, "default")
    )
    assert 'spec.scope: Unsupported value: "Global"' in told.err
    assert "leaseDuration must be greater than renewDeadline" in told.err
    assert host.kubectl("delete", "kubefedconfig", "another", "-ndefault").worked
    assert webhook.is_running()


def test_bad_wishes_are_refused_naming_the_field(webhook: RunningWebhook, host: Host) -> None:
    for spec, words in BAD_WISHES:
        told = host.create(a("FederatedDeployment", WISHES, "web", spec, "default"))
        assert not told.worked
        assert words in told.err
        assert f"spec.{next(iter(spec))}: Invalid value" in told.err
    told = host.create(
        a("FederatedDeployment", WISHES, "web", {"template": {"metadata": {"annotations": {"a": "b"}}}}, "default")
    )
    assert told.worked
    assert "Warning: spec.template.metadata.annotations: never reaches a member" in told.err
    assert host.kubectl("delete", "federateddeployment", "web", "-ndefault").worked
    assert webhook.is_running()


def test_a_preference_for_an_unknown_kind_is_refused_naming_the_field(webhook: RunningWebhook, host: Host) -> None:
    preference = a(
        "ReplicaSchedulingPreference", SCHEDULING, "web", {"targetKind": "Deployment", "totalReplicas": 9}, "default"
    )
    eventually(lambda: not host.create(preference, "--dry-run=server").worked, "the webhook knows the types")
    told = host.create(preference)
    assert not told.worked
    assert 'spec.targetKind: Unsupported value: "Deployment": supported values: "FederatedDeployment"' in told.err
    assert webhook.is_running()


def test_a_preference_may_name_the_kind_of_any_federated_type_and_of_no_other(webhook: RunningWebhook, host: Host) -> None:
    spec = {"targetKind": "FederatedStatefulSet", "totalReplicas": 9}
    preference = a("ReplicaSchedulingPreference", SCHEDULING, "web", spec, "default")

    def told() -> str:
        return host.create(preference, "--dry-run=server").err

    eventually(lambda: 'spec.targetKind: Unsupported value: "FederatedStatefulSet"' in told(), "no type has that kind")
    fedctl(host.sandbox.kubeconfig, "enable", "statefulsets.apps")
    eventually(lambda: not told(), "it is the kind of a type now")
    assert host.kubectl("delete", "ftc", "statefulsets.apps", f"-n{SYSTEM}").worked
    eventually(lambda: "Unsupported value" in told(), "and is no more")
    assert webhook.is_running()


def test_bad_objects_from_before_can_be_relabelled_mended_and_deleted(host: Host, tmp_path: Any) -> None:
    """While the configurations are empty nobody is asked, as with a KubeFed that is taken over."""
    overrides = [override("eu", "/spec/a"), override("eu", "/spec/b")]
    bad = a("FederatedDeployment", WISHES, "old", {"overrides": overrides}, "default")
    bad["metadata"]["finalizers"] = ["example.com/keep"]
    assert host.create(bad).worked
    with RunningWebhook(host, tmp_path) as webhook:
        webhook.await_registration()
        assert host.kubectl("label", "federateddeployment", "old", "-ndefault", "a=b").worked
        told = host.kubectl(
            "patch", "federateddeployment", "old", "-ndefault", "--type=merge", '-p={"spec":{"placement":{}}}'
        )
        assert told.worked
        assert "left as it was, and not propagated" in told.err
        assert host.kubectl("delete", "federateddeployment", "old", "-ndefault", "--wait=false").worked
        finalized = host.kubectl(
            "patch", "federateddeployment", "old", "-ndefault", "--type=merge", '-p={"metadata":{"finalizers":null}}'
        )
        assert finalized.worked
        assert host.server.find(FEDERATED, ObjectKey("default", "old")) is None


def test_a_webhook_that_is_down_blocks_no_wish_and_nothing_of_the_users(webhook: RunningWebhook, host: Host) -> None:
    assert webhook.stop() == 0
    wish = a("FederatedDeployment", WISHES, "web", {"overrides": [override("eu", "/kind")]}, "default")
    assert host.create(wish).worked
    assert host.kubectl("delete", "federateddeployment", "web", "-ndefault").worked
    host.server.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "the-users-own"}})
    refused = host.create(a("KubeFedCluster", CORE, "eu", {"apiEndpoint": "eu", "secretRef": SECRET_REF}))
    assert 'failed calling webhook "kubefedclusters.core.kubefed.io"' in refused.err


def test_a_cluster_can_leave_while_the_webhook_is_down(webhook: RunningWebhook, host: Host) -> None:
    cluster = a("KubeFedCluster", CORE, "eu", {"apiEndpoint": "eu", "secretRef": SECRET_REF})
    cluster["metadata"]["finalizers"] = ["example.com/keep"]
    assert host.create(cluster).worked
    webhook.stop()
    assert host.kubectl("delete", "kfc", "eu", f"-n{SYSTEM}", "--wait=false").worked
    assert host.kubectl("patch", "kfc", "eu", f"-n{SYSTEM}", "--type=merge", '-p={"metadata":{"finalizers":null}}').worked
    assert host.server.find(KubeFedCluster.resource_type, ObjectKey(SYSTEM, "eu")) is None


@pytest.mark.parametrize("levels", [70, 300, 2_000])
def test_a_template_nested_too_deeply_is_refused(webhook: RunningWebhook, host: Host, levels: int) -> None:
    body = (
        '{"apiVersion":"types.kubefed.io/v1beta1","kind":"FederatedDeployment","metadata":{"name":"deep"},"spec":{"template":'
        + '{"a":' * levels + "1" + "}" * levels + "}}"
    )  # fmt: skip
    path = host.sandbox.directory / "deep.json"
    path.write_text(body)
    told = host.kubectl(
        "create", "--raw", "/apis/types.kubefed.io/v1beta1/namespaces/default/federateddeployments", "-f", str(path)
    )
    assert not told.worked
    assert "nested" in told.err
    assert webhook.is_running()


def test_large_objects_are_judged_as_well(webhook: RunningWebhook, host: Host) -> None:
    template = {"spec": {"x": "y" * 700_000}}
    wish = a("FederatedDeployment", WISHES, "large", {"template": template}, "default")
    assert host.create(wish).worked
    wish["spec"]["overrides"] = [override("eu", "/kind")]
    stored = host.server.get(FEDERATED, ObjectKey("default", "large"))
    wish["metadata"]["resourceVersion"] = stored["metadata"]["resourceVersion"]
    assert "invalid path: /kind" in host.kubectl("replace", "-f", "-", manifest=wish).err
    assert host.kubectl("delete", "federateddeployment", "large", "-ndefault").worked
    assert webhook.is_running()


def test_what_an_administrator_changed_in_the_configuration_stays(webhook: RunningWebhook, host: Host) -> None:
    key = ObjectKey("", "validations.core.kubefed.io")
    configuration = host.server.get(VALIDATING, key)
    configuration["webhooks"] = [
        {**each, "failurePolicy": "Fail", "clientConfig": {**each["clientConfig"], "caBundle": ""}}
        for each in configuration["webhooks"]
        if each["name"] != "replicaschedulingpreferences.scheduling.kubefed.io"
    ]
    host.server.replace(VALIDATING, configuration)

    def mended() -> bool:
        found = {each["name"]: each for each in host.webhooks(VALIDATING)}
        return len(found) == 5 and all(each["clientConfig"].get("caBundle") for each in found.values())

    eventually(mended, f"bundles and missing webhooks come back; see {webhook.log}", within_s=60)
    policies = {each["name"]: each["failurePolicy"] for each in host.webhooks(VALIDATING)}
    assert policies["federated.types.kubefed.io"] == "Fail"


def test_the_controller_writes_on_while_the_webhook_is_down_and_is_never_asked(webhook: RunningWebhook, host: Host) -> None:
    webhook.stop()
    finalized = '-p={"metadata":{"finalizers":["core.kubefed.io/federated-type-config"]}}'
    patch = ("patch", "ftc", "configmaps", f"-n{SYSTEM}", "--type=merge", finalized)
    assert "failed calling webhook" in host.kubectl(*patch).err
    assert host.kubectl(*patch, f"--as=system:serviceaccount:{SYSTEM}:kubefed-controller").worked
