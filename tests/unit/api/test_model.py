"""How objects are read and written: nothing lost that counts, nothing shown that is secret."""

from typing import Any

import pytest

from kubefed.api.core_v1beta1 import EnableTypeDirective, KubeFedCluster, KubeFedConfig
from kubefed.api.types_v1beta1 import RETRIED, FederatedObject, PropagationStatus
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey


@pytest.mark.parametrize(
    "placement",
    [
        {},
        {"clusters": None},
        {"clusters": []},
        {"clusters": [{"name": "eu"}]},
        {"clusterSelector": None},
        {"clusterSelector": {}},
        {"clusterSelector": {"matchLabels": {}}},
        {"clusterSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}},
    ],
)
def test_absent_null_and_empty_stay_what_they_are(placement: dict[str, Any]) -> None:
    manifest = {"metadata": {"name": "web"}, "spec": {"placement": placement}}
    assert FederatedObject.model_validate(manifest).manifest() == manifest


def test_a_whole_federated_object_is_written_as_it_was_read() -> None:
    manifest = {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": "FederatedDeployment",
        "metadata": {"name": "web", "namespace": "shop", "managedFields": [{"manager": "kubectl"}], "generation": 3},
        "spec": {
            "template": {"spec": {"replicas": 3, "x": [1, None, 0.5, {"y": True}]}},
            "overrides": [
                {"clusterName": "eu", "clusterOverrides": [{"path": "/spec/replicas", "value": None}, {"path": "/a"}]}
            ],
            "retainReplicas": False,
        },
        "status": {
            "observedGeneration": 3,
            "conditions": [{"type": "Propagation", "status": "True", "lastUpdateTime": "2024-01-01T00:00:00Z"}],
            "clusters": [{"name": "eu"}, {"name": "us", "status": "UpdateFailed", "remoteStatus": {"a": 1}}],
        },
    }
    assert FederatedObject.model_validate(manifest).manifest() == manifest


def test_unknown_fields_are_ignored_but_for_metadata() -> None:
    read = KubeFedCluster.read({"metadata": {"name": "eu", "future": 1}, "spec": {"future": 1}, "future": 1})
    assert read.manifest() == {
        "apiVersion": "core.kubefed.io/v1beta1",
        "kind": "KubeFedCluster",
        "metadata": {"name": "eu", "future": 1},
        "spec": {},
    }


def test_fields_that_kubefed_spells_its_own_way_keep_their_spelling() -> None:
    spec = {
        "apiEndpoint": "https://eu:6443",
        "caBundle": "LS0t",
        "secretRef": {"name": "eu"},
        "disabledTLSValidations": ["*"],
        "proxyURL": "socks5://proxy:1080",
    }
    assert KubeFedCluster.read({"spec": spec}).manifest()["spec"] == spec


def test_a_field_that_the_crd_requires_reads_as_empty_where_no_schema_looked_first() -> None:
    cluster = KubeFedCluster.read({})
    assert (cluster.spec.api_endpoint, cluster.spec.secret_ref.name) == ("", "")
    assert cluster.key == ObjectKey("", "")


def test_a_value_beyond_a_limit_of_the_crd_is_still_read() -> None:
    long = "x" * 1000
    status = {"conditions": [], "details": {"state": long, "warnings": [{"reason": long}] * 50}}
    assert KubeFedCluster.read({"status": status}).manifest()["status"] == status


def test_models_cannot_be_changed_in_place() -> None:
    config = KubeFedConfig.read({"spec": {"scope": "Cluster"}})
    with pytest.raises(ValueError, match="frozen"):
        config.spec.scope = "Namespaced"  # type: ignore[misc]
    assert config.with_fields(spec=config.spec.with_fields(scope="Namespaced")).manifest()["spec"] == {
        "scope": "Namespaced"
    }


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (None, "object: Input should be a valid dictionary or instance of KubeFedConfig"),
        ({"spec": {"scope": 3}}, "spec.scope: Input should be a valid string"),
        (
            {"spec": {"syncController": {"maxConcurrentReconciles": "3"}}},
            "spec.syncController.maxConcurrentReconciles: Input should be a valid integer",
        ),
        (
            {"spec": {"leaderElect": {"retryPeriod": "soon"}}},
            'spec.leaderElect.retryPeriod: should be a duration such as "1m30s"',
        ),
        (
            {"spec": {"leaderElect": {"retryPeriod": 5}}},
            'spec.leaderElect.retryPeriod: should be a duration such as "1m30s"',
        ),
    ],
)
def test_wrong_types_are_named_by_their_fields(manifest: Any, message: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        KubeFedConfig.read(manifest)
    assert str(refusal.value) == f"unreadable KubeFedConfig: {message}"


def test_refusal_of_wrong_types_stays_small_and_shows_no_value() -> None:
    gates = [{"name": ["hunter2"], "configuration": {"hunter2": "hunter2"}} for _ in range(100)]
    with pytest.raises(Misconfigured) as refusal:
        KubeFedConfig.read({"spec": {"featureGates": gates, "leaderElect": {"retryPeriod": "hunter2"}}})
    assert "hunter2" not in str(refusal.value)
    assert str(refusal.value).endswith("and 198 more")


def test_what_may_hold_secrets_is_not_in_the_text_of_a_model() -> None:
    cluster = KubeFedCluster.read({"spec": {"proxyURL": "http://user:hunter2@proxy"}})
    federated = FederatedObject.model_validate(
        {
            "spec": {
                "template": {"data": "hunter2"},
                "overrides": [{"clusterName": "eu", "clusterOverrides": [{"path": "/data", "value": "hunter2"}]}],
            },
            "status": {"clusters": [{"name": "eu", "remoteStatus": {"a": "hunter2"}}]},
        }
    )
    assert "hunter2" not in repr(cluster) + str(cluster) + repr(federated) + str(federated)


def test_a_directive_file_has_kubefeds_defaults_and_no_unknown_words() -> None:
    directive = EnableTypeDirective.read({"metadata": {"name": "deployments.apps"}})
    assert (directive.spec.federated_group, directive.spec.federated_version) == ("types.kubefed.io", "v1beta1")
    with pytest.raises(Misconfigured, match="targetVersoin"):
        EnableTypeDirective.read({"metadata": {"name": "deployments.apps"}, "spec": {"targetVersoin": "v1"}})


def test_the_statuses_of_a_copy_are_kubefeds_nineteen_and_ten_are_retried() -> None:
    assert len(PropagationStatus) == 20
    assert PropagationStatus("") is PropagationStatus.OK
    assert len(RETRIED) == 10
    assert PropagationStatus.WAITING_FOR_REMOVAL not in RETRIED
