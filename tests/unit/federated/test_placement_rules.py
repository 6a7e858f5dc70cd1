"""Where an object is placed: names before labels, null apart from empty, and no reading between the lines."""

import time
from typing import Any

import pytest

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.federated.placement import NOWHERE, Placement, read_placement

CLUSTERS = {
    ClusterName("bare"): {},
    ClusterName("gold"): {"tier": "gold", "region": "eu"},
    ClusterName("tin"): {"tier": "tin"},
}


def selected(placement: Placement) -> set[str]:
    return {str(name) for name, labels in CLUSTERS.items() if placement.selects(name, labels)}


def by_expression(**fields: Any) -> dict[str, Any]:
    return {"clusterSelector": {"matchExpressions": [fields]}}


EXPRESSIONS: list[tuple[dict[str, Any], set[str]]] = [
    ({"key": "tier", "operator": "In", "values": ["gold", "silver"]}, {"gold"}),
    ({"key": "tier", "operator": "NotIn", "values": ["gold"]}, {"bare", "tin"}),
    ({"key": "tier", "operator": "Exists"}, {"gold", "tin"}),
    ({"key": "tier", "operator": "Exists", "values": []}, {"gold", "tin"}),
    ({"key": "tier", "operator": "DoesNotExist"}, {"bare"}),
    ({"key": "tier", "operator": "NotIn", "values": ["gold", "tin", ""]}, {"bare"}),
]


@pytest.mark.parametrize(("expression", "clusters"), EXPRESSIONS)
def test_expressions_mean_what_they_mean_in_every_label_selector(expression: dict[str, Any], clusters: set[str]) -> None:
    assert selected(read_placement({"placement": by_expression(**expression)})) == clusters


def test_all_conditions_must_hold() -> None:
    selector = {"matchLabels": {"tier": "gold"}, "matchExpressions": [{"key": "region", "operator": "DoesNotExist"}]}
    assert selected(read_placement({"placement": {"clusterSelector": selector}})) == set()


@pytest.mark.parametrize("spec", [{}, {"placement": None}, {"placement": {}}, {"placement": {"clusterSelector": None}}])
def test_saying_nothing_selects_nothing(spec: dict[str, Any]) -> None:
    assert selected(read_placement(spec)) == set()


UNREADABLE: list[tuple[str, Any, str]] = [
    ("no object", 5, "spec.placement must be an object"),
    ("a list of no list", {"clusters": {"name": "gold"}}, "spec.placement.clusters must be a list"),
    ("a bare name", {"clusters": ["gold"]}, "spec.placement.clusters[] must be an object"),
    ("a number for a name", {"clusters": [{"name": 1}]}, "spec.placement.clusters[].name must be a string"),
    ("no key", by_expression(operator="Exists"), "is no label key"),
    ("no operator", by_expression(key="tier"), "operator '' is not one of In, NotIn, Exists, DoesNotExist"),
    ("another operator", by_expression(key="tier", operator="in", values=["x"]), "is not one of"),
    ("In without values", by_expression(key="tier", operator="In"), "In needs values"),
    ("Exists with values", by_expression(key="tier", operator="Exists", values=["x"]), "Exists takes no values"),
    ("a number for a value", {"clusterSelector": {"matchLabels": {"tier": 1}}}, "the value of 'tier' is not a string"),
    ("a key with a space", {"clusterSelector": {"matchLabels": {"my tier": "x"}}}, "'my tier' is no label key"),
    ("a key with two slashes", {"clusterSelector": {"matchLabels": {"a/b/c": "x"}}}, "is no label key"),
    ("a key with an empty prefix", {"clusterSelector": {"matchLabels": {"/tier": "x"}}}, "is no label key"),
    ("a value no label has", {"clusterSelector": {"matchLabels": {"tier": "gold "}}}, "can have the value"),
    ("a value too long", {"clusterSelector": {"matchLabels": {"tier": "x" * 64}}}, "can have the value"),
]


@pytest.mark.parametrize(("placement", "words"), [case[1:] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE])
def test_what_cannot_be_meant_is_an_error_and_not_nowhere(placement: Any, words: str) -> None:
    """Read as `nowhere`, each of these would have taken every copy down; KubeFed refused them as well."""
    with pytest.raises(Misconfigured) as problem:
        read_placement({"placement": placement})
    assert words in str(problem.value)


@pytest.mark.parametrize("key", ["tier", "example.com/tier", "a.b-c.example/Tier_1.x-y", "T"])
def test_every_key_that_a_label_can_have_is_understood(key: str) -> None:
    placement = read_placement({"placement": {"clusterSelector": {"matchLabels": {key: ""}}}})
    assert placement.selects(ClusterName("any"), {key: ""})


def test_a_huge_selector_costs_little() -> None:
    labels = {"clusterSelector": {"matchLabels": {"a" * 100_000 + "!": "b" * 100_000 + "!"}}}
    started = time.perf_counter()
    with pytest.raises(Misconfigured) as problem:
        read_placement({"placement": labels})
    assert len(str(problem.value)) < 500
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("placement", "reads"),
    [
        (NOWHERE, False),
        (read_placement({"placement": {"clusterSelector": {}}}), False),
        (read_placement({"placement": {"clusterSelector": {"matchLabels": {"a": "b"}}}}), True),
        (read_placement({"placement": {"clusters": [], "clusterSelector": {"matchLabels": {"a": "b"}}}}), False),
    ],
)
def test_labels_are_read_only_by_a_selector_that_names_some(placement: Placement, reads: bool) -> None:
    assert placement.reads_labels is reads
