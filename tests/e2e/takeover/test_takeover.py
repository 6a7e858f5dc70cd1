"""A live KubeFed is replaced under its users' feet: no copy that is as it should be is written, and all goes on working.

The story is in conftest.py and is played once; the tests say what must be true of it.
"""

from collections import Counter
from typing import Any

import pytest

from kubefed.core.markers import MANAGED_LABEL
from tests.builders.objects import FederatedBuilder
from tests.e2e.takeover.conftest import PATIENCE_S, Takeover
from tests.e2e.takeover.estate import MEMBERS, everywhere
from tests.e2e.takeover.go_hashes import overrides_hash, template_hash
from tests.support.kinds import PROPAGATED_VERSIONS
from tests.support.manifests import Manifest, field_of
from tests.support.waiting import eventually_equal


def meaning(federated: Manifest) -> dict[str, Any]:
    """What a status says, whatever the order of its clusters."""
    status = federated["status"]
    [condition] = status["conditions"]
    return {
        "generation": status["observedGeneration"],
        "condition": {name: text for name, text in condition.items() if name != "lastUpdateTime"},
        "clusters": {entry["name"]: entry.get("status", "") for entry in status["clusters"]},
    }


def path_of(wish: FederatedBuilder) -> str:
    """Where the host has it."""
    return wish.kind.federated.object_path(wish.key)


def named(taken_over: Takeover, name: str) -> FederatedBuilder:
    """One of what is in sync."""
    return next(wish for wish in taken_over.estate.in_sync if wish.key.name == name)


ODD = {"data": {"a": "<b>&\u2028é"}}
NUMBERS = {"spec": {"f": 0.5, "g": 1e21, "h": 1e-7, "i": 2, "replicas": 3}}
OPERATIONS = [{"path": "/spec/replicas", "value": 5}, {"op": "remove", "path": "/metadata/annotations/x"}]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({"data": {"foo": "bar"}}, "4682012eb72f035cfe2b227efe7ca8c8"),
        ({}, "8a80554c91d9fca8acb82f023de02f11"),
        (ODD, "0e8dd89c1947337699dfea4abd8b0e3b"),
        (NUMBERS, "3de10e7d1d9c9102851b6231332b1bd7"),
    ],
)
def test_the_rehearsal_hashes_templates_as_kubefed_did(template: Manifest, expected: str) -> None:
    assert template_hash({"template": template}) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, "2979b7538b527abe06492021841caf47"),
        ({"overrides": []}, "fd97e6d9a670c7dcdc2477764f78b459"),
        ({"overrides": [{"clusterName": "c1", "clusterOverrides": OPERATIONS}]}, "e44650adca6381d623d0c8e3020aa259"),
        ({"overrides": [{"clusterName": "c1"}]}, "337924182e5e30079d81a4a21fd1f617"),
    ],
)
def test_the_rehearsal_hashes_overrides_as_kubefed_did(spec: Manifest, expected: str) -> None:
    assert overrides_hash(spec) == expected


def test_a_shadow_run_beside_kubefed_writes_nothing_and_prints_exactly_what_will_be_written(taken_over: Takeover) -> None:
    assert taken_over.written_by_shadow == []
    ours = [line for line in taken_over.shadowed if taken_over.estate.shop.namespace in line and line.startswith(MEMBERS)]
    assert Counter("  ".join(line.split("  ")[:3]) for line in ours) == Counter(
        each.printed_as for each in taken_over.estate.due
    )
    for each in taken_over.estate.due:
        [line] = [line for line in ours if line.startswith(f"{each.printed_as}  ") or line == each.printed_as]
        assert each.changes in line


def test_nothing_is_written_while_kubefeds_lock_may_still_be_held(taken_over: Takeover) -> None:
    assert taken_over.written_under_lock == []


def test_members_see_one_write_for_each_difference_and_none_besides(taken_over: Takeover) -> None:
    assert taken_over.written == Counter(each.counted_as for each in taken_over.estate.due)


def test_the_hosts_side_of_what_is_in_sync_is_not_written_either(taken_over: Takeover) -> None:
    for wish in taken_over.estate.in_sync:
        record = PROPAGATED_VERSIONS.object_path(taken_over.estate.record_key(wish))
        assert taken_over.after[record] == taken_over.before[record]
        if wish.key.name != "odd":
            assert taken_over.after[path_of(wish)] == taken_over.before[path_of(wish)]


def test_statuses_keep_their_meaning_and_their_transition_times(taken_over: Takeover) -> None:
    for wish in taken_over.estate.in_sync:
        assert meaning(taken_over.after[path_of(wish)]) == meaning(taken_over.before[path_of(wish)])
    assert [each["name"] for each in taken_over.after[path_of(named(taken_over, "odd"))]["status"]["clusters"]] == [
        *MEMBERS
    ]


def test_what_had_drifted_is_again_as_it_is_wanted(taken_over: Takeover) -> None:
    shop = taken_over.estate.shop
    deployment, config_map, secret, service, lost, edited, deleted, namespace = taken_over.estate.out_of_sync
    assert shop.copies(deployment, "spec", "replicas") == everywhere(2)
    assert shop.copies(config_map, "data", "colour") == everywhere("red")
    assert shop.copies(secret, "data") == everywhere(secret.spec["template"]["data"])
    assert shop.copies(service, "spec", "selector", "app") == everywhere("drifted")
    assert all(shop.copies(service, "spec", "clusterIP").values())
    assert shop.copies(lost, "data", "colour") == everywhere("red")
    assert shop.copies(edited, "data", "colour") == everywhere("green")
    assert shop.copies(deleted) == {}
    assert shop.copies(namespace, "metadata", "labels", "team") == everywhere(None)


def test_a_kubefed_that_came_back_would_write_no_copy(taken_over: Takeover) -> None:
    there = [wish for wish in taken_over.estate.wishes if taken_over.estate.shop.stored(wish) is not None]
    assert len(there) >= len(taken_over.estate.wishes) - 3
    rewritten = {path_of(wish): clusters for wish in there if (clusters := taken_over.kubefed.would_update(wish))}
    assert rewritten == {}


def test_a_copy_that_kubefed_made_is_deleted_with_its_federated_object(taken_over: Takeover) -> None:
    shop, wish = taken_over.estate.shop, named(taken_over, "doomed")
    shop.delete(wish)
    shop.await_gone(wish, within_s=PATIENCE_S)
    assert shop.copies(wish) == {}
    eventually_equal(lambda: shop.recorded(wish), {}, within_s=PATIENCE_S)


def test_a_copy_that_kubefed_made_can_be_orphaned(taken_over: Takeover) -> None:
    shop, wish = taken_over.estate.shop, named(taken_over, "orphan")
    shop.annotate(wish, orphan="true")
    shop.delete(wish)
    shop.await_gone(wish, within_s=PATIENCE_S)
    eventually_equal(lambda: shop.copies(wish, "metadata", "labels", MANAGED_LABEL), everywhere(None), within_s=PATIENCE_S)
    assert [field_of(shop.copy(wish, member) or {}, "data", "colour") for member in MEMBERS] == ["red"] * 3
