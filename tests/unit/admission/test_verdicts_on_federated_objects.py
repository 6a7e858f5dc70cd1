"""What is refused of federated objects and preferences, what only gives a warning, and what nothing may hold up."""

from typing import Any

import pytest

from kubefed.admission.federated import FederatedJudge
from kubefed.admission.preferences import PreferenceJudge
from kubefed.admission.verdict import Verdict
from kubefed.app.wish_rules import parts_of_wishes
from kubefed.core.names import ResourceType
from tests.unit.admission.reviews import request

DEPLOYMENTS = ResourceType("apps", "v1", "deployments", "Deployment", namespaced=True)
NAMESPACES = ResourceType("", "v1", "namespaces", "Namespace", namespaced=False)
TYPES = {
    ("types.kubefed.io", "federateddeployments"): DEPLOYMENTS,
    ("types.kubefed.io", "federatednamespaces"): NAMESPACES,
}
judge = FederatedJudge(parts_of_wishes(), lambda group, plural: TYPES.get((group, plural)))


def federated(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": "FederatedDeployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": spec,
    }


def override(cluster: str, *paths: str) -> dict[str, Any]:
    return {"clusterName": cluster, "clusterOverrides": [{"path": path, "value": "x"} for path in paths]}


def refused(verdict: Verdict) -> tuple[str, str]:
    """The field and the message of the only mistake."""
    assert verdict.refusal is not None
    assert (verdict.refusal.code, verdict.refusal.reason) == (422, "Invalid")
    (cause,) = verdict.refusal.causes
    return cause.field, verdict.refusal.message


TWICE = [override("eu", "/spec/a"), override("eu", "/spec/b")]
BAD = [
    ({"overrides": TWICE}, "spec.overrides", 'cluster "eu" appears more than once'),
    ({"overrides": [override("eu", "/spec/a", "/spec/a")]}, "spec.overrides", 'path "/spec/a" appears more than once'),
    ({"overrides": [override("eu", "/kind")]}, "spec.overrides", "invalid path: /kind"),
    ({"overrides": [override("eu", "/metadata/name")]}, "spec.overrides", "invalid path: /metadata/name"),
    ({"overrides": [override("eu", "/metadata/namespace")]}, "spec.overrides", "invalid path: /metadata/namespace"),
    ({"overrides": [override("eu", "/metadata/generateName")]}, "spec.overrides", "invalid path"),
    ({"overrides": [override("eu", "/apiVersion/x")]}, "spec.overrides", "invalid path: /apiVersion/x"),
    ({"overrides": [override("eu", "spec/a")]}, "spec.overrides", "must start with a slash"),
    ({"overrides": {"eu": []}}, "spec.overrides", "must be a list"),
    (
        {"placement": {"clusterSelector": {"matchExpressions": [{"key": "a", "operator": "Like", "values": ["b"]}]}}},
        "spec.placement",
        "'Like' is not one of In, NotIn, Exists, DoesNotExist",
    ),
    (
        {"placement": {"clusterSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}},
        "spec.placement",
        "needs values",
    ),
    ({"placement": {"clusterSelector": {"matchLabels": {"a b": "c"}}}}, "spec.placement", "'a b' is no label key"),
    ({"template": {"kind": "StatefulSet"}}, "spec.template", "spec.template.kind is not Deployment"),
    ({"template": {"apiVersion": "batch/v1"}}, "spec.template", "spec.template.apiVersion is not apps/v1"),
]


@pytest.mark.parametrize(("spec", "field", "words"), BAD)
def test_bad_wishes_are_refused_naming_the_field(spec: dict[str, Any], field: str, words: str) -> None:
    named, message = refused(judge(request(federated(**spec))))
    assert named == field
    assert message.startswith(f'FederatedDeployment.types.kubefed.io "web" is invalid: {field}: Invalid value: ')
    assert words in message


@pytest.mark.parametrize(("spec", "field", "words"), BAD)
def test_an_update_that_leaves_the_bad_part_alone_passes_with_a_warning(
    spec: dict[str, Any], field: str, words: str
) -> None:
    verdict = judge(request(federated(**spec, retainReplicas=True), old=federated(**spec)))
    assert verdict.allowed
    (warning,) = verdict.warnings
    assert warning.startswith(f"{field}: ")
    assert words in warning


POD = {"containers": [{"name": "web", "image": "web:1"}]}
TEMPLATE: dict[str, Any] = {"spec": {"replicas": 2, "template": {"spec": POD}}}
SELECTING: dict[str, Any] = {"clusterSelector": {"matchLabels": {"tier": "edge"}}}


def patch(op: str, path: str, **target: Any) -> dict[str, Any]:
    return {**target, "clusterOverrides": [{"op": op, "path": path, "value": {}}]}


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([patch("remove", "/spec/paused", clusterName="eu", labels={})], "spec.overrides[0]: cannot remove '/spec/paused'"),
        ([patch("replace", "/spec/nope/deeper", all=True)], "spec.overrides[0]: cannot replace '/spec/nope/deeper'"),
        ([patch("add", "/spec/template/spec/containers/7", **SELECTING)], "the list has no such index"),
        ([{"all": True, "images": [{"container": "wbe", "tag": "2"}]}], "the copy has no container 'wbe'"),
        ([{"clusterName": "eu", "args": [{"container": "wbe", "add": ["-v"]}]}], "the copy has no container 'wbe'"),
        (
            [patch("add", "/spec/a/b", clusterName="eu", args=[]), patch("add", "/spec/c", **SELECTING)],
            "cannot add '/spec/a/b'",
        ),
        ([{"all": True, "images": [{"tga": "2"}]}], "spec.overrides[0].images[0] has an unknown field 'tga'"),
        ([{"all": True, "labels": {"set": {"a": "${cluster.nam}"}}}], "unknown variable ${cluster.nam}"),
        ([{"all": True, **SELECTING}], "exactly one of clusterName, clusterSelector and all"),
        ([{"clusterSelector": {"matchLabels": {"a b": "c"}}, "args": []}], "'a b' is no label key"),
    ],
)
def test_overrides_that_can_work_in_no_cluster_are_refused(entries: list[dict[str, Any]], words: str) -> None:
    field, message = refused(judge(request(federated(template=TEMPLATE, overrides=entries))))
    assert field == "spec.overrides"
    assert words in message


@pytest.mark.parametrize(
    ("entries", "more"),
    [
        ([patch("add", "/spec/a", **SELECTING), patch("add", "/spec/a/b", clusterName="eu", args=[])], {}),
        ([patch("add", "/spec/a/b", clusterName="eu", args=[]), patch("add", "/spec/a", all=True)], {}),
        ([{"all": True, "images": [{"container": "${cluster.name}", "tag": "2"}]}], {}),
        ([patch("remove", "/metadata/annotations/a", all=True)], {}),
        ([patch("remove", "/spec/paused", all=True)], {"retainReplicas": True}),
        ([{**override("eu", "/spec/replicas"), "all": None, "clusterSelector": None}], {}),
    ],
)
def test_overrides_that_work_in_some_cluster_pass(entries: list[dict[str, Any]], more: dict[str, Any]) -> None:
    assert judge(request(federated(template=TEMPLATE, overrides=entries, **more))) == Verdict()


def test_trying_overrides_on_a_large_template_ends() -> None:
    template: dict[str, Any] = {"spec": {str(number): {} for number in range(20_000)}}
    entries = [patch("add", "/spec/x", clusterName=f"c{number}", labels={}) for number in range(5_000)]
    assert judge(request(federated(template=template, overrides=entries))) == Verdict()


def test_an_update_that_makes_a_part_bad_is_refused() -> None:
    good = federated(overrides=[override("eu", "/spec/a")])
    assert not judge(request(federated(overrides=TWICE), old=good)).allowed


def test_an_update_that_changes_a_bad_part_must_mend_it() -> None:
    assert not judge(request(federated(overrides=[*TWICE, override("us")]), old=federated(overrides=TWICE))).allowed


def test_mistakes_in_several_parts_are_told_together() -> None:
    verdict = judge(request(federated(overrides=TWICE, template={"kind": "Pod"})))
    assert verdict.refusal is not None
    assert [cause.field for cause in verdict.refusal.causes] == ["spec.template", "spec.overrides"]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"template": {"spec": {"replicas": 3}}, "placement": {"clusters": []}},
        {"template": {"apiVersion": "apps/v1", "kind": "Deployment"}, "placement": {"clusterSelector": {}}},
        {
            "template": {"spec": {}},
            "overrides": [override("eu", "/spec/a", "/metadata/annotations"), override("us", "/spec/a")],
        },
    ],
)
def test_good_wishes_pass_without_a_word(spec: dict[str, Any]) -> None:
    assert judge(request(federated(**spec))) == Verdict()


def test_what_never_reaches_a_member_gives_a_warning() -> None:
    template = {"metadata": {"annotations": {"a": "b"}, "finalizers": ["x/y"]}}
    warnings = judge(request(federated(template=template))).warnings
    assert [warning.split(":")[0] for warning in warnings] == [
        "spec.template.metadata.annotations",
        "spec.template.metadata.finalizers",
    ]


def test_a_selector_beside_a_list_of_names_gives_a_warning() -> None:
    placement: dict[str, Any] = {"clusters": [], "clusterSelector": {}}
    (warning,) = judge(request(federated(placement=placement))).warnings
    assert warning.startswith("spec.placement.clusterSelector: is ignored")


def test_choosing_another_version_gives_a_warning_because_trust_decides() -> None:
    verdict = judge(request(federated(overrides=[override("eu", "/apiVersion")])))
    assert verdict.allowed
    assert "under trust Strict" in verdict.warnings[0]


def test_a_template_of_a_type_that_is_not_known_yet_is_not_judged() -> None:
    manifest = {**federated(template={"kind": "Anything"}), "kind": "FederatedWidget"}
    assert judge(request(manifest)) == Verdict()


def test_a_template_nested_too_deeply_is_refused_and_says_where() -> None:
    template: dict[str, Any] = {}
    for _ in range(70):
        template = {"a": template}
    field, message = refused(judge(request(federated(template=template))))
    assert field == "spec.template"
    assert "nested more than 64 levels deep" in message


def test_objects_being_deleted_and_statuses_always_pass() -> None:
    bad = federated(overrides=TWICE)
    dying = {**bad, "metadata": {"name": "web", "deletionTimestamp": "2026-01-02T03:04:05Z"}}
    assert judge(request(dying, old=federated())).allowed
    assert judge(request(bad, old=federated(), subresource="status")).allowed
    assert judge(request(None, old=bad, operation="DELETE")).allowed


@pytest.mark.parametrize("spec", [[], "x", 7])
def test_a_spec_that_is_no_object_is_refused(spec: Any) -> None:
    assert refused(judge(request({**federated(), "spec": spec})))[0] == "spec"


@pytest.mark.parametrize("manifest", [None, [], "x", {"metadata": []}])
def test_whatever_the_object_is_there_is_a_verdict(manifest: Any) -> None:
    judge(request(federated()).with_fields(object_=manifest, old_object=manifest, operation="UPDATE"))


def test_values_are_not_repeated() -> None:
    spec = {"overrides": [{"clusterName": "eu", "clusterOverrides": [{"path": "/kind", "value": "hunter2"}]}]}
    assert "hunter2" not in refused(judge(request(federated(**spec))))[1]


def test_a_misnamed_federated_namespace_gives_a_warning() -> None:
    manifest = {**federated(), "kind": "FederatedNamespace"}
    (warning,) = judge(request(manifest)).warnings
    assert warning == "metadata.name: is ignored unless it is the name of its namespace, shop"


def preference(kind: str = "FederatedDeployment", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "scheduling.kubefed.io/v1alpha1",
        "kind": "ReplicaSchedulingPreference",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"targetKind": kind, "totalReplicas": 9, **spec},
    }


judge_preference = PreferenceJudge(lambda: ["FederatedConfigMap", "FederatedDeployment", "FederatedReplicaSet"])


@pytest.mark.parametrize("kind", ["FederatedDeployment", "FederatedReplicaSet"])
def test_preferences_for_known_kinds_pass(kind: str) -> None:
    assert judge_preference(request(preference(kind))) == Verdict()


def test_a_preference_for_an_unknown_kind_is_refused_naming_the_field() -> None:
    field, message = refused(judge_preference(request(preference("Deployment"))))
    assert field == "spec.targetKind"
    assert 'supported values: "FederatedDeployment", "FederatedReplicaSet"' in message


def test_a_kind_is_refused_where_no_type_has_it_and_passes_while_the_types_are_unknown() -> None:
    asked = request(preference("FederatedDeployment"))
    field, message = refused(PreferenceJudge(lambda: ["FederatedRollout"])(asked))
    assert field == "spec.targetKind"
    assert 'supported values: "FederatedRollout"' in message
    assert PreferenceJudge(lambda: None)(asked) == Verdict()
    assert PreferenceJudge(lambda: ["FederatedRollout"])(request(preference("FederatedRollout"))) == Verdict()


def test_a_preference_without_a_kind_is_refused_whatever_is_known() -> None:
    field, _ = refused(PreferenceJudge(lambda: None)(request(preference(""))))
    assert field == "spec.targetKind"


def test_a_stored_preference_for_an_unknown_kind_can_still_be_updated() -> None:
    verdict = judge_preference(request(preference("Deployment", rebalance=True), old=preference("Deployment")))
    assert verdict.allowed
    assert "spec.targetKind" in verdict.warnings[0]


def test_strange_numbers_were_always_accepted_and_give_warnings() -> None:
    clusters = {"eu": {"minReplicas": 5, "maxReplicas": 2}, "us": {"weight": -1}}
    verdict = judge_preference(request(preference(totalReplicas=-1, clusters=clusters)))
    assert verdict.allowed
    assert [warning.split(":")[0] for warning in verdict.warnings] == [
        "spec.totalReplicas",
        "spec.clusters[eu].maxReplicas",
        "spec.clusters[us]",
    ]
