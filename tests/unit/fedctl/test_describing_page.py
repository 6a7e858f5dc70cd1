"""The head of the page about one object, its errors and its events."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from fedctl.describe.clusters import ClusterLine, cluster_lines
from fedctl.describe.facts import Around, Facts, NamespaceFacts
from fedctl.describe.page import errors, events_table, head
from fedctl.describe.placing import Verdict
from fedctl.get.objects import CopyRow
from kubefed.sync.intent import Versions
from kubefed.sync.versions import Recorded
from tests.builders.objects import FederatedBuilder, a_fed_deployment
from tests.unit.fedctl.facts import EU, US, a_cluster, gathered

NOW = datetime(2026, 1, 2, 4, 4, 5, tzinfo=UTC)
AN_HOUR_AGO = "2026-01-02T03:04:05Z"
FINE = {
    "observedGeneration": 1,
    "conditions": [{"type": "Propagation", "status": "True", "lastTransitionTime": AN_HOUR_AGO}],
}
WISH = a_fed_deployment().placed_on("eu", "us").with_status(FINE)
ROWS = {EU: CopyRow("eu", "", "", None), US: CopyRow("us", "", "", None)}


def told(facts: Facts) -> dict[str, str]:
    return {line.name: line.text for line in head(facts, cluster_lines(facts), NOW)}


def facts_of(wish: FederatedBuilder, **more: Any) -> Facts:
    return gathered(wish, a_cluster("eu"), a_cluster("us"), entries=ROWS, **more)


def test_an_object_that_is_well_says_how_many_clusters_have_it_and_for_how_long() -> None:
    assert told(facts_of(WISH))["State"] == "Ok: 2 of 2 selected clusters have the copy, for 1h"


def test_a_cluster_in_trouble_does_not_count_as_having_the_copy() -> None:
    facts = replace(facts_of(WISH), copies={**ROWS, US: CopyRow("us", "UpdateFailed", "", None)})
    assert told(facts)["State"].startswith("Ok: 1 of 2 selected clusters have")


def test_a_generation_that_nobody_has_dealt_with_is_pending() -> None:
    facts = facts_of(WISH.at(generation=2))
    assert told(facts)["State"].startswith("Pending: ")
    assert told(facts)["Generation"] == "2, status is about 1"


def test_an_object_that_is_being_deleted_says_what_holds_it() -> None:
    assert told(facts_of(WISH.being_deleted()))["State"] == "Deleting for 1h, until its copies are gone"
    others = WISH.being_deleted().with_metadata(finalizers=["example.com/mine"])
    assert told(facts_of(others))["State"] == "Deleting for 1h, held by the finalizers of others: example.com/mine"


def test_orphaning_is_said_where_it_is_enabled() -> None:
    assert told(facts_of(WISH))["When deleted"] == "its copies are deleted"
    assert "stay, as ordinary objects" in told(facts_of(WISH.annotated(orphan="true")))["When deleted"]
    assert told(facts_of(WISH.annotated(orphan="false")))["When deleted"] == "its copies are deleted"


def test_ready_counts_the_copies_that_were_found_and_names_the_clusters_of_which_nothing_is_known() -> None:
    copy = {"kind": "Deployment", "metadata": {}, "spec": {"replicas": 3}, "status": {"readyReplicas": 2}}
    facts = gathered(WISH, a_cluster("eu"), a_cluster("us", state="Offline"), entries=ROWS, live={EU: copy})
    assert told(facts)["Ready"] == "2/3 in 1 cluster; nothing known of us"


def test_what_counts_nothing_has_no_line_about_readiness() -> None:
    assert "Ready" not in told(facts_of(WISH))


def test_records_of_an_earlier_template_announce_an_update() -> None:
    assert told(facts_of(WISH))["Records"] == "none yet"
    assert told(facts_of(WISH, recorded={EU: "gen:1"}))["Records"].startswith("of this template and these overrides")
    stale = replace(facts_of(WISH), recorded=Recorded(Versions("old", "old"), {EU: "gen:1"}))
    assert told(stale)["Records"].startswith("of an earlier template or overrides")


def test_a_namespace_that_is_not_federated_comes_with_the_command_that_federates_it() -> None:
    facts = replace(facts_of(WISH), namespace=NamespaceFacts(Around.NOT_FEDERATED))
    assert told(facts)["Namespace"].endswith("fedctl federate namespace shop")


@pytest.mark.parametrize(("spec", "line"), [({"placement": 1}, "Placement"), ({"template": []}, "Template")])
def test_a_part_that_cannot_be_read_is_said_to_be_one_and_the_rest_of_the_page_stands(spec: Any, line: str) -> None:
    lines = told(facts_of(WISH.with_spec(**spec)))
    assert lines[line].startswith("cannot be ")
    assert lines["Finalizers"] == "kubefed.io/sync-controller"


def test_errors_name_cluster_status_and_message() -> None:
    line = ClusterLine(EU, Verdict(True, ""), True, "UpdateFailed", "422 Invalid", "", "")
    assert errors([line, replace(line, name=US, trouble="", message="")]) == ["eu: UpdateFailed: 422 Invalid"]


def test_the_newest_event_comes_first_and_nothing_in_a_message_acts_on_the_terminal() -> None:
    old = {"metadata": {}, "type": "Normal", "reason": "Old", "message": "fine", "lastTimestamp": "2026-01-02T03:04:05Z"}
    new = {**old, "type": "Warning", "reason": "New", "message": "\x1b[2Jgone", "lastTimestamp": "2026-01-02T04:04:00Z"}
    console = Console(width=200, no_color=True)
    with console.capture() as captured:
        console.print(events_table([old, new], NOW))
    text = captured.get()
    assert text.index("New") < text.index("Old")
    assert "\x1b" not in text
