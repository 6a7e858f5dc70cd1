"""When replicas are divided anew, and when everything stays as it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubefed.clusters.member import MemberState
from kubefed.core.clock import rfc3339
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.federated.placement import read_placement
from kubefed.scheduling.decide import Keep, Read, Wait, Write, decide, with_starting
from kubefed.scheduling.facts import ClusterFacts, NamespaceLimit, Standing
from kubefed.scheduling.planner import Replicas, Wish, divide
from kubefed.scheduling.preference import read_preference
from kubefed.scheduling.standing import standing_of
from tests.builders.objects import FederatedBuilder, a_fed_deployment
from tests.builders.preferences import PreferenceBuilder, Scene, a_preference, a_ready

EU, US, ASIA = ClusterName("eu"), ClusterName("us"), ClusterName("asia")


def scene(
    *clusters: ClusterFacts, preference: PreferenceBuilder | None = None, federated: FederatedBuilder | None = None
) -> Scene:
    return Scene(preference or a_preference(), federated or a_fed_deployment(), clusters)


def divided(scene: Scene) -> dict[str, int]:
    decision = scene.decide()
    assert isinstance(decision, Write), decision
    return {str(name): count for name, count in decision.division.items()}


def settled(federated: FederatedBuilder, **counts: int) -> FederatedBuilder:
    """The object once a division was written."""
    for name, count in sorted(counts.items()):
        federated = federated.overridden(name, {"path": "/spec/replicas", "value": count})
    return federated.placed_on(*sorted(counts))


def lost(name: str, standing: Standing, in_s: float = 0.0) -> ClusterFacts:
    return ClusterFacts(ClusterName(name), {}, standing, given_up_in_s=in_s)


def test_replicas_are_divided_over_all_ready_clusters_whatever_the_placement_was() -> None:
    assert divided(scene(a_ready("eu"), a_ready("us"), federated=a_fed_deployment().placed_on("asia"))) == {
        "eu": 5,
        "us": 5,
    }


def test_a_cluster_without_a_preference_is_named_with_no_replicas() -> None:
    preference = a_preference().weighing(eu=1)
    assert divided(scene(a_ready("eu"), a_ready("us"), preference=preference)) == {"eu": 10, "us": 0}


def test_an_entry_for_all_clusters_gives_way_to_one_by_name() -> None:
    clusters = {"*": {"weight": 1}, "eu": {"weight": 3}}
    preference = a_preference(8).with_spec(clusters=clusters)
    assert divided(scene(a_ready("eu"), a_ready("us"), preference=preference)) == {"eu": 6, "us": 2}


def test_overflow_is_added_to_what_a_full_cluster_gets() -> None:
    preference = a_preference(20).with_spec(rebalance=True)
    found = divided(scene(a_ready("eu", 10), a_ready("us", 4, capacity=4), preference=preference))
    assert found == {"eu": 16, "us": 10}


def test_what_is_divided_already_is_left_alone() -> None:
    federated = settled(a_fed_deployment(), eu=5, us=5)
    assert scene(a_ready("eu", 5), a_ready("us", 5), federated=federated).decide() == Keep()


def test_what_may_change_unseen_is_looked_at_again() -> None:
    undecided = replace(a_ready("us", 3), look_again_s=7.5)
    federated = settled(a_fed_deployment(), eu=5, us=5)
    assert scene(a_ready("eu", 5), undecided, federated=federated).decide() == Keep(look_again_s=7.5)


def test_nothing_is_divided_over_no_clusters() -> None:
    assert scene().decide() == Keep()
    assert scene(lost("eu", Standing.GIVEN_UP)).decide() == Keep()


def test_nothing_is_done_without_the_object_or_while_it_is_being_deleted() -> None:
    assert Scene(a_preference(), None, (a_ready("eu"),)).decide() == Keep()
    assert scene(a_ready("eu"), federated=a_fed_deployment().being_deleted()).decide() == Keep()


@pytest.mark.parametrize("unknown", ["federated_known", "types_known", "clusters_known"])
def test_nothing_is_done_before_what_it_takes_has_been_read(unknown: str) -> None:
    unread: dict[str, Any] = {unknown: False}
    facts = replace(scene(a_ready("eu")).facts(), **unread)
    assert decide(facts) == Wait()


def test_a_kind_that_no_enabled_type_has_is_objected_to() -> None:
    decision = replace(scene(a_ready("eu")), enabled=False).decide()
    assert isinstance(decision, Keep)
    assert "spec.targetKind" in decision.objection


def test_another_kind_is_divided_if_its_template_has_replicas() -> None:
    preference = a_preference(kind="FederatedStatefulSet")
    assert divided(scene(a_ready("eu"), preference=preference)) == {"eu": 10}
    bare = a_fed_deployment().with_template({"spec": {"size": 3}})
    decision = scene(a_ready("eu"), preference=preference, federated=bare).decide()
    assert isinstance(decision, Keep)
    assert "spec.replicas" in decision.objection


def test_a_roll_out_does_not_change_its_own_division() -> None:
    preference = a_preference(5).weighing(eu=2, us=1)
    federated = settled(a_fed_deployment(), eu=4, us=1)
    for eu, us in ((1, 0), (3, 1), (0, 1), (4, 0)):
        on_its_way = scene(a_ready("eu", eu), a_ready("us", us), preference=preference, federated=federated)
        assert on_its_way.decide() == Keep()


def test_before_anything_runs_new_weights_divide_anew() -> None:
    preference = a_preference(6).weighing(eu=1, us=2)
    assert divided(
        scene(a_ready("eu"), a_ready("us"), preference=preference, federated=settled(a_fed_deployment(), eu=4, us=2))
    ) == {
        "eu": 2,
        "us": 4,
    }


def test_what_runs_comes_before_what_was_given_by_hand() -> None:
    federated = settled(a_fed_deployment(), eu=8, us=1)
    assert divided(scene(a_ready("eu", 5), a_ready("us", 5), federated=federated)) == {"eu": 5, "us": 5}


def test_a_full_cluster_gives_up_what_it_cannot_run() -> None:
    federated = settled(a_fed_deployment(), eu=3, us=7)
    assert divided(scene(a_ready("eu", 3), a_ready("us", 4, capacity=4), federated=federated)) == {"eu": 6, "us": 4}


@settings(deadline=None)
@given(st.integers(0, 30), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=1, max_size=5), st.randoms())
def test_whatever_part_of_a_division_runs_the_division_stays(
    total: int, entries: list[tuple[int, int]], random: Random
) -> None:
    wishes = {ClusterName(f"c{number}"): Wish(*entry) for number, entry in enumerate(entries)}
    planned = divide(total, wishes, {}, key="shop/web").planned
    running = {name: Replicas(random.randint(0, count)) for name, count in planned.items()}
    existing = with_starting(running, planned, total)
    assert divide(total, wishes, existing, key="shop/web").planned == planned


# --- what is not known -----------------------------------------------------------------------------------------


def test_what_runs_in_clusters_is_read_before_anything_is_decided() -> None:
    assert scene(a_ready("eu", None), a_ready("us", 3), a_ready("asia", None)).decide() == Read((EU, ASIA))


def test_nothing_moves_because_a_cluster_could_not_be_read() -> None:
    silent = replace(a_ready("us", None), trouble="503 ServiceUnavailable", look_again_s=2.0)
    decision = scene(a_ready("eu", 3), silent, federated=settled(a_fed_deployment(), us=10)).decide()
    assert isinstance(decision, Wait)
    assert decision.look_again_s == 2.0
    assert '"us": 503 ServiceUnavailable' in decision.explanation


def test_nothing_is_decided_before_every_cluster_has_been_looked_at() -> None:
    assert scene(a_ready("eu", 3), lost("us", Standing.JOINING)).decide() == Wait()


def test_a_cluster_that_is_missed_keeps_its_replicas_until_it_is_given_up() -> None:
    federated = settled(a_fed_deployment(), eu=5, us=5)
    missed = scene(a_ready("eu", 5), lost("us", Standing.MISSED, 12.0), federated=federated)
    assert missed.decide() == Wait(look_again_s=12.0)
    given_up = scene(a_ready("eu", 5), lost("us", Standing.GIVEN_UP), federated=federated)
    assert divided(given_up) == {"eu": 10}


def test_a_missed_cluster_that_holds_nothing_is_not_waited_for() -> None:
    federated = settled(a_fed_deployment(), eu=4)
    assert divided(scene(a_ready("eu", 4), lost("us", Standing.MISSED, 12.0), federated=federated)) == {"eu": 10}


# --- intersectWithClusterSelector ------------------------------------------------------------------------------

INTERSECT = a_preference().with_spec(intersectWithClusterSelector=True)
GOLD: dict[str, Any] = {"clusterSelector": {"matchLabels": {"tier": "gold"}}}
BY_REGION = read_placement({"placement": {"clusterSelector": {"matchLabels": {"region": "west"}}, "clusters": []}})


def two_tiers(placement: dict[str, Any] | None) -> Scene:
    clusters = (
        a_ready("eu", tier="gold", region="west"),
        a_ready("us", tier="gold", region="east"),
        a_ready("asia", tier="tin", region="west"),
    )
    return Scene(INTERSECT, a_fed_deployment().placed(placement), clusters)


def test_only_clusters_that_the_selectors_of_object_and_namespace_select_take_part() -> None:
    assert divided(two_tiers(GOLD).limited_to(BY_REGION)) == {"eu": 10}


def test_lists_of_names_play_no_part_in_that() -> None:
    assert divided(two_tiers({**GOLD, "clusters": [{"name": "asia"}]}).limited_to(BY_REGION)) == {"eu": 10}


def test_where_nothing_limits_the_namespace_the_objects_selector_decides() -> None:
    assert divided(two_tiers(GOLD).limited_to(None)) == {"eu": 5, "us": 5}


def test_an_object_without_a_selector_is_left_alone() -> None:
    assert two_tiers(None).limited_to(BY_REGION).decide() == Keep()


def test_a_namespace_that_is_not_federated_is_objected_to_and_an_unread_one_waited_for() -> None:
    unfederated = replace(two_tiers(GOLD), namespace=NamespaceLimit(known=True, objection="not federated"))
    assert unfederated.decide() == Keep(objection="not federated")
    assert replace(two_tiers(GOLD), namespace=NamespaceLimit(known=False)).decide() == Wait()


def test_placement_that_cannot_be_read_is_objected_to() -> None:
    decision = two_tiers({"clusterSelector": {"matchExpressions": [{"key": "a", "operator": "Like"}]}}).decide()
    assert isinstance(decision, Keep)
    assert "operator" in decision.objection


# --- preferences and standing ----------------------------------------------------------------------------------


def test_a_preference_without_clusters_serves_all_evenly() -> None:
    nothing: tuple[Any, ...] = (None, {})
    for clusters in nothing:
        preference = read_preference(a_preference().with_spec(clusters=clusters).build())
        assert preference.wishes([EU, US]) == {EU: Wish(weight=1), US: Wish(weight=1)}


def test_a_preference_is_read_with_all_it_says() -> None:
    clusters: dict[str, Any] = {"eu": {"minReplicas": 1, "maxReplicas": 9, "weight": 2}, "us": {"maxReplicas": None}}
    preference = read_preference(a_preference(7).with_spec(rebalance=True, clusters=clusters).build())
    assert (preference.total, preference.rebalance, preference.intersect) == (7, True, False)
    assert preference.wishes([EU, US, ASIA]) == {EU: Wish(2, 1, 9), US: Wish()}


def test_a_preference_with_wrong_types_is_refused() -> None:
    with pytest.raises(Misconfigured, match="totalReplicas"):
        read_preference(a_preference().with_spec(totalReplicas="many").build())


NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def status(kind: str, value: str, seconds_ago: float) -> bytes:
    at = rfc3339(NOW - timedelta(seconds=seconds_ago))
    return orjson.dumps({"conditions": [{"type": kind, "status": value, "lastTransitionTime": at}]})


STANDINGS: list[tuple[MemberState, bytes, tuple[Standing, float]]] = [
    (MemberState.READY, b"", (Standing.READY, 0.0)),
    (MemberState.JOINING, b"", (Standing.JOINING, 0.0)),
    (MemberState.OFFLINE, status("Offline", "True", 20), (Standing.MISSED, 40.0)),
    (MemberState.OFFLINE, status("Offline", "True", 60), (Standing.GIVEN_UP, 0.0)),
    (MemberState.DEGRADED, status("Ready", "False", 59), (Standing.MISSED, 1.0)),
    (MemberState.MALFORMED, status("ConfigMalformed", "True", 61), (Standing.GIVEN_UP, 0.0)),
    (MemberState.OFFLINE, status("Offline", "True", -100), (Standing.MISSED, 60.0)),
    (MemberState.OFFLINE, status("Ready", "True", 9999), (Standing.MISSED, 60.0)),
    (MemberState.OFFLINE, b"", (Standing.GIVEN_UP, 0.0)),
    (MemberState.OFFLINE, b'{"conditions":7}', (Standing.GIVEN_UP, 0.0)),
]


@pytest.mark.parametrize(("state", "stored", "standing"), STANDINGS)
def test_a_cluster_is_given_up_when_its_record_has_told_of_its_loss_for_long_enough(
    state: MemberState, stored: bytes, standing: tuple[Standing, float]
) -> None:
    assert standing_of(state, stored, NOW, 60.0) == standing
