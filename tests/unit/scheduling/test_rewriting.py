"""How a division is written into a federated object: KubeFed's form, sorted, and nothing else touched."""

from typing import Any

import pytest

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.scheduling.rewriting import Rewriting, assigned, rewriting

EU, US = ClusterName("eu"), ClusterName("us")


def replicas(cluster: str, count: Any, *others: dict[str, Any]) -> dict[str, Any]:
    return {"clusterName": cluster, "clusterOverrides": [*others, {"path": "/spec/replicas", "value": count}]}


def placed(*names: str) -> dict[str, Any]:
    return {"clusters": [{"name": name} for name in names]}


def written(spec: dict[str, Any], **division: int) -> Rewriting:
    change = rewriting(spec, {ClusterName(name): count for name, count in division.items()})
    assert change is not None
    return change


IMAGE = {"path": "/spec/template/spec/containers/0/image", "value": "web:2"}


def test_a_division_is_written_sorted_in_the_form_of_kubefed() -> None:
    change = written({}, us=3, eu=7)
    assert change.clusters == [{"name": "eu"}, {"name": "us"}]
    assert change.overrides == [replicas("eu", 7), replicas("us", 3)]
    assert change.patch(41) == {
        "metadata": {"resourceVersion": "41"},
        "spec": {"placement": placed("eu", "us"), "overrides": [replicas("eu", 7), replicas("us", 3)]},
    }


@pytest.mark.parametrize("order", [("eu", "us"), ("us", "eu")])
def test_what_says_the_same_in_another_order_is_not_written_again(order: tuple[str, str]) -> None:
    counts = {"eu": 7, "us": 3.0}
    spec = {"placement": placed(*order), "overrides": [replicas(name, counts[name]) for name in order]}
    assert rewriting(spec, {EU: 7, US: 3}) is None


CHANGES: list[dict[str, Any]] = [
    {"placement": placed("eu"), "overrides": [replicas("eu", 7), replicas("us", 3)]},
    {"placement": placed("eu", "us", "us"), "overrides": [replicas("eu", 7), replicas("us", 3)]},
    {"placement": placed("eu", "us"), "overrides": [replicas("eu", 7)]},
    {"placement": placed("eu", "us"), "overrides": [replicas("eu", 7), replicas("us", 4)]},
    {"placement": placed("eu", "us"), "overrides": [replicas("eu", 7), replicas("us", "3")]},
    {"placement": placed("eu", "us"), "overrides": [replicas("eu", 7), replicas("us", 3), replicas("asia", 0)]},
    {"placement": {"clusterSelector": {}}, "overrides": [replicas("eu", 7), replicas("us", 3)]},
]


@pytest.mark.parametrize("spec", CHANGES)
def test_what_differs_is_written_and_then_stays(spec: dict[str, Any]) -> None:
    change = rewriting(spec, {EU: 7, US: 3})
    assert change is not None
    assert rewriting(change.applied_to(spec), {EU: 7, US: 3}) is None


def test_other_overrides_stay_where_they_are() -> None:
    spec = {
        "overrides": [
            {"clusterName": "us", "clusterOverrides": [IMAGE]},
            replicas("asia", 4, IMAGE),
            {**replicas("eu", 1), "note": "kept"},
        ]
    }
    change = written(spec, eu=2, us=3)
    assert change.overrides == [
        {"clusterName": "asia", "clusterOverrides": [IMAGE]},
        {**replicas("eu", 2), "note": "kept"},
        replicas("us", 3, IMAGE),
    ]


def test_a_cluster_that_gets_nothing_any_more_keeps_an_entry_without_overrides() -> None:
    change = written({"overrides": [replicas("asia", 4)]}, eu=2)
    assert change.overrides == [{"clusterName": "asia"}, replicas("eu", 2)]


def test_replicas_are_changed_in_their_place_and_with_their_op() -> None:
    step = {"op": "add", "path": "/spec/replicas", "value": 1}
    change = written({"overrides": [{"clusterName": "eu", "clusterOverrides": [step, IMAGE]}]}, eu=2)
    assert change.overrides == [{"clusterName": "eu", "clusterOverrides": [{**step, "value": 2}, IMAGE]}]


@pytest.mark.parametrize(
    "steps",
    [
        [{"op": "remove", "path": "/spec/replicas"}],
        [{"path": "/spec/replicas", "value": 1}, {"path": "/spec/replicas", "value": 2}],
    ],
)
def test_an_override_that_sets_no_replicas_or_sets_them_twice_is_put_right_once(steps: list[dict[str, Any]]) -> None:
    spec = {"overrides": [{"clusterName": "eu", "clusterOverrides": steps}]}
    change = written(spec, eu=5)
    assert change.overrides == [replicas("eu", 5)]


def test_a_selector_stays_beside_the_list_of_names() -> None:
    spec = {"placement": {"clusterSelector": {"matchLabels": {"tier": "gold"}}}, "template": {"spec": {}}}
    change = written(spec, eu=1)
    assert change.applied_to(spec) == {
        "placement": {"clusterSelector": {"matchLabels": {"tier": "gold"}}, **placed("eu")},
        "template": {"spec": {}},
        "overrides": [replicas("eu", 1)],
    }


MALFORMED: list[dict[str, Any]] = [
    {"overrides": {}},
    {"overrides": [1]},
    {"overrides": [{"clusterName": 1}]},
    {"overrides": [{"clusterName": "eu", "clusterOverrides": {}}]},
    {"overrides": [{"clusterName": "eu", "clusterOverrides": ["x"]}]},
    {"overrides": [replicas("eu", 1), replicas("eu", 2)]},
    {"placement": []},
    {"placement": {"clusters": [{"name": 1}]}},
]


@pytest.mark.parametrize("spec", MALFORMED)
def test_what_cannot_be_read_is_not_overwritten(spec: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        rewriting(spec, {EU: 1})


def test_the_clusters_that_are_named_are_given_replicas_or_those_of_the_template() -> None:
    spec = {"placement": placed("asia", "eu", "us"), "overrides": [replicas("eu", 0), replicas("us", 2), replicas("x", 3)]}
    assert assigned(spec) == {"asia": None, "eu": 0, "us": 2}
