"""Overrides: KubeFed's rules in its words, and no way to turn a copy into another object."""

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.sync.budgets import MAX_DEPTH, MAX_OPERATIONS_PER_CLUSTER, is_deeper_than
from kubefed.sync.jsonpatch import Op, apply
from kubefed.sync.overrides import parse

EU, US = ClusterName("eu"), ClusterName("us")


def overriding(cluster: str, *operations: dict[str, Any]) -> dict[str, Any]:
    return {"clusterName": cluster, "clusterOverrides": list(operations)}


def nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def test_operations_come_in_the_order_in_which_they_were_written() -> None:
    parsed = parse(
        [overriding("eu", {"path": "/b", "value": 1}, {"op": "remove", "path": "/a"}, {"op": "add", "path": "/c"})]
    )
    assert [(step.op, step.path, step.value) for step in parsed.operations_for(EU)] == [
        (Op.REPLACE, "/b", 1),
        (Op.REMOVE, "/a", None),
        (Op.ADD, "/c", None),
    ]
    assert parsed.operations_for(US) == ()


@pytest.mark.parametrize("raw", [None, [], [{"clusterName": "eu"}], [{"clusterName": "eu", "clusterOverrides": None}]])
def test_nothing_is_overridden_when_nothing_is_said(raw: Any) -> None:
    assert parse(raw).operations_for(EU) == ()


def test_clusters_with_the_same_overrides_share_one_tuple() -> None:
    parsed = parse(
        [
            overriding("eu", {"path": "/spec", "value": {"a": 1, "b": [2]}}),
            overriding("us", {"op": "replace", "path": "/spec", "value": {"b": [2], "a": 1}, "comment": "same"}),
            overriding("asia", {"path": "/spec", "value": {"a": 1}}),
        ]
    )
    assert parsed.operations_for(EU) is parsed.operations_for(US)
    assert parsed.operations_for(EU) != parsed.operations_for(ClusterName("asia"))


REFUSED: list[tuple[str, list[Any], str]] = [
    ("a cluster twice", [overriding("eu"), overriding("eu")], 'cluster "eu" appears more than once'),
    (
        "a path twice",
        [overriding("eu", {"path": "/a"}, {"op": "add", "path": "/a"})],
        'path "/a" appears more than once for cluster "eu"',
    ),
    (
        "a forbidden path",
        [overriding("us", {"path": "/a"}, {"path": "/metadata/name"})],
        'override[1] for cluster "us" has an invalid path: /metadata/name',
    ),
    (
        "an unknown op",
        [overriding("eu", {"op": "copy", "path": "/a"})],
        'override[0] for cluster "eu" has an op that is not',
    ),
    ("a path without slash", [overriding("eu", {"path": "x/kind"})], "it must start with a slash"),
    ("no list", {"eu": []}, "spec.overrides must be a list"),  # type: ignore[list-item]
    ("no object", ["eu"], "spec.overrides[0] must be an object"),
    ("a number for a name", [{"clusterName": 7}], "spec.overrides[0].clusterName must be a string"),
    (
        "no list of operations",
        [{"clusterName": "eu", "clusterOverrides": {}}],
        'clusterOverrides of cluster "eu" must be a list',
    ),
    ("a number for a path", [overriding("eu", {"path": 7})], 'override[0] for cluster "eu".path must be a string'),
    ("a value that is no JSON", [overriding("eu", {"path": "/a", "value": "\ud800"})], "has a value that is no JSON"),
    ("a value too deep", [overriding("eu", {"path": "/a", "value": nested(MAX_DEPTH)})], "is nested too deeply"),
    ("a value much too deep", [overriding("eu", {"path": "/a", "value": nested(5000)})], "is nested too deeply"),
    ("a path too deep", [overriding("eu", {"path": "/a" * (MAX_DEPTH + 1)})], "is nested too deeply"),
    ("a path too long", [overriding("eu", {"path": "/" + "a" * 5000})], "has a path of more than 4096 characters"),
    (
        "too many operations",
        [overriding("eu", *({"path": f"/{number}"} for number in range(MAX_OPERATIONS_PER_CLUSTER + 1)))],
        'clusterOverrides of cluster "eu" has 101 items; at most 100 are allowed',
    ),
]


@pytest.mark.parametrize(("raw", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_one_mistake_anywhere_refuses_the_overrides_of_all_clusters(raw: list[Any], message: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        parse([overriding("fine", {"path": "/spec/replicas", "value": 1}), *raw] if isinstance(raw, list) else raw)
    assert message.replace("spec.overrides[0]", "spec.overrides[1]") in str(refusal.value)
    assert len(str(refusal.value)) < 600


def test_path_is_compared_after_decoding() -> None:
    with pytest.raises(Misconfigured, match="appears more than once"):
        parse([overriding("eu", {"path": "/data/~0", "value": 1}, {"path": "/data/~", "value": 2})])


GUARDED = [
    "",
    "/kind",
    "/kind/x",
    "/apiVersion",
    "/apiVersion/x",
    "/status",
    "/status/phase",
    "/metadata",
    "/metadata/",
    "/metadata//name",
    "/metadata/name",
    "/metadata/name/0",
    "/metadata/namespace",
    "/metadata/generateName",
    "/metadata/uid",
    "/metadata/resourceVersion",
    "/metadata/generation",
    "/metadata/creationTimestamp",
    "/metadata/deletionTimestamp",
    "/metadata/deletionGracePeriodSeconds",
    "/metadata/selfLink",
    "/metadata/ownerReferences",
    "/metadata/ownerReferences/-",
    "/metadata/finalizers",
    "/metadata/finalizers/0",
    "/metadata/managedFields",
    "/metadata/inventedTomorrow",
]


@pytest.mark.parametrize("op", ["add", "remove", "replace", ""])
@pytest.mark.parametrize("path", GUARDED)
def test_what_a_copy_is_and_who_owns_it_cannot_be_overridden(path: str, op: str) -> None:
    with pytest.raises(Misconfigured, match="has an invalid path"):
        parse([overriding("eu", {"op": op, "path": path, "value": "x"})])


@pytest.mark.parametrize(
    "path",
    [
        "/data/name",
        "/spec/kind",
        "/spec/template/metadata/name",
        "/metadata/labels",
        "/metadata/annotations/kind",
        "/rules/0",
    ],
)
def test_everything_else_can_be_overridden(path: str) -> None:
    assert [step.path for step in parse([overriding("eu", {"path": path, "value": 1})]).operations_for(EU)] == [path]


def test_another_version_can_be_set_only_where_compatibility_asks_for_it() -> None:
    raw = [overriding("eu", {"path": "/apiVersion", "value": "apps/v1beta2"})]
    with pytest.raises(Misconfigured):
        parse(raw)
    assert parse(raw, version_may_change=True).operations_for(EU)[0].value == "apps/v1beta2"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/apiVersion"},
        {"path": "/apiVersion", "value": 1},
        {"path": "/apiVersion"},
        {"path": "/apiVersion/x", "value": "v1"},
        {"path": "/kind", "value": "Secret"},
        {"path": "/metadata/name", "value": "other"},
    ],
)
def test_compatibility_opens_nothing_but_setting_the_version(operation: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        parse([overriding("eu", operation)], version_may_change=True)


def test_refusal_shows_no_value() -> None:
    with pytest.raises(Misconfigured) as refusal:
        parse([overriding("eu", {"path": "/metadata/name", "value": "hunter2"})])
    assert "hunter2" not in str(refusal.value)


COPY: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}, "annotations": {"note": "x"}},
    "data": {"a": "1", "list": [1, {"b": 2}]},
}


def identity(copy: Any) -> Any:
    """What no override may change."""
    metadata = {key: value for key, value in copy["metadata"].items() if key not in {"labels", "annotations"}}
    return copy["apiVersion"], copy["kind"], metadata, "status" in copy


NAMES = "apiVersion kind metadata name namespace labels annotations app status data list uid finalizers"
ODD_NAMES = ("", "~0", "~1", "~01", "~", "-", "-1", "0", "1", "metadata~1name", "kind~0")
segments = st.sampled_from((*NAMES.split(" "), *ODD_NAMES))
paths = st.lists(segments, max_size=4).map(lambda keys: "".join(f"/{key}" for key in keys)) | st.text("/~01kindmetaname")
values = st.recursive(
    st.none() | st.booleans() | st.just("other") | st.integers(0, 9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(segments, inner, max_size=3),
    max_leaves=5,
)
operations = st.fixed_dictionaries({"path": paths, "value": values}, optional={"op": st.sampled_from(["", *Op])})


@given(st.lists(operations, max_size=4))
def test_no_accepted_patch_changes_the_identity_of_a_copy(patch: list[dict[str, Any]]) -> None:
    before = orjson.dumps([COPY, patch])
    with contextlib.suppress(Misconfigured):
        patched = apply(COPY, parse([overriding("eu", *patch)]).operations_for(EU))
        assert identity(patched) == identity(COPY)
        assert not is_deeper_than(MAX_DEPTH, patched)
    assert orjson.dumps([COPY, patch]) == before


@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_parsing_anything_at_all_raises_nothing_but_misconfigured(raw: Any) -> None:
    with contextlib.suppress(Misconfigured):
        parse(raw)
