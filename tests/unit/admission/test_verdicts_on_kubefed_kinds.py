"""What KubeFed's webhook answered about its own kinds: verdicts, codes, causes, and the defaults of a KubeFedConfig."""

from typing import Any

import orjson
import pytest

from kubefed.admission.kubefed_kinds import default_config, judge_cluster, judge_config, judge_type_config
from kubefed.admission.review import AdmissionRequest, answer
from kubefed.admission.verdict import Verdict
from kubefed.api.federated_crd import federated_type_config
from tests.builders.kinds import DEPLOYMENTS
from tests.unit.admission.reviews import patched, request

CLUSTER = {
    "apiVersion": "core.kubefed.io/v1beta1",
    "kind": "KubeFedCluster",
    "metadata": {"name": "eu", "namespace": "kube-federation-system"},
    "spec": {"apiEndpoint": "https://eu:6443", "secretRef": {"name": "eu-x7k2p"}},
}
DEFAULTS = {
    "scope": "Cluster",
    "controllerDuration": {"availableDelay": "20s", "unavailableDelay": "1m0s", "cacheSyncTimeout": "5m0s"},
    "leaderElect": {
        "leaseDuration": "15s",
        "renewDeadline": "10s",
        "retryPeriod": "5s",
        "resourceLock": "configmaps",
    },
    "featureGates": [
        {"name": "PushReconciler", "configuration": "Enabled"},
        {"name": "RawResourceStatusCollection", "configuration": "Disabled"},
        {"name": "SchedulerPreferences", "configuration": "Enabled"},
    ],
    "clusterHealthCheck": {"period": "10s", "failureThreshold": 3, "successThreshold": 1, "timeout": "3s"},
    "syncController": {"maxConcurrentReconciles": 1, "adoptResources": "Enabled"},
    "statusController": {"maxConcurrentReconciles": 1},
}


def cluster(**spec: Any) -> dict[str, Any]:
    return {**CLUSTER, "spec": {"apiEndpoint": "https://eu:6443", "secretRef": {"name": "eu-x7k2p"}, **spec}}


def config(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "core.kubefed.io/v1beta1",
        "kind": "KubeFedConfig",
        "metadata": {"name": "kubefed", "namespace": "kube-federation-system"},
        "spec": spec,
    }


def type_config(**changes: Any) -> dict[str, Any]:
    good = federated_type_config(DEPLOYMENTS.target, "kube-federation-system").manifest()
    return {**good, **changes}


def answered(asked: AdmissionRequest, verdict: Verdict) -> dict[str, Any]:
    response: dict[str, Any] = orjson.loads(answer(asked, verdict))["response"]
    return response


def test_a_good_cluster_is_allowed_and_the_uid_comes_back() -> None:
    asked = request(cluster())
    assert answered(asked, judge_cluster(asked)) == {"uid": asked.uid, "allowed": True}


def test_a_bad_cluster_is_refused_with_403_and_its_fields() -> None:
    asked = request(cluster(apiEndpoint="", proxyURL="ftp://user:secret@proxy"))
    response = answered(asked, judge_cluster(asked))
    assert not response["allowed"]
    assert (response["status"]["code"], response["status"]["reason"]) == (403, "Forbidden")
    assert response["status"]["message"] == (
        "[spec.apiEndpoint: Required value, "
        "spec.proxyURL: Invalid value: proxy URL scheme must be one of: [http, https, socks5]]"
    )
    assert response["status"]["details"]["causes"] == [
        {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.apiEndpoint"},
        {
            "reason": "FieldValueInvalid",
            "message": "Invalid value: proxy URL scheme must be one of: [http, https, socks5]",
            "field": "spec.proxyURL",
        },
    ]


def test_one_mistake_is_said_without_brackets() -> None:
    refusal = judge_cluster(request(cluster(disabledTLSValidations=["*", "SubjectName"]))).refusal
    assert refusal is not None
    assert refusal.message.startswith("spec.disabledTLSValidations: Invalid value: ")
    assert refusal.message.endswith("when * is specified, it is expected to be the only option in list")


def test_an_update_of_a_cluster_is_refused_for_what_was_wrong_before_as_kubefed_did() -> None:
    bad = cluster(apiEndpoint="")
    assert not judge_cluster(request({**bad, "metadata": {"labels": {"a": "b"}}}, old=bad)).allowed


def test_finalizers_come_off_a_bad_cluster_that_is_being_deleted() -> None:
    bad = {**cluster(apiEndpoint=""), "metadata": {"name": "eu", "deletionTimestamp": "2026-01-02T03:04:05Z"}}
    assert judge_cluster(request(bad, old=bad)).allowed


def test_deletions_are_none_of_our_business() -> None:
    assert judge_cluster(request(None, old=cluster(apiEndpoint=""), operation="DELETE")).allowed


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"type": "Ready", "status": "True", "lastProbeTime": "2026-01-02T03:04:05Z"}, True),
        ({"type": "Happy", "status": "True", "lastProbeTime": "2026-01-02T03:04:05Z"}, False),
        ({"type": "Ready", "status": "Yes", "lastProbeTime": "2026-01-02T03:04:05Z"}, False),
        ({"type": "Ready", "status": "True", "lastProbeTime": None}, False),
    ],
)
def test_writes_of_a_clusters_status_are_judged_by_the_status_alone(condition: dict[str, Any], allowed: bool) -> None:
    written = {**cluster(apiEndpoint=""), "status": {"conditions": [{k: v for k, v in condition.items() if v}]}}
    assert judge_cluster(request(written, old=cluster(), subresource="status")).allowed is allowed


def test_an_object_with_wrong_types_is_unreadable_and_no_value_is_repeated() -> None:
    asked = request(cluster(secretRef={"name": {"token": "hunter2"}}))
    response = answered(asked, judge_cluster(asked))
    assert response["status"]["code"] == 400
    assert "secretRef.name" in response["status"]["message"]
    assert b"hunter2" not in orjson.dumps(response)


@pytest.mark.parametrize("manifest", [None, [], "x", 7, {"spec": None}, {"spec": []}, {"metadata": 3, "spec": {}}])
@pytest.mark.parametrize("judge", [judge_cluster, judge_type_config, judge_config, default_config])
def test_whatever_the_object_is_there_is_a_verdict(judge: Any, manifest: Any) -> None:
    asked = request({}).with_fields(object_=manifest)
    assert orjson.loads(answer(asked, judge(asked)))["response"]["uid"] == asked.uid


def test_a_type_config_must_be_named_after_its_target() -> None:
    refusal = judge_type_config(request(type_config(metadata={"name": "deployments"}))).refusal
    assert refusal is not None
    assert "name must be 'TARGET_PLURAL_NAME(.TARGET_GROUP_NAME)'" in refusal.message
    assert judge_type_config(request(type_config())).allowed


def test_the_status_of_a_type_config_is_judged_by_the_status_alone() -> None:
    written = type_config(metadata={"name": "misnamed"}, status={"observedGeneration": 1, "propagationController": "On"})
    refusal = judge_type_config(request(written, old=written, subresource="status")).refusal
    assert refusal is not None
    assert [cause.field for cause in refusal.causes] == ["status.propagationController"]


def test_a_new_config_is_completed_by_one_operation_on_its_spec() -> None:
    asked = request(config(scope="Cluster"))
    (operation,) = patched({"response": answered(asked, default_config(asked))})
    assert operation == {"op": "replace", "path": "/spec", "value": DEFAULTS}


def test_what_a_config_says_stays_and_the_scope_is_never_guessed() -> None:
    written = config(clusterHealthCheck={"period": "90s"}, fromTheFuture={"a": 1})
    asked = request(written)
    (operation,) = patched({"response": answered(asked, default_config(asked))})
    health = {**DEFAULTS["clusterHealthCheck"], "period": "1m30s"}  # type: ignore[dict-item]
    assert operation["value"]["clusterHealthCheck"] == health
    assert operation["value"]["fromTheFuture"] == {"a": 1}
    assert "scope" not in operation["value"]


def test_defaults_are_filled_in_on_creation_only() -> None:
    assert default_config(request(config(scope="Cluster"), old=config(scope="Cluster"))).patch == b""


def test_a_completed_config_is_valid_and_an_incomplete_one_is_not() -> None:
    assert judge_config(request(config(**DEFAULTS))).allowed
    refusal = judge_config(request(config(scope="Cluster"))).refusal
    assert refusal is not None
    assert "spec.leaderElect: Required value" in refusal.message


def test_the_scope_of_a_config_cannot_be_changed() -> None:
    refusal = judge_config(request(config(**{**DEFAULTS, "scope": "Namespaced"}), old=config(**DEFAULTS))).refusal
    assert refusal is not None
    assert "field is immutable" in refusal.message


def test_any_name_of_a_config_is_admitted() -> None:
    assert judge_config(request({**config(**DEFAULTS), "metadata": {"name": "another"}})).allowed
