"""What the annotations by which people freeze mean, with and without a reason."""

from kubefed.federated.freezes import NO_FREEZE, Freeze, freeze_of_cluster, freeze_of_everything, freeze_of_type


def test_without_annotations_nothing_is_frozen() -> None:
    assert freeze_of_everything({"kubefed.io/other": "x"}) == NO_FREEZE
    assert freeze_of_cluster({}) == freeze_of_type({}) == ""


def test_a_freeze_gives_its_reason() -> None:
    assert freeze_of_everything({"kubefed.io/freeze": "an audit"}) == Freeze(writes="everything is frozen: an audit")
    assert freeze_of_cluster({"kubefed.io/freeze": "an audit"}) == "the cluster is frozen: an audit"
    assert freeze_of_type({"kubefed.io/freeze": "an audit"}) == "the type is frozen: an audit"


def test_a_freeze_without_a_reason_counts_all_the_same() -> None:
    assert freeze_of_cluster({"kubefed.io/freeze": " "}) == "the cluster is frozen: no reason was given"


def test_a_restore_stops_removals_only() -> None:
    freeze = freeze_of_everything({"kubefed.io/restoring": "since noon"})
    assert not freeze.writes
    assert freeze.removals.startswith("a backup is being restored (since noon)")
