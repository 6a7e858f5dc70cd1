"""Every value of KubeFed's chart means here what it meant there. Rendered by the real Helm, without a cluster."""

from typing import Any

import pytest

from fedctl.install.deployment import deployment
from fedctl.rights.controller import account_key, rights
from fedctl.rights.federated_types import type_rights
from fedctl.rights.webhook import webhook_rights
from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedConfig, Scope
from kubefed.api.default_types import default_type_configs
from kubefed.api.defaults import with_config_defaults
from kubefed.version import __version__
from tests.integration.chart.rendered import CHART, CONTROLLER, NAMESPACE, WEBHOOK, Rendered
from tests.support.manifests import Manifest, field_of, nested
from tests.tools.helm_program import Helm, HelmRefused

KUBEFED_KINDS = {"KubeFedConfig", "FederatedTypeConfig"}


def render(helm: Helm, values: Manifest | None = None, namespace: str = NAMESPACE) -> Rendered:
    return Rendered(helm.template(CHART, namespace, values or {}))


def path(dotted: str) -> tuple[str, ...]:
    return ("controllermanager", *dotted.split("."))


# --- the configuration ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "given", "field"),
    [
        ("clusterAvailableDelay", "7s", "controllerDuration.availableDelay"),
        ("clusterUnavailableDelay", "1m10s", "controllerDuration.unavailableDelay"),
        ("cacheSyncTimeout", "90s", "controllerDuration.cacheSyncTimeout"),
        ("leaderElectLeaseDuration", "30s", "leaderElect.leaseDuration"),
        ("leaderElectRenewDeadline", "9s", "leaderElect.renewDeadline"),
        ("leaderElectRetryPeriod", "3s", "leaderElect.retryPeriod"),
        ("leaderElectResourceLock", "endpoints", "leaderElect.resourceLock"),
        ("clusterHealthCheckPeriod", "20s", "clusterHealthCheck.period"),
        ("clusterHealthCheckFailureThreshold", 5, "clusterHealthCheck.failureThreshold"),
        ("clusterHealthCheckSuccessThreshold", 2, "clusterHealthCheck.successThreshold"),
        ("clusterHealthCheckTimeout", "4s", "clusterHealthCheck.timeout"),
        ("syncController.maxConcurrentReconciles", 4, "syncController.maxConcurrentReconciles"),
        ("syncController.adoptResources", "Disabled", "syncController.adoptResources"),
        ("statusController.maxConcurrentReconciles", 3, "statusController.maxConcurrentReconciles"),
        ("trust", "Compatible", "trust"),
        ("allowedEndpointRanges", ["127.0.0.0/8"], "allowedEndpointRanges"),
    ],
)
def test_a_value_goes_into_its_field_of_the_configuration_and_no_other(
    helm: Helm, value: str, given: Any, field: str
) -> None:
    plain, changed = render(helm).config(), render(helm, nested(path(value), given)).config()
    section, _, name = field.rpartition(".")
    part = changed[section] if section else changed
    assert part.pop(name) == given
    (plain[section] if section else plain).pop(name, None)
    assert changed == plain


@pytest.mark.parametrize("gate", ["PushReconciler", "SchedulerPreferences", "RawResourceStatusCollection"])
@pytest.mark.parametrize("setting", ["Enabled", "Disabled"])
def test_a_feature_gate_is_set_without_a_job_that_patches_it(helm: Helm, gate: str, setting: str) -> None:
    rendered = render(helm, nested(path(f"featureGates.{gate}"), setting))
    gates = {each["name"]: each["configuration"] for each in rendered.config()["featureGates"]}
    assert gates[gate] == setting
    assert len(gates) == 3
    assert rendered.of_kind("Job") == []


def test_without_values_the_configuration_is_what_the_controller_would_fill_in(helm: Helm) -> None:
    rendered = render(helm).one("KubeFedConfig", "kubefed")
    bare = {**rendered, "spec": {"scope": "Cluster", "trust": "Strict"}}
    assert KubeFedConfig.read(rendered).spec == with_config_defaults(KubeFedConfig.read(bare)).spec


def test_the_ten_types_are_federated_and_outlive_the_release(helm: Helm) -> None:
    rendered = render(helm)
    wanted = {each["metadata"]["name"]: each["spec"] for each in default_type_configs(NAMESPACE)}
    assert {each["metadata"]["name"]: each["spec"] for each in rendered.of_kind("FederatedTypeConfig")} == wanted
    kept = [each for each in rendered.manifests if each["kind"] in KUBEFED_KINDS]
    assert {field_of(each, "metadata", "annotations", "helm.sh/resource-policy") for each in kept} == {"keep"}


def test_a_controller_that_is_not_enabled_leaves_the_types_and_the_roles_of_people(helm: Helm) -> None:
    rendered = render(helm, nested(path("enabled"), False))
    assert {each["kind"] for each in rendered.manifests} == {"FederatedTypeConfig", "ClusterRole"}
    assert {each["metadata"]["name"] for each in rendered.of_kind("ClusterRole")} == {"kubefed-editor", "kubefed-viewer"}


# --- the pods ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", ["controller", "webhook"])
def test_a_programs_values_go_into_its_own_deployment(helm: Helm, program: str) -> None:
    given = {
        "annotations": {"a": "deployment"},
        "podAnnotations": {"a": "pod"},
        "replicaCount": 3,
        "repository": "registry.example:5000/team",
        "image": "fed",
        "tag": "v9",
        "imagePullPolicy": "Always",
        "logLevel": 5,
        "env": {"HTTPS_PROXY": "http://proxy.example:3128", "GREETING": 7},
        "resources": {"limits": {"memory": "1Gi"}},
    }
    plain, rendered = render(helm), render(helm, nested(path(program), given))
    name, other = (CONTROLLER, WEBHOOK) if program == "controller" else (WEBHOOK, CONTROLLER)
    changed = rendered.one("Deployment", name)
    container = rendered.container(name)
    assert changed["metadata"]["annotations"] == {"a": "deployment"}
    assert changed["spec"]["template"]["metadata"]["annotations"] == {"a": "pod"}
    assert changed["spec"]["replicas"] == 3
    assert (container["image"], container["imagePullPolicy"]) == ("registry.example:5000/team/fed:v9", "Always")
    assert "--v=5" in container["command"]
    assert {each["name"]: each["value"] for each in container["env"]} == {
        "HTTPS_PROXY": "http://proxy.example:3128", "GREETING": "7",
    }  # fmt: skip
    assert container["resources"]["limits"] == {"memory": "1Gi", "cpu": "500m" if program == "controller" else "100m"}
    assert rendered.one("Deployment", other) == plain.one("Deployment", other)


def test_without_values_replicas_resources_and_log_levels_are_kubefeds(helm: Helm) -> None:
    rendered = render(helm)
    told = {}
    for name in (CONTROLLER, WEBHOOK):
        container = rendered.container(name)
        level = next(each for each in container["command"] if each.startswith("--v="))
        told[name] = (rendered.one("Deployment", name)["spec"]["replicas"], container["resources"]["limits"], level)
    assert told == {
        CONTROLLER: (2, {"cpu": "500m", "memory": "512Mi"}, "--v=2"),
        WEBHOOK: (1, {"cpu": "100m", "memory": "256Mi"}, "--v=8"),
    }
    assert rendered.container(CONTROLLER)["image"] == f"kubefed:{__version__}"


def test_common_values_go_into_both_deployments(helm: Helm) -> None:
    tolerations = [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}]
    preferred: Manifest = {"podAffinity": {}}
    given = {
        "commonNodeSelector": {"disk": "ssd"},
        "commonTolerations": tolerations,
        "commonAffinity": preferred,
        "imagePullSecrets": [{"name": "pull"}],
    }
    rendered = render(helm, {"controllermanager": given})
    for name in (CONTROLLER, WEBHOOK):
        pod = rendered.pod(name)
        assert pod["nodeSelector"] == {"disk": "ssd"}
        assert (pod["tolerations"], pod["affinity"]) == (tolerations, preferred)
        assert pod["imagePullSecrets"] == [{"name": "pull"}]


def test_a_forced_redeployment_changes_the_pods_at_every_rendering(helm: Helm) -> None:
    def annotations(values: Manifest) -> Any:
        return field_of(render(helm, values).one("Deployment", CONTROLLER), "spec", "template", "metadata", "annotations")

    forced = nested(path("controller.forceRedeployment"), True)
    assert annotations({}) is None
    assert annotations(forced) != annotations(forced)


def test_the_metrics_service_takes_labels(helm: Helm) -> None:
    service = render(helm, nested(path("service.labels"), {"team": "platform"})).one(
        "Service", "kubefed-controller-manager-metrics-service"
    )
    assert service["metadata"]["labels"]["team"] == "platform"
    assert [port["port"] for port in service["spec"]["ports"]] == [9090]


def test_selectors_are_kubefeds_because_nobody_can_change_them(helm: Helm) -> None:
    rendered = render(helm)
    for name, labels in (
        (CONTROLLER, {"kubefed-control-plane": "controller-manager"}),
        (WEBHOOK, {"kubefed-admission-webhook": "true"}),
    ):
        spec = rendered.one("Deployment", name)["spec"]
        assert spec["selector"]["matchLabels"] == labels
        assert labels.items() <= spec["template"]["metadata"]["labels"].items()


def test_the_controllers_pod_is_the_one_that_fedctl_installs(helm: Helm) -> None:
    ours = deployment(NAMESPACE, f"kubefed:{__version__}")["spec"]["template"]["spec"]
    theirs = render(helm).pod(CONTROLLER)
    said = {key: theirs[key] for key in ours if key != "containers"}
    assert said == {key: ours[key] for key in said}
    for field in ("readinessProbe", "livenessProbe", "securityContext", "volumeMounts", "ports"):
        assert theirs["containers"][0][field] == ours["containers"][0][field]


# --- rights -----------------------------------------------------------------------------------------------------


def named(manifests: list[Manifest]) -> dict[tuple[str, str, str], Manifest]:
    """By kind, namespace and name; labels and the API's own defaults left out."""
    return {
        (each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]): {
            part: each[part] for part in ("rules", "roleRef", "subjects") if part in each
        }
        for each in manifests
    }


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("namespace", [NAMESPACE, "team-a"])
def test_rights_are_those_that_fedctl_install_grants(helm: Helm, scope: Scope, namespace: str) -> None:
    from fedctl.federation import federated_type

    types = [federated_type(FederatedTypeConfig.read(each)) for each in default_type_configs(namespace)]
    wanted = named([*rights(namespace, scope), *type_rights(namespace, scope, types), *webhook_rights(namespace, scope)])
    rendered = render(helm, {"global": {"scope": scope.value}}, namespace)
    found = named([each for each in rendered.manifests if "Role" in each["kind"] or each["kind"] == "ServiceAccount"])
    credentials = {key: found.pop(key) for key in list(found) if key[2] == "kubefed-member-credentials"}
    assert found == wanted
    assert credentials["Role", namespace, "kubefed-member-credentials"]["rules"] == []
    assert credentials["RoleBinding", namespace, "kubefed-member-credentials"]["subjects"] == [
        {"kind": "ServiceAccount", "namespace": namespace, "name": account_key(namespace).name}
    ]


def test_no_rule_has_a_wildcard_and_secrets_are_read_by_name(helm: Helm) -> None:
    rendered = render(helm, nested(path("rbac.memberSecrets"), ["eu-token"]))
    rules = [rule for kind in ("Role", "ClusterRole") for each in rendered.of_kind(kind) for rule in each["rules"]]
    assert not [rule for rule in rules if "*" in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]]
    reading = [rule for rule in rules if "secrets" in rule["resources"] and rule["verbs"] != ["create"]]
    assert sorted(rule["resourceNames"] for rule in reading) == [["eu-token"], ["kubefed-admission-webhook-serving-cert"]]


def test_federated_objects_join_edit_and_admin_only_when_asked(helm: Helm) -> None:
    def aggregated(values: Manifest) -> set[str]:
        roles = render(helm, values).of_kind("ClusterRole")
        prefix = "rbac.authorization.k8s.io/aggregate-to-"
        return {label.removeprefix(prefix) for each in roles for label in each["metadata"]["labels"] if prefix in label}

    assert aggregated({}) == aggregated(nested(path("rbac.aggregate"), False)) == set()
    assert aggregated(nested(path("rbac.aggregate"), True)) == {"admin", "edit", "view"}
    assert aggregated(nested(path("rbac.aggregate"), True) | {"global": {"scope": "Namespaced"}}) == set()


# --- the webhook and what is optional ----------------------------------------------------------------------------


def test_webhook_configurations_are_empty_and_unique_to_a_namespaced_federation(helm: Helm) -> None:
    def names(values: Manifest) -> list[str]:
        found = [
            each
            for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
            for each in render(helm, values).of_kind(kind)
        ]
        assert not [each for each in found if "webhooks" in each]
        return [each["metadata"]["name"] for each in found]

    assert names({}) == ["mutation.core.kubefed.io", "validations.core.kubefed.io"]
    assert names({"global": {"scope": "Namespaced"}}) == [
        f"mutation.core.kubefed.io-{NAMESPACE}", f"validations.core.kubefed.io-{NAMESPACE}",
    ]  # fmt: skip


def test_cert_manager_makes_the_webhooks_certificates_when_asked(helm: Helm) -> None:
    assert render(helm).of_kind("Certificate") == []
    assert "--cert-dir=/var/serving-cert" not in render(helm).container(WEBHOOK)["command"]
    root = {"organizations": ["Example"], "commonName": "ca.example", "dnsNames": ["ca.example"]}
    rendered = render(helm, nested(path("certManager"), {"enabled": True, "rootCertificate": root}))
    authority = rendered.one("Certificate", "kubefed-root-certificate")["spec"]
    assert (authority["commonName"], authority["dnsNames"], authority["subject"]) == (
        "ca.example", ["ca.example"], {"organizations": ["Example"]},
    )  # fmt: skip
    serving = rendered.one("Certificate", "kubefed-certificate")["spec"]
    assert f"kubefed-admission-webhook.{NAMESPACE}.svc" in serving["dnsNames"]
    (mount,) = (each for each in rendered.container(WEBHOOK)["volumeMounts"] if each["name"] == "serving-cert")
    assert f"--cert-dir={mount['mountPath']}" in rendered.container(WEBHOOK)["command"]
    assert {"name": "serving-cert", "secret": {"secretName": serving["secretName"]}} in rendered.pod(WEBHOOK)["volumes"]
    validating = rendered.one("ValidatingWebhookConfiguration", "validations.core.kubefed.io")
    assert validating["metadata"]["annotations"] == {
        "cert-manager.io/inject-ca-from": f"{NAMESPACE}/kubefed-root-certificate"
    }


def test_budgets_protect_what_has_several_replicas(helm: Helm) -> None:
    def budgets(**values: Any) -> list[str]:
        rendered = render(helm, {"controllermanager": values})
        return [each["metadata"]["name"] for each in rendered.of_kind("PodDisruptionBudget")]

    assert budgets() == [CONTROLLER]
    assert budgets(webhook={"replicaCount": 2}, controller={"replicaCount": 1}) == [WEBHOOK]
    assert budgets(podDisruptionBudget={"enabled": False}) == []


def test_network_policies_are_made_when_asked(helm: Helm) -> None:
    assert render(helm).of_kind("NetworkPolicy") == []
    peers = [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]
    rendered = render(helm, nested(path("networkPolicy"), {"enabled": True, "metricsFrom": peers}))
    metrics = next(
        rule for rule in rendered.one("NetworkPolicy", CONTROLLER)["spec"]["ingress"] if rule["ports"] == [{"port": 9090}]
    )
    assert metrics["from"] == peers
    assert rendered.one("NetworkPolicy", WEBHOOK)["spec"]["ingress"] == [{"ports": [{"port": 8443}]}]


# --- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "given", "said"),
    [
        ("featureGates.PushReconciler", "true", "PushReconciler"),
        ("leaderElectResourceLock", "leases", "leaderElectResourceLock"),
        ("clusterHealthCheckPeriod", "10 seconds", "clusterHealthCheckPeriod"),
        ("clusterHealthCheckFailureThreshold", 0, "clusterHealthCheckFailureThreshold"),
        ("controller.repository", "quay.io/kubernetes-multicluster", "KubeFed's own images"),
        ("rbac.aggregate", "perhaps", "aggregate"),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(helm: Helm, value: str, given: Any, said: str) -> None:
    with pytest.raises(HelmRefused, match=said):
        render(helm, nested(path(value), given))
