"""V1, V2, V7 and V8 are satisfied by a world that is as it should be, and by no other."""

from typing import Any

import pytest

from tests.chaos.validators.no_secret_leaves import no_secret_leaves
from tests.chaos.validators.nothing_lost import nothing_lost
from tests.chaos.validators.nothing_orphaned import nothing_orphaned
from tests.chaos.validators.status_tells_truth import status_tells_truth
from tests.chaos.validators.world import differences
from tests.support.manifests import encoded, replace
from tests.unit.chaos.a_trial import SETTINGS, SHOP, a_copy, a_federated, a_record, a_world

RIGHT = {SETTINGS: a_copy("settings", data={"colour": "red"}), SHOP: a_copy("shop")}


def copies_in_eu(**changes: Any) -> dict[str, Any]:
    return {"copies": {"eu": {**RIGHT, SETTINGS: a_copy("settings", **changes)}, "us": RIGHT, "asia": {}}}


def test_a_world_that_is_as_it_should_be_satisfies_everybody() -> None:
    world = a_world()
    assert nothing_lost(world) == nothing_orphaned(world) == status_tells_truth(world) == []


def test_what_a_member_adds_by_itself_is_no_loss() -> None:
    defaulted = copies_in_eu(data={"colour": "red"}, immutable=False)
    assert nothing_lost(a_world(**defaulted)) == []


@pytest.mark.parametrize(
    ("wish", "found", "wrong"),
    [
        ([{"name": "web"}], [{"name": "web", "imagePullPolicy": "Always"}], []),
        ([{"name": "web"}], [{"name": "db"}], ["/0/name"]),
        ([{"name": "web"}], [], ["/"]),
        ({"paused": False}, {}, []),
        ({"paused": True}, {}, ["/paused"]),
        ({}, {"added": 1}, []),
    ],
)
def test_an_object_is_compared_field_by_field_with_what_is_wished(wish: Any, found: Any, wrong: list[str]) -> None:
    assert differences(wish, found) == wrong


@pytest.mark.parametrize(
    ("copies", "what"),
    [
        pytest.param({"eu": {SHOP: a_copy("shop")}, "us": RIGHT}, "eu has no copy", id="a copy is missing"),
        pytest.param(copies_in_eu(data={"colour": "blue"})["copies"], "/data/colour", id="a copy differs"),
        pytest.param(copies_in_eu(data={"colour": "red", "old": "x"})["copies"], "/data/old", id="a copy has too much"),
        pytest.param(
            {"eu": {**RIGHT, SETTINGS: {"metadata": {}, "data": {"colour": "red"}}}, "us": RIGHT},
            "not marked",
            id="no mark",
        ),
    ],
)
def test_a_lost_copy_is_found(copies: dict[str, Any], what: str) -> None:
    [found] = nothing_lost(a_world(copies=copies))
    assert what in found


def test_a_copy_is_judged_by_the_overrides_of_its_member() -> None:
    overrides = [{"clusterName": "eu", "clusterOverrides": [replace("/data/colour", "blue")]}]
    federated = a_federated("settings", "eu", "us", template={"data": {"colour": "red"}}, overrides=overrides)
    world = a_world(federated={SETTINGS: federated, SHOP: a_federated("shop", "eu", "us")})
    assert nothing_lost(world) == [f"V1 {SETTINGS}: the copy in eu differs at /data/colour"]
    assert nothing_lost(a_world(federated=world.federated, **copies_in_eu(data={"colour": "blue"}))) == []


def test_nobody_knows_what_a_member_holds_that_cannot_be_reached() -> None:
    world = a_world(copies={"us": RIGHT}, silent=frozenset({"eu"}))
    assert nothing_lost(world) == nothing_orphaned(world) == []


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        pytest.param({"federated": {SHOP: a_federated("shop", "eu", "us")}}, "copy of nothing", id="of nothing"),
        pytest.param({"copies": {"eu": RIGHT, "us": RIGHT, "asia": RIGHT}}, "not wanted there", id="elsewhere"),
        pytest.param(
            {"federated": {SETTINGS: a_federated("settings", "eu", "us"), SHOP: a_federated("shop", "us")}},
            "not wanted there",
            id="outside the namespace's placement",
        ),
    ],
)
def test_an_orphan_is_found(changes: dict[str, Any], what: str) -> None:
    found = nothing_orphaned(a_world(**changes))
    assert found
    assert all(what in each for each in found)


def test_clusters_selected_by_labels_are_found_by_their_records() -> None:
    federated = a_federated("settings", "eu", "us", template={"data": {"colour": "red"}})
    federated["spec"]["placement"] = {"clusterSelector": {"matchLabels": {"tier": "gold"}}}
    clusters = {"eu": a_record(tier="gold"), "us": a_record(tier="gold"), "asia": a_record()}
    world = a_world(federated={SETTINGS: federated, SHOP: a_federated("shop", "eu", "us")}, clusters=clusters)
    assert nothing_lost(world) == nothing_orphaned(world) == status_tells_truth(world) == []
    assert nothing_orphaned(a_world(federated=world.federated))


def status(**changes: Any) -> dict[str, Any]:
    federated = a_federated("settings", "eu", "us", template={"data": {"colour": "red"}})
    federated["status"] |= changes
    return {"federated": {SETTINGS: federated, SHOP: a_federated("shop", "eu", "us")}}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        pytest.param(status(observedGeneration=0), "generation 0", id="old"),
        pytest.param(status(clusters=[{"name": "eu"}]), "selected are", id="a cluster is not named"),
        pytest.param(copies_in_eu(data={"colour": "blue"}), "'OK' of eu", id="a wrong copy is said to be right"),
        pytest.param(
            status(
                clusters=[{"name": "eu", "status": "UpdateFailed"}, {"name": "us"}],
                conditions=[{"type": "Propagation", "status": "False"}],
            ),
            "'UpdateFailed' of eu",
            id="a right copy is said to be wrong",
        ),
        pytest.param(status(conditions=[{"type": "Propagation", "status": "False"}]), "condition", id="condition"),
        pytest.param({"clusters": {"eu": a_record(ready=False), "us": a_record()}}, "KubeFedCluster eu", id="record"),
    ],
)
def test_a_lie_in_a_status_is_found(changes: dict[str, Any], what: str) -> None:
    found = status_tells_truth(a_world(**changes))
    assert any(what in each for each in found), found


def test_of_a_member_that_cannot_be_reached_no_status_says_that_all_is_well() -> None:
    world = a_world(clusters={"eu": a_record(ready=False), "us": a_record(), "asia": a_record()}, silent=frozenset({"eu"}))
    assert any("which cannot be reached" in each for each in status_tells_truth(world))


@pytest.mark.parametrize("around", ["{}", "password={} ", '{{"password": "{}"}}'])
@pytest.mark.parametrize("form", [str, encoded])
def test_a_secret_is_found_wherever_it_went_in_whatever_form(around: str, form: Any) -> None:
    word = "correct-horse-battery-staple"
    texts = {"the log": form(around.format(word)), "a status": "all is well"}
    assert no_secret_leaves([word], texts) == ["V8 the log holds the secret corr..."]
    assert no_secret_leaves([word], {"a status": encoded("correct-horse-battery-stable")}) == []
