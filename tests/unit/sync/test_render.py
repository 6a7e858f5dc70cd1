"""What a member is sent: the template with the overrides, under the federated object's own name, whatever both say."""

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubefed.core.errors import Misconfigured
from kubefed.core.markers import MANAGED, MANAGED_LABEL, OWNER_ANNOTATION
from kubefed.federated.federated_type import FederatedType
from kubefed.sync.budgets import MAX_DEPTH, MAX_RENDERED_BYTES
from kubefed.sync.render import Rendering
from tests.builders.kinds import CLUSTER_ROLES, CONFIG_MAPS, DEPLOYMENTS, NAMESPACES
from tests.builders.objects import (
    OWNER,
    FederatedBuilder,
    a_copy,
    a_fed_config_map,
    a_fed_deployment,
    a_fed_namespace,
)
from tests.builders.situations import a_cluster


def rendering(fed: FederatedBuilder) -> Rendering:
    return fed.intent().rendering(a_cluster("eu").build())


def created(fed: FederatedBuilder) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(rendering(fed).to_create(OWNER))
    return document


def updated(fed: FederatedBuilder, annotations: dict[str, str] | None = None, **live: Any) -> dict[str, Any]:
    copy = a_copy(fed).with_metadata(**live).annotated(annotations or {}).build()
    document: dict[str, Any] = orjson.loads(rendering(fed).to_update(copy, copy.annotation_map(), OWNER))
    return document


# --- what is sent -----------------------------------------------------------------------------------------------


def test_a_copy_is_the_template_under_the_objects_own_name() -> None:
    assert created(a_fed_config_map()) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "settings",
            "namespace": "shop",
            "labels": {MANAGED_LABEL: MANAGED},
            "annotations": {OWNER_ANNOTATION: OWNER},
        },
        "data": {"colour": "red"},
    }


def test_an_absent_template_stands_for_an_object_of_its_name_alone() -> None:
    document = created(a_fed_namespace("shop"))
    assert (document["kind"], document["metadata"]["name"], "namespace" in document["metadata"]) == (
        "Namespace",
        "shop",
        False,
    )
    assert set(document) == {"apiVersion", "kind", "metadata"}


def test_labels_come_from_the_template_and_nothing_else_of_its_metadata_does() -> None:
    metadata = {
        "name": "other",
        "namespace": "other",
        "generateName": "x",
        "uid": "u",
        "resourceVersion": "7",
        "labels": {"app": "web", MANAGED_LABEL: "false"},
        "annotations": {"a": "b"},
        "finalizers": ["f"],
        "ownerReferences": [{"kind": "Secret"}],
        "managedFields": [],
        "deletionTimestamp": "2026-01-01T00:00:00Z",
    }
    fed = a_fed_config_map().with_template({"metadata": metadata, "data": {}, "status": {"x": 1}})
    document = created(fed)
    assert document["metadata"] == {
        "name": "settings",
        "namespace": "shop",
        "labels": {"app": "web", MANAGED_LABEL: MANAGED},
        "annotations": {OWNER_ANNOTATION: OWNER},
    }
    assert "status" not in document
    assert fed.intent().template.get().dropped == ("annotations", "finalizers")


OVERRIDES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, str]]] = [
    ("a label more", {"op": "add", "path": "/metadata/labels/x", "value": "1"}, {"app": "web", "x": "1"}, {}),
    ("other labels", {"path": "/metadata/labels", "value": {"x": "1"}}, {"x": "1"}, {}),
    ("no labels", {"op": "remove", "path": "/metadata/labels"}, {}, {}),
    ("null for labels", {"path": "/metadata/labels", "value": None}, {}, {}),
    ("the opt-out", {"path": "/metadata/labels", "value": {MANAGED_LABEL: "false"}}, {}, {}),
    ("all annotations", {"path": "/metadata/annotations", "value": {"a": "b"}}, {"app": "web"}, {"a": "b"}),
    ("another's mark", {"path": "/metadata/annotations", "value": {OWNER_ANNOTATION: "x"}}, {"app": "web"}, {}),
]


@pytest.mark.parametrize(
    ("operation", "labels", "annotations"), [case[1:] for case in OVERRIDES], ids=[case[0] for case in OVERRIDES]
)
def test_overrides_set_labels_and_annotations_and_our_marks_stay(
    operation: dict[str, Any], labels: dict[str, str], annotations: dict[str, str]
) -> None:
    template = {"metadata": {"labels": {"app": "web"}}, "data": {}}
    metadata = created(a_fed_config_map().with_template(template).overridden("eu", operation))["metadata"]
    assert metadata["labels"] == {**labels, MANAGED_LABEL: MANAGED}
    assert metadata["annotations"] == {**annotations, OWNER_ANNOTATION: OWNER}


def test_clusters_with_equal_overrides_share_one_body() -> None:
    same = {"path": "/data/colour", "value": "blue"}
    intent = a_fed_config_map().overridden("eu", same).overridden("us", same).overridden("asia").intent()
    eu, us, asia = (intent.rendering(a_cluster(name).build()).body() for name in ("eu", "us", "asia"))
    assert eu is us
    assert orjson.loads(asia)["data"] == {"colour": "red"}


# --- updates ----------------------------------------------------------------------------------------------------


def test_an_update_keeps_what_the_members_own_controllers_wrote_in_the_metadata() -> None:
    document = updated(
        a_fed_deployment(), {"deployment.kubernetes.io/revision": "3"}, finalizers=["theirs"], resourceVersion="42"
    )
    metadata = document["metadata"]
    assert metadata["annotations"] == {"deployment.kubernetes.io/revision": "3", OWNER_ANNOTATION: OWNER}
    assert (metadata["finalizers"], metadata["resourceVersion"]) == (["theirs"], "42")
    assert metadata["uid"] == "uid-of-copy-shop/web"


def test_an_update_does_not_keep_labels() -> None:
    assert updated(a_fed_deployment())["metadata"]["labels"] == {MANAGED_LABEL: MANAGED}


def test_an_override_of_all_annotations_replaces_the_members_too() -> None:
    fed = a_fed_deployment().overridden("eu", {"path": "/metadata/annotations", "value": {"a": "b"}})
    assert updated(fed, {"theirs": "1"})["metadata"]["annotations"] == {"a": "b", OWNER_ANNOTATION: OWNER}


def test_an_added_annotation_is_added_to_the_members() -> None:
    fed = a_fed_deployment().overridden("eu", {"op": "add", "path": "/metadata/annotations/a", "value": "b"})
    assert updated(fed, {"theirs": "1"})["metadata"]["annotations"] == {"theirs": "1", "a": "b", OWNER_ANNOTATION: OWNER}


# --- what is refused --------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, FederatedBuilder, str]] = [
    ("another kind", a_fed_config_map().with_template({"kind": "Secret"}), "spec.template.kind is not ConfigMap"),
    ("another group", a_fed_deployment().with_template({"apiVersion": "v1"}), "spec.template.apiVersion is not apps/v1"),
    ("metadata that is none", a_fed_config_map().with_template({"metadata": "x"}), "spec.template.metadata"),
    ("labels that are none", a_fed_config_map().with_template({"metadata": {"labels": ["x"]}}), "labels must be an object"),
    ("no object", a_fed_config_map().with_template("x"), "spec.template must be an object"),
    (
        "labels turned into a list",
        a_fed_config_map().overridden("eu", {"path": "/metadata/labels", "value": ["x"]}),
        "metadata.labels must be an object",
    ),
    (
        "annotations turned into text",
        a_fed_config_map().overridden("eu", {"path": "/metadata/annotations", "value": "x"}),
        "metadata.annotations must be an object",
    ),
    (
        "too large a copy",
        a_fed_config_map().with_template({"data": {"x": "y" * MAX_RENDERED_BYTES}}),
        f"larger than {MAX_RENDERED_BYTES} bytes",
    ),
]


@pytest.mark.parametrize(("fed", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_refused_is_named(fed: FederatedBuilder, words: str) -> None:
    with pytest.raises(Misconfigured) as problem:
        rendering(fed).to_create(OWNER)
    assert words in str(problem.value)
    assert len(str(problem.value)) < 500


@pytest.mark.parametrize("spelling", [None, "", "v1", "/v1"])
def test_kubefeds_spellings_of_the_core_group_are_understood(spelling: str | None) -> None:
    template = {"data": {}} if spelling is None else {"apiVersion": spelling, "data": {}}
    assert created(a_fed_config_map().with_template(template))["apiVersion"] == "v1"


def test_a_template_nested_too_deeply_is_refused() -> None:
    value: Any = {}
    for _ in range(MAX_DEPTH):
        value = {"a": value}
    with pytest.raises(Misconfigured, match="nested more than"):
        rendering(a_fed_config_map().with_template(value))


# --- the property -----------------------------------------------------------------------------------------------

_KEYS = st.sampled_from(
    [
        "metadata",
        "kind",
        "apiVersion",
        "name",
        "namespace",
        "labels",
        "annotations",
        "spec",
        "status",
        "generateName",
        "x",
        "",
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | st.sampled_from(["Secret", "v1", "kube-system"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
_SEGMENTS = _KEYS | st.sampled_from(["~0", "~1", "-", "0", "-1", "metadata~1name", "ownerReferences"])
_PATHS = st.lists(_SEGMENTS, max_size=4).map(lambda parts: "".join(f"/{part}" for part in parts)) | st.text(max_size=6)
_OPERATIONS = st.fixed_dictionaries(
    {"path": _PATHS, "value": _JSON}, optional={"op": st.sampled_from(["add", "remove", "replace", "", "move"])}
)


@settings(max_examples=400, deadline=None)
@given(
    kind=st.sampled_from([CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, CLUSTER_ROLES]),
    template=_JSON,
    operations=st.lists(_OPERATIONS, max_size=5),
    version_may_change=st.booleans(),
)
def test_no_template_and_no_overrides_make_a_copy_another_object(
    kind: FederatedType, template: Any, operations: list[dict[str, Any]], version_may_change: bool
) -> None:
    fed = FederatedBuilder(kind, a_fed_namespace("shop").key, {"template": template}).overridden("eu", *operations)
    copy = a_copy(fed).annotated({"theirs": "1"}).build()
    documents = []
    with contextlib.suppress(Misconfigured):
        result = fed.intent(version_may_change=version_may_change).rendering(a_cluster("eu").build())
        documents = [result.to_create(OWNER), result.to_update(copy, copy.annotation_map(), OWNER)]
    for document in map(orjson.loads, documents):
        metadata = document["metadata"]
        assert (document["apiVersion"], document["kind"]) == (kind.target.api_version, kind.target.kind)
        assert metadata["name"] == "shop"
        assert metadata.get("namespace") == ("shop" if kind.target.namespaced else None)
        assert metadata["labels"][MANAGED_LABEL] == MANAGED
        assert metadata["annotations"][OWNER_ANNOTATION] == OWNER
        assert set(metadata) <= {"name", "namespace", "labels", "annotations", "resourceVersion", "uid"}
        assert "status" not in document


def test_a_copy_whose_labels_are_too_large_to_be_kept_does_not_look_out_of_date_for_ever() -> None:
    fed = a_fed_deployment()
    many = {f"label-{number}": "x" * 60 for number in range(100)}
    assert not rendering(fed).metadata_differs(a_copy(fed).labelled(**many).build())
    assert rendering(fed).metadata_differs(a_copy(fed).labelled(one="more").build())
