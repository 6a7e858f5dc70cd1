"""What `fedctl get KIND` makes of federated objects, their copies and the clusters' states."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from fedctl.copies import Found
from fedctl.get.clusters import ClusterRow, cluster_row
from fedctl.get.objects import Members, ObjectRow, object_row, objects_document, objects_table
from kubefed.core.names import ClusterName
from tests.builders.clusters import a_record
from tests.builders.objects import FederatedBuilder, a_fed_config_map, a_fed_deployment
from tests.unit.fedctl.facts import EU, US, a_cluster, with_uid

NOW = datetime(2026, 1, 2, 4, 4, 5, tzinfo=UTC)
GOOD = {"type": "Propagation", "status": "True"}
BAD = {"type": "Propagation", "status": "False", "reason": "CheckClusters"}


def telling(*clusters: dict[str, str], condition: dict[str, str] = GOOD) -> dict[str, Any]:
    return {"observedGeneration": 1, "conditions": [condition], "clusters": list(clusters)}


def a_deployment(ready: int, desired: int) -> dict[str, Any]:
    return {"kind": "Deployment", "spec": {"replicas": desired}, "status": {"readyReplicas": ready}}


def row_of(wish: FederatedBuilder, *clusters: ClusterRow, live: dict[ClusterName, Any] | None = None) -> ObjectRow:
    at = wish.intent().target_key
    found = {name: Found({at: copy}) if copy else Found(unknown="not ready") for name, copy in (live or {}).items()}
    members = Members({ClusterName(each.name): each for each in clusters}, found)
    return object_row(with_uid(wish), wish.kind, members, counts_something=wish.kind.target.kind == "Deployment")


def text_of(table: Table) -> str:
    console = Console(width=300, no_color=True)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


WISH = a_fed_deployment().with_status(telling({"name": "eu"}, {"name": "us"}))


def test_ready_and_desired_are_summed_over_the_clusters_that_answered() -> None:
    live = {EU: a_deployment(2, 3), US: a_deployment(1, 1)}
    row = row_of(WISH, a_cluster("eu"), a_cluster("us"), live=live)
    assert (str(row.total), row.uncounted, row.in_place, row.wanted) == ("3/4", 0, 2, 2)
    assert "3/4" in text_of(objects_table([row], NOW, with_namespace=False, wide=False))


def test_a_copy_in_a_lost_cluster_is_not_in_place_and_the_loss_is_the_last_error() -> None:
    row = row_of(
        WISH, a_cluster("eu"), a_cluster("us", state="Offline", message="ConnectionRefused"), live={EU: a_deployment(2, 2)}
    )
    assert (row.in_place, row.wanted, row.uncounted) == (1, 2, 1)
    assert row.last_error == "us: Offline (ConnectionRefused)"
    shown = text_of(objects_table([row], NOW, with_namespace=False, wide=False))
    assert "us Offline, eu 2/2" in shown
    assert "2/2, 1 unknown" in shown


def test_a_copy_in_a_cluster_without_a_record_is_said_to_be_unregistered() -> None:
    assert row_of(WISH, a_cluster("eu")).last_error == "us: Unregistered"


def test_a_failed_copy_shows_status_and_message_and_how_many_others_failed() -> None:
    failed = [{"name": name, "status": "UpdateFailed", "message": "422 Invalid"} for name in ("eu", "us")]
    row = row_of(WISH.with_status(telling(*failed, condition=BAD)), a_cluster("eu"), a_cluster("us"))
    assert row.state == "CheckClusters"
    assert row.last_error == "eu: UpdateFailed (422 Invalid), and 1 more"


def test_a_copy_that_is_to_go_is_not_wanted() -> None:
    going = WISH.with_status(telling({"name": "eu"}, {"name": "us", "status": "WaitingForRemoval"}, condition=BAD))
    row = row_of(going, a_cluster("eu"), a_cluster("us"))
    assert (row.in_place, row.wanted) == (1, 1)


@pytest.mark.parametrize(
    ("wish", "state"),
    [
        (WISH, "Ok"),
        (WISH.with_metadata(generation=2), "Pending"),
        (a_fed_deployment(), "Pending"),
        (WISH.being_deleted(), "Deleting"),
    ],
)
def test_the_state_of_the_whole_object(wish: FederatedBuilder, state: str) -> None:
    assert row_of(wish).state == state


def test_what_counts_nothing_has_no_column_for_it() -> None:
    row = row_of(a_fed_config_map().with_status(telling({"name": "eu"})), a_cluster("eu"))
    assert "READY" not in text_of(objects_table([row], NOW, with_namespace=True, wide=False))


def test_many_clusters_are_cut_unless_there_is_room_with_those_in_trouble_first() -> None:
    names = [f"c{number}" for number in range(6)]
    entries = [{"name": name} for name in names] + [{"name": "z", "status": "UpdateFailed"}]
    row = row_of(WISH.with_status(telling(*entries)), *(a_cluster(name) for name in [*names, "z"]))
    assert "z UpdateFailed, c0 ok, c1 ok, c2 ok, and 3 more" in text_of(
        objects_table([row], NOW, with_namespace=False, wide=False)
    )
    assert "c5 ok" in text_of(objects_table([row], NOW, with_namespace=False, wide=True))


def test_the_document_for_programs_has_everything_that_the_table_has() -> None:
    row = row_of(WISH, a_cluster("eu"), a_cluster("us", state="Offline"), live={EU: a_deployment(1, 2)})
    [document] = objects_document(WISH.kind, [row])["objects"]
    assert document["copies"] == {"inPlace": 1, "wanted": 2}
    assert document["ready"] == {"ready": 1, "desired": 2, "unknown": 1}
    eu, us = document["clusters"]
    assert (eu["cluster"], eu["clusterState"], eu["counts"]) == ("eu", "Ready", {"ready": 1, "desired": 2})
    assert (us["cluster"], us["clusterState"], us["counts"]) == ("us", "Offline", None)


@pytest.mark.parametrize(
    ("conditions", "state", "ready"),
    [
        ([{"type": "Ready", "status": "True"}], "Ready", True),
        (
            [{"type": "Ready", "status": "False", "message": "bad"}, {"type": "Offline", "status": "False"}],
            "Degraded",
            False,
        ),
        ([{"type": "Offline", "status": "True", "message": "gone"}], "Offline", False),
        ([{"type": "ConfigMalformed", "status": "True"}], "Malformed", False),
        ([], "Unknown", False),
    ],
)
def test_kubefeds_own_conditions_are_read_as_one_word(conditions: list[Any], state: str, ready: bool) -> None:

    row = cluster_row(a_record("eu").with_status({"conditions": conditions}).manifest())
    assert (row.state, row.ready) == (state, ready)
