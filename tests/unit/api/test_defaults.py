"""What missing fields mean."""

from typing import Any

import pytest

from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedConfig
from kubefed.api.defaults import (
    enabled_gates,
    federated_type,
    is_sensitive,
    plural_of,
    target_type,
    with_config_defaults,
    with_type_config_defaults,
)
from kubefed.api.feature_gates import FeatureGate
from kubefed.core.names import ResourceType

DEFAULT_SPEC = {
    "controllerDuration": {"availableDelay": "20s", "unavailableDelay": "1m0s", "cacheSyncTimeout": "5m0s"},
    "leaderElect": {"leaseDuration": "15s", "renewDeadline": "10s", "retryPeriod": "5s", "resourceLock": "configmaps"},
    "featureGates": [
        {"name": "PushReconciler", "configuration": "Enabled"},
        {"name": "RawResourceStatusCollection", "configuration": "Disabled"},
        {"name": "SchedulerPreferences", "configuration": "Enabled"},
    ],
    "clusterHealthCheck": {"period": "10s", "failureThreshold": 3, "successThreshold": 1, "timeout": "3s"},
    "syncController": {"maxConcurrentReconciles": 1, "adoptResources": "Enabled"},
    "statusController": {"maxConcurrentReconciles": 1},
}


def defaulted(spec: dict[str, Any]) -> Any:
    return with_config_defaults(KubeFedConfig.read({"spec": spec})).manifest()["spec"]


def test_an_empty_configuration_gets_every_default_but_the_scope() -> None:
    assert defaulted({}) == DEFAULT_SPEC


@pytest.mark.parametrize("section", [name for name in DEFAULT_SPEC if name != "featureGates"])
@pytest.mark.parametrize("empty", [{}, None])
def test_empty_sections_are_filled_in(section: str, empty: Any) -> None:
    assert defaulted({section: empty})[section] == DEFAULT_SPEC[section]


def test_what_is_set_stays_and_the_rest_is_filled_in_around_it() -> None:
    spec = defaulted(
        {
            "scope": "Namespaced",
            "leaderElect": {"leaseDuration": "90s", "retryPeriod": None},
            "clusterHealthCheck": {"failureThreshold": 0},
            "syncController": {"adoptResources": "Disabled"},
            "trust": "Compatible",
        }
    )
    assert spec["scope"] == "Namespaced"
    assert spec["leaderElect"] == {**DEFAULT_SPEC["leaderElect"], "leaseDuration": "1m30s"}  # type: ignore[dict-item]
    assert spec["clusterHealthCheck"]["failureThreshold"] == 0
    assert spec["syncController"] == {"adoptResources": "Disabled", "maxConcurrentReconciles": 1}
    assert spec["trust"] == "Compatible"


def test_filling_in_twice_changes_nothing() -> None:
    once = with_config_defaults(KubeFedConfig.read({"metadata": {"name": "kubefed"}, "spec": {"scope": "Cluster"}}))
    assert with_config_defaults(once).manifest() == once.manifest()


def test_gates_that_are_not_mentioned_are_added_in_order_and_unknown_ones_are_kept() -> None:
    gates = [
        {"name": "SchedulerPreferences", "configuration": "Disabled"},
        {"name": "FederatedIngress", "configuration": "Enabled"},
    ]
    assert [(gate["name"], gate["configuration"]) for gate in defaulted({"featureGates": gates})["featureGates"]] == [
        ("FederatedIngress", "Enabled"),
        ("PushReconciler", "Enabled"),
        ("RawResourceStatusCollection", "Disabled"),
        ("SchedulerPreferences", "Disabled"),
    ]


def test_gates_are_on_by_configuration_or_by_default() -> None:
    assert enabled_gates(KubeFedConfig()) == {FeatureGate.PUSH_RECONCILER, FeatureGate.SCHEDULER_PREFERENCES}
    gates = [
        {"name": "SchedulerPreferences", "configuration": "Disabled"},
        {"name": "RawResourceStatusCollection", "configuration": "Enabled"},
    ]
    config = KubeFedConfig.read({"spec": {"featureGates": gates}})
    assert enabled_gates(config) == {FeatureGate.PUSH_RECONCILER, FeatureGate.RAW_RESOURCE_STATUS_COLLECTION}


@pytest.mark.parametrize(
    ("kind", "plural"),
    [
        ("FederatedDeployment", "federateddeployments"),
        ("FederatedIngress", "federatedingresses"),
        ("Box", "boxes"),
        ("Batch", "batches"),
        ("Bush", "bushes"),
        ("Quiz", "quizes"),
        ("Hero", "heroes"),
        ("NetworkPolicy", "networkpolicies"),
        ("Gateway", "gatewaies"),
    ],
)
def test_plurals_are_guessed_as_kubefed_guessed_them(kind: str, plural: str) -> None:
    assert plural_of(kind) == plural


def type_config(name: str, target: dict[str, Any], **spec: Any) -> FederatedTypeConfig:
    federated = {"group": "types.kubefed.io", "version": "v1beta1", "kind": "FederatedThing"}
    manifest = {"metadata": {"name": name}, "spec": {"targetType": target, "federatedType": federated, **spec}}
    return with_type_config_defaults(FederatedTypeConfig.read(manifest))


def test_target_is_completed_from_the_name_and_the_rest_from_the_federated_type() -> None:
    completed = type_config(
        "widgets.example.com",
        {"version": "v1", "kind": "Widget", "scope": "Namespaced"},
        statusType={"kind": "FederatedThingStatus"},
    )
    assert target_type(completed) == ResourceType("example.com", "v1", "widgets", "Widget", namespaced=True)
    assert federated_type(completed) == ResourceType(
        "types.kubefed.io", "v1beta1", "federatedthings", "FederatedThing", namespaced=True
    )
    assert completed.spec.status_type is not None
    assert completed.spec.status_type.manifest() == {
        "group": "types.kubefed.io",
        "version": "v1beta1",
        "kind": "FederatedThingStatus",
        "pluralName": "federatedthingstatuses",
    }


def test_what_a_type_configuration_says_itself_wins() -> None:
    target = {"group": "apps", "version": "v1", "kind": "Thing", "pluralName": "stuff", "scope": "Cluster"}
    assert target_type(type_config("things.example.com", target)) == ResourceType(
        "apps", "v1", "stuff", "Thing", namespaced=False
    )


def test_federated_namespaces_live_in_namespaces_although_namespaces_do_not() -> None:
    completed = type_config("namespaces", {"version": "v1", "kind": "Namespace", "scope": "Cluster"})
    assert not target_type(completed).namespaced
    assert federated_type(completed).namespaced
    other = type_config("clusterroles", {"version": "v1", "kind": "ClusterRole", "scope": "Cluster"})
    assert not federated_type(other).namespaced


@pytest.mark.parametrize(
    ("name", "kind", "sensitive"),
    [
        ("secrets", "Secret", True),
        ("secrets.example.com", "Secret", True),
        ("widgets.example.com", "Widget", True),
        ("configmaps", "ConfigMap", False),
        ("deployments.apps", "Deployment", False),
        ("clusterroles.rbac.authorization.k8s.io", "ClusterRole", False),
    ],
)
def test_secrets_and_types_of_strangers_are_sensitive_unless_said_otherwise(name: str, kind: str, sensitive: bool) -> None:
    target = {"version": "v1", "kind": kind, "scope": "Namespaced"}
    assert is_sensitive(type_config(name, target)) is sensitive
    assert is_sensitive(type_config(name, target, sensitive=not sensitive)) is not sensitive
