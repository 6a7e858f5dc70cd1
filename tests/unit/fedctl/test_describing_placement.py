"""Why a cluster is selected or not, said in words that are true."""

from dataclasses import replace
from typing import Any

import pytest

from fedctl.describe.facts import Around, NamespaceFacts
from fedctl.describe.placing import in_words, verdict
from kubefed.core.errors import Misconfigured
from kubefed.federated.placement import read_placement
from tests.builders.objects import FederatedBuilder, a_fed_config_map
from tests.unit.fedctl.facts import EU, US, a_cluster, gathered

WISH = a_fed_config_map()


def expression(operator: str, *values: str) -> dict[str, Any]:
    return {"clusterSelector": {"matchExpressions": [{"key": "region", "operator": operator, "values": list(values)}]}}


@pytest.mark.parametrize(
    ("wish", "labels", "selected", "why"),
    [
        (WISH.placed_on("eu"), {}, True, "named in placement.clusters"),
        (WISH.placed_on("us"), {}, False, "not named in placement.clusters"),
        (WISH.placed_on(), {}, False, "not named in placement.clusters"),
        (WISH, {}, False, "the placement names no cluster and has no selector"),
        (WISH.placed_by_labels(), {}, True, "the selector selects every cluster"),
        (WISH.placed_by_labels(region="eu"), {"region": "eu"}, True, "region=eu"),
        (WISH.placed_by_labels(region="eu"), {"region": "us"}, False, "label region is 'us', wanted: 'eu'"),
        (WISH.placed_by_labels(region="eu"), {}, False, "it has no label region, wanted: 'eu'"),
        (WISH.placed(expression("NotIn", "eu")), {"region": "eu"}, False, "label region is 'eu', which is excluded"),
        (WISH.placed(expression("Exists")), {}, False, "it has no label region"),
        (WISH.placed(expression("DoesNotExist")), {"region": "eu"}, False, "it has label region"),
    ],
)
def test_the_reason_names_what_decided(wish: FederatedBuilder, labels: dict[str, str], selected: bool, why: str) -> None:
    judged = verdict(gathered(wish, a_cluster("eu", **labels)), EU)
    assert (judged.selected, judged.why) == (selected, why)


def test_a_cluster_that_is_not_joined_is_not_selected_even_when_it_is_named() -> None:
    judged = verdict(gathered(WISH.placed_on("us"), a_cluster("eu")), US)
    assert (judged.selected, judged.why) == (False, "no cluster of this name is joined")


def test_a_placement_that_cannot_be_read_decides_nothing_and_says_what_is_wrong() -> None:
    judged = verdict(gathered(WISH.placed({"clusters": "eu"}), a_cluster("eu")), EU)
    assert judged.selected is None
    assert "spec.placement.clusters must be a list" in judged.why


def test_nothing_is_selected_in_a_namespace_that_is_not_federated() -> None:
    facts = replace(gathered(WISH.placed_on("eu"), a_cluster("eu")), namespace=NamespaceFacts(Around.NOT_FEDERATED))
    assert verdict(facts, EU).why == "namespace shop is not federated"
    assert verdict(facts, EU).selected is False


def test_the_namespace_deselects_what_the_object_selects() -> None:
    around = NamespaceFacts(Around.FEDERATED, read_placement({"placement": {"clusters": [{"name": "us"}]}}))
    facts = replace(gathered(WISH.placed_on("eu", "us"), a_cluster("eu"), a_cluster("us")), namespace=around)
    assert verdict(facts, EU).why == "FederatedNamespace: not named in placement.clusters"
    assert [verdict(facts, name).selected for name in (EU, US)] == [False, True]


def test_an_unreadable_placement_of_the_namespace_is_told_as_such() -> None:
    around = NamespaceFacts(Around.FEDERATED, problem=Misconfigured("spec.placement must be an object"))
    facts = replace(gathered(WISH.placed_on("eu"), a_cluster("eu")), namespace=around)
    assert (verdict(facts, EU).selected, verdict(facts, EU).why) == (None, "spec.placement must be an object")


@pytest.mark.parametrize(
    ("placement", "words"),
    [
        ({"clusters": [{"name": "us"}, {"name": "eu"}]}, "clusters eu, us"),
        ({"clusters": []}, "an empty list: no cluster"),
        ({}, "none: no cluster"),
        ({"clusterSelector": {}}, "every cluster"),
        ({"clusterSelector": {"matchLabels": {"region": "eu"}}}, "label region=eu"),
        (expression("In", "us", "eu"), "label region in (eu, us)"),
        (expression("NotIn", "us"), "label region not in (us)"),
        (expression("Exists"), "label region"),
        (expression("DoesNotExist"), "no label region"),
    ],
)
def test_a_placement_in_one_line(placement: dict[str, Any], words: str) -> None:
    assert in_words(read_placement({"placement": placement})) == words
