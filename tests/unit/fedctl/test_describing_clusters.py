"""What `fedctl describe` says of each cluster: the copy's state, the live copy, versions, overrides."""

from dataclasses import replace
from typing import Any

import pytest

from fedctl.copies import Found
from fedctl.describe.clusters import ClusterLine, cluster_lines, override_lines
from fedctl.get.objects import CopyRow
from kubefed.core.markers import MANAGED_LABEL, OWNER_ANNOTATION
from kubefed.core.names import ClusterName
from kubefed.sync.intent import Versions
from kubefed.sync.versions import Recorded
from tests.builders.objects import OWNER, a_fed_config_map, a_fed_deployment
from tests.unit.fedctl.facts import EU, US, a_cluster, gathered

WISH = a_fed_deployment().placed_on("eu")


def a_deployment(*, generation: int = 1, ready: int = 2, managed: bool = True, owner: str = OWNER, **more: Any) -> Any:
    labels = {MANAGED_LABEL: "true"} if managed else {}
    metadata = {"name": "web", "namespace": "shop", "generation": generation, "labels": labels, **more}
    metadata["annotations"] = {OWNER_ANNOTATION: owner}
    return {"kind": "Deployment", "metadata": metadata, "spec": {"replicas": 2}, "status": {"readyReplicas": ready}}


def line_of(*lines: ClusterLine, name: str = EU) -> ClusterLine:
    return next(line for line in lines if line.name == name)


def test_every_cluster_that_is_mentioned_anywhere_has_a_line() -> None:
    wish = a_fed_deployment().placed_on("placed").overridden("overridden", {"path": "/spec/replicas", "value": 1})
    row = CopyRow("told", "", "", None)
    facts = gathered(
        wish, a_cluster("joined"), entries={ClusterName("told"): row}, recorded={ClusterName("recorded"): "gen:1"}
    )
    assert [line.name for line in cluster_lines(facts)] == ["joined", "overridden", "placed", "recorded", "told"]


@pytest.mark.parametrize(
    ("copy", "said"),
    [
        (a_deployment(), "2/2 ready"),
        (None, "absent"),
        (a_deployment(deletionTimestamp="2026-01-02T03:04:05Z"), "2/2 ready, being deleted"),
        (a_deployment(managed=False), "2/2 ready, not managed by kubefed"),
        (a_deployment(owner="another"), "2/2 ready, of another federation"),
    ],
)
def test_the_live_copy_in_a_few_words(copy: Any, said: str) -> None:
    assert line_of(*cluster_lines(gathered(WISH, a_cluster("eu"), live={EU: copy}))).live == said


def test_a_copy_that_counts_nothing_is_present() -> None:
    copy = {"kind": "ConfigMap", "metadata": {"name": "settings", "labels": {MANAGED_LABEL: "true"}}}
    facts = gathered(a_fed_config_map().placed_on("eu"), a_cluster("eu"), live={EU: copy})
    assert line_of(*cluster_lines(facts)).live == "present"


def test_a_cluster_that_is_not_ready_is_said_not_to_have_been_asked() -> None:
    facts = gathered(WISH, a_cluster("eu", state="Offline"))
    assert line_of(*cluster_lines(facts)).live == "not asked: Offline"


def test_why_a_copy_is_unknown_is_said() -> None:
    facts = replace(gathered(WISH, a_cluster("eu")), found={EU: Found(unknown="no answer within 3 s")})
    assert line_of(*cluster_lines(facts)).live == "unknown: no answer within 3 s"


@pytest.mark.parametrize(("generation", "said"), [(3, "gen:3"), (4, "gen:3, is gen:4 now")])
def test_a_copy_that_was_changed_in_the_member_shows_in_its_version(generation: int, said: str) -> None:
    live = {EU: a_deployment(generation=generation)}
    facts = gathered(WISH, a_cluster("eu"), live=live, recorded={EU: "gen:3"})
    assert line_of(*cluster_lines(facts)).version == said


def test_a_version_of_an_earlier_template_is_said_to_be_one() -> None:
    facts = replace(gathered(WISH, a_cluster("eu")), recorded=Recorded(Versions("old", "old"), {EU: "gen:3"}))
    assert line_of(*cluster_lines(facts)).version == "gen:3, of an earlier template or overrides"


def test_trouble_and_its_message_are_those_of_the_status() -> None:
    row = CopyRow("eu", "UpdateFailed", "422 Invalid", None)
    line = line_of(*cluster_lines(gathered(WISH, a_cluster("eu"), entries={EU: row})))
    assert (line.listed, line.trouble, line.message) == (True, "UpdateFailed", "422 Invalid")


def test_overrides_are_listed_with_their_values() -> None:
    steps = ({"path": "/spec/replicas", "value": 5}, {"op": "remove", "path": "/spec/template/spec/containers/0/image"})
    lines = override_lines(gathered(WISH.overridden("eu", *steps)))
    assert lines == ["eu: replace /spec/replicas = 5", "eu: remove /spec/template/spec/containers/0/image"]


def test_a_long_value_is_cut() -> None:
    [line] = override_lines(gathered(WISH.overridden("eu", {"path": "/spec/x", "op": "add", "value": "y" * 500})))
    assert line.endswith("…")
    assert len(line) < 130


def test_values_of_sensitive_types_are_never_shown() -> None:
    wish = a_fed_config_map().overridden("eu", {"op": "add", "path": "/data/key", "value": "canary"})
    sensitive = replace(gathered(wish), kind=replace(wish.kind, sensitive=True))
    assert not any("canary" in line for line in override_lines(sensitive))
    assert override_lines(sensitive)[0].startswith("eu: add /data/key = (not shown")


def test_an_override_that_does_not_fit_is_told_with_the_reason() -> None:
    lines = override_lines(gathered(WISH.overridden("us", {"op": "remove", "path": "/spec/nothing"})))
    assert lines[1].startswith("us: cannot be applied: ")
    assert US in lines[0]


def test_overrides_that_cannot_be_read_are_told_once() -> None:
    [line] = override_lines(gathered(WISH.with_spec(overrides="nonsense")))
    assert line == "cannot be read: spec.overrides must be a list"
