"""Overrides for many clusters: who gets them, in which order, with which values, and what is recorded of them."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.core.errors import Misconfigured
from kubefed.kube.wire import Metadata
from kubefed.sync.facts import ClusterFacts
from kubefed.sync.plan import Action
from kubefed.sync.variables import text_for
from tests.builders.objects import OWNER, FederatedBuilder, a_copy, a_fed_config_map
from tests.builders.situations import ClusterBuilder, a_cluster, about

EU = a_cluster("eu").labelled(region="eu")
US = a_cluster("us").labelled(region="us")


def setting(colour: str, **target: Any) -> dict[str, Any]:
    return {**target, "clusterOverrides": [{"path": "/data/colour", "value": colour}]}


def wish(*entries: dict[str, Any]) -> FederatedBuilder:
    return a_fed_config_map().placed_by_labels().with_spec(overrides=list(entries))


def created(fed: FederatedBuilder, cluster: ClusterBuilder) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(fed.intent().rendering(cluster.build()).to_create(OWNER))
    return document


def colour(fed: FederatedBuilder, cluster: ClusterBuilder) -> str:
    return str(created(fed, cluster)["data"]["colour"])


SELECTING_EU = {"clusterSelector": {"matchLabels": {"region": "eu"}}}


def test_a_selector_picks_clusters_by_their_labels() -> None:
    fed = wish(setting("blue", **SELECTING_EU))
    assert (colour(fed, EU), colour(fed, US)) == ("blue", "red")


def test_names_win_over_selectors_and_selectors_over_all_wherever_they_stand() -> None:
    entries = (setting("named", clusterName="eu"), setting("selected", **SELECTING_EU), setting("all", all=True))
    assert colour(wish(*entries), EU) == "named"
    assert colour(wish(*entries[1:]), EU) == "selected"
    assert colour(wish(*entries), US) == "all"


def test_of_two_entries_of_one_class_the_later_wins() -> None:
    assert colour(wish(setting("first", all=True), setting("second", all=True)), EU) == "second"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${cluster.name}-${cluster.region}/${cluster.zone}", "eu-west/west-1"),
        ("${cluster.labels['region']}", "eu"),
        ('${cluster.labels["region"]}', "eu"),
        ("$${cluster.name}", "${cluster.name}"),
        ("$$${cluster.name}", "$eu"),
        ("${HOME} $$ $x ${clusterName}", "${HOME} $$ $x ${clusterName}"),
    ],
)
def test_variables_stand_for_what_the_cluster_is(text: str, expected: str) -> None:
    fed = wish(setting(text, all=True))
    placed = ClusterBuilder(
        ClusterFacts(EU.facts.name, {"region": "eu"}, True, True, None, region="west", zones=("west-1",))
    )
    assert colour(fed, placed) == expected


def test_values_of_named_entries_are_kubefeds_and_stay_as_they_are() -> None:
    assert colour(wish(setting("${cluster.name}", clusterName="eu"), setting("x", all=True)), EU) == "${cluster.name}"


@given(st.text(alphabet="${}ab.x"))
def test_texts_without_our_mark_are_never_changed(text: str) -> None:
    assert text_for(text, EU.build()) == text


@pytest.mark.parametrize(
    "text",
    ["${cluster.nam}", "${cluster.labels['no']}", "${cluster.region}", "${cluster.zone}", "${cluster.name"],
)
def test_a_variable_without_a_value_fails_the_clusters_that_use_it_and_no_other(text: str) -> None:
    fed = wish(setting(text, **SELECTING_EU))
    plan = about(fed).with_clusters(EU, US).decide()
    statuses = {step.cluster: (step.action, step.status) for step in plan.steps}
    assert statuses == {"eu": (Action.KEEP, "ApplyOverridesFailed"), "us": (Action.CREATE, "")}


@pytest.mark.parametrize(
    "entry",
    [
        setting("x", clusterName="eu", **SELECTING_EU),
        setting("x", all=True, **SELECTING_EU),
        setting("x", all=False),
        setting("x", clusterSelector={"matchLabels": {"a b": "c"}}),
        {"all": True, "clusterOverrides": [{"path": "/metadata/name", "value": "x"}]},
    ],
)
def test_entries_that_make_no_sense_are_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        wish(entry).intent().rendering(EU.build())


@given(st.dictionaries(st.sampled_from(["name", "namespace", "labels", "x"]), st.text(max_size=5)))
def test_no_entry_for_many_clusters_changes_what_a_copy_is(value: dict[str, str]) -> None:
    fed = wish({"all": True, "clusterOverrides": [{"path": "/data", "value": value}]})
    copy = created(fed, EU)
    assert (copy["kind"], copy["metadata"]["name"], copy["metadata"]["namespace"]) == ("ConfigMap", "settings", "shop")


def test_a_change_of_labels_that_alters_the_outcome_makes_an_update_due() -> None:
    fed = wish(setting("blue", **SELECTING_EU))
    copy: Metadata = a_copy(fed).build()
    mark = fed.intent().rendering(EU.build()).mark

    def action(cluster: ClusterBuilder) -> Action:
        (step,) = about(fed).with_clusters(cluster.holding(copy).recorded(copy.version + mark)).decide().steps
        return step.action

    assert action(EU) is Action.KEEP
    assert action(EU.labelled(region="eu", tier="gold")) is Action.KEEP
    assert action(EU.labelled(region="us")) is Action.UPDATE


def test_plain_objects_have_no_mark_and_kubefeds_hash() -> None:
    plain = wish(setting("blue", clusterName="eu")).intent()
    assert plain.rendering(EU.build()).mark == ""
    assert len(plain.versions.get().overrides) == 32


def test_an_edit_of_a_selector_changes_the_recorded_overrides() -> None:
    versions = {
        wish(setting("blue", **target)).intent().versions.get().overrides for target in (SELECTING_EU, {"all": True})
    }
    assert len(versions) == 2


def test_the_changes_of_one_cluster_are_counted_over_all_its_entries() -> None:
    def many(count: int, **target: Any) -> dict[str, Any]:
        return {**target, "clusterOverrides": [{"path": f"/data/{number}", "value": "x"} for number in range(count)]}

    fed = wish(many(60, all=True), many(60, **SELECTING_EU))
    with pytest.raises(Misconfigured, match="120 changes come together; at most 100 are allowed"):
        created(fed, EU)
    assert len(created(fed, US)["data"]) >= 60
