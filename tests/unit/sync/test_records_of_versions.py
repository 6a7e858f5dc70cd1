"""What is recorded of copies, what of it counts, and what was tried on them: KubeFed's rules and ours."""

import orjson
import pytest

from kubefed.api.types_v1beta1 import PropagationStatus
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.kube.store import Store
from kubefed.kube.wire import Object, Projector
from kubefed.sync.attempts import Attempts
from kubefed.sync.book import VersionBook
from kubefed.sync.intent import IntentCache, Versions
from kubefed.sync.versions import Recorded, federated_key, key_for, new_record, read_recorded, resource_for, status_of
from tests.builders.kinds import CLUSTER_ROLES, CONFIG_MAPS, DEPLOYMENTS, NAMESPACES
from tests.builders.objects import FederatedBuilder, a_fed_config_map, a_fed_deployment, a_fed_namespace
from tests.fakes.clock import seeded

EU, US, ASIA = (ClusterName(name) for name in ("eu", "us", "asia"))
OLD, NEW = Versions("t1", "o1"), Versions("t2", "o1")
KEY = ObjectKey("shop", "settings")
_PROJECTOR = Projector(annotation_prefix="kubefed.io/")


def a_record(status: object, key: ObjectKey | None = None) -> Object:
    named = key or key_for(CONFIG_MAPS, KEY)
    metadata = {"name": named.name, "namespace": named.namespace, "resourceVersion": "1"}
    return _PROJECTOR.object(orjson.dumps({"metadata": metadata, "status": status}))


def a_book(*records: Object) -> VersionBook:
    store: Store[Object] = Store(lambda *_: None)
    store.replace(records, 5)
    return VersionBook(CONFIG_MAPS, store)


# --- names and owners -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fed", "kind", "key"),
    [
        (a_fed_config_map(), "PropagatedVersion", ObjectKey("shop", "configmap-settings")),
        (a_fed_deployment(), "PropagatedVersion", ObjectKey("shop", "deployment-web")),
        (a_fed_namespace(), "PropagatedVersion", ObjectKey("shop", "namespace-shop")),
        (
            FederatedBuilder(CLUSTER_ROLES, ObjectKey("", "reader")),
            "ClusterPropagatedVersion",
            ObjectKey("", "clusterrole-reader"),
        ),
    ],
)
def test_records_are_named_and_placed_as_kubefed_did(fed: FederatedBuilder, kind: str, key: ObjectKey) -> None:
    assert resource_for(fed.kind).kind == kind
    assert key_for(fed.kind, fed.key) == key
    assert federated_key(fed.kind, key) == fed.key
    record = new_record(fed.kind, fed.build())
    assert record["metadata"]["name"] == key.name
    assert record["metadata"].get("namespace", "") == key.namespace
    (owner,) = record["metadata"]["ownerReferences"]
    assert set(owner) == {"apiVersion", "kind", "name", "uid"}
    assert "status" not in record


def test_a_record_of_another_type_is_nobodys() -> None:
    assert federated_key(DEPLOYMENTS, ObjectKey("shop", "configmap-web")) is None
    assert federated_key(CLUSTER_ROLES, ObjectKey("shop", "clusterrole-reader")) is None
    assert federated_key(NAMESPACES, ObjectKey("", "namespace-shop")) is None


# --- what a record says -----------------------------------------------------------------------------------------


def test_a_record_is_sorted_and_reads_back_as_it_was() -> None:
    recorded = Recorded(OLD, {US: "gen:1", ASIA: "rv:9", EU: ""})
    status = status_of(recorded)
    assert [entry["clusterName"] for entry in status["clusterVersions"]] == ["asia", "eu", "us"]
    assert set(status) == {"templateVersion", "overridesVersion", "clusterVersions"}
    assert read_recorded(a_record(status)) == recorded


@pytest.mark.parametrize("status", [None, [], 7, {"templateVersion": 7}, {"clusterVersions": {}}])
def test_a_record_that_makes_no_sense_records_nothing(status: object) -> None:
    assert read_recorded(a_record(status)) is None


def test_versions_count_only_under_both_hashes_and_are_owed_under_others() -> None:
    recorded = Recorded(OLD, {EU: "rv:1", US: "rv:2"})
    assert recorded.valid_for(OLD) == recorded.carried_to(OLD) == {EU: "rv:1", US: "rv:2"}
    assert recorded.valid_for(NEW) == recorded.valid_for(Versions("t1", "o2")) == {}
    assert recorded.carried_to(NEW) == {EU: "", US: ""}


# --- the book ---------------------------------------------------------------------------------------------------


def test_what_was_written_counts_before_it_is_stored() -> None:
    book = a_book(a_record(status_of(Recorded(OLD, {EU: "rv:1"}))))
    book.note(KEY, OLD, US, "rv:2")
    assert book.current(KEY) == Recorded(OLD, {EU: "rv:1", US: "rv:2"})


def test_a_cluster_that_was_away_during_an_edit_is_remembered_to_hold_a_copy() -> None:
    book = a_book(a_record(status_of(Recorded(OLD, {EU: "rv:1", US: "rv:2"}))))
    book.note(KEY, NEW, EU, "rv:7")
    assert book.current(KEY) == Recorded(NEW, {EU: "rv:7", US: ""})


def test_notes_are_forgotten_once_they_are_stored_and_not_before() -> None:
    book = a_book()
    book.note(KEY, OLD, EU, "rv:1")
    book.settle(KEY, Recorded(OLD, {}))
    book.note(KEY, OLD, EU, "rv:2")
    book.settle(KEY, Recorded(OLD, {EU: "rv:1"}))
    book.settle(KEY, Recorded(NEW, {EU: "rv:2"}))
    assert book.current(KEY) == Recorded(OLD, {EU: "rv:2"})
    book.settle(KEY, Recorded(OLD, {EU: "rv:2", US: "rv:3"}))
    assert book.current(KEY) is None


def test_a_book_is_known_only_when_its_records_are() -> None:
    store: Store[Object] = Store(lambda *_: None)
    assert not VersionBook(CONFIG_MAPS, store).known


# --- attempts ---------------------------------------------------------------------------------------------------

FAILED = PropagationStatus.CREATION_FAILED


def waits(attempts: Attempts, now: float) -> float:
    attempt = attempts.of(KEY, EU)
    assert attempt is not None
    assert attempt.not_before is not None
    return attempt.not_before - now


def test_failures_are_tried_again_after_pauses_that_grow_to_a_minute() -> None:
    attempts, pauses = Attempts(seeded()), []
    for _ in range(12):
        attempts.failed(KEY, EU, FAILED, "why", 1000.0, retry=True)
        pauses.append(waits(attempts, 1000.0))
    assert 0.5 <= pauses[0] <= 1
    assert all(30 <= pause <= 60 for pause in pauses[-4:])


def test_a_success_starts_the_pauses_from_the_beginning() -> None:
    attempts = Attempts(seeded())
    for _ in range(8):
        attempts.failed(KEY, EU, FAILED, "why", 0.0, retry=True)
    attempts.succeeded(KEY, EU)
    assert attempts.of(KEY, EU) is None
    attempts.failed(KEY, EU, FAILED, "why", 0.0, retry=True)
    assert waits(attempts, 0.0) <= 1


def test_what_only_a_person_can_mend_is_not_tried_again_by_itself() -> None:
    attempts = Attempts(seeded())
    attempts.failed(KEY, EU, PropagationStatus.ALREADY_EXISTS, "why", 0.0, retry=False)
    attempt = attempts.of(KEY, EU)
    assert attempt is not None
    assert attempt.not_before is None
    attempts.reconsider(KEY)
    assert attempts.of(KEY, EU) is None


def test_repairs_are_spaced_out_until_ten_quiet_minutes_have_passed() -> None:
    attempts, now = Attempts(seeded()), 0.0
    for _ in range(8):
        attempts.repaired(KEY, EU, now)
        now += 60
    assert waits(attempts, now - 60) >= 30
    attempts.repaired(KEY, EU, now + 601)
    assert waits(attempts, now + 601) <= 1


def test_a_cluster_that_comes_back_forgets_its_failures_and_one_that_leaves_its_fights_too() -> None:
    attempts = Attempts(seeded())
    attempts.failed(KEY, US, FAILED, "why", 0.0, retry=True)
    attempts.failed(KEY, EU, FAILED, "why", 0.0, retry=True)
    attempts.repaired(KEY, EU, 0.0)
    attempts.reconsider_cluster(EU)
    fight = attempts.of(KEY, EU)
    assert fight is not None
    assert fight.status == ""
    attempts.forget_cluster(EU)
    assert attempts.of(KEY, EU) is None
    assert attempts.of(KEY, US) is not None


# --- intents ----------------------------------------------------------------------------------------------------


def cache() -> IntentCache:
    return IntentCache(CONFIG_MAPS, version_may_change=False)


def test_an_intent_is_read_once_for_as_long_as_the_spec_is_the_same() -> None:
    intents, fed = cache(), a_fed_config_map().placed_on("eu")
    first = intents.of(fed.build())
    assert intents.of(fed.at(version=9).with_status({"observedGeneration": 1}).build()) is first


def test_the_same_generation_of_another_history_is_another_intent() -> None:
    """A host that was restored from a backup counts generations from where it was."""
    intents, fed = cache(), a_fed_config_map().at(generation=5)
    before = intents.of(fed.with_template({"data": {"colour": "red"}}).build())
    after = intents.of(fed.with_template({"data": {"colour": "blue"}}).build())
    assert after.versions_or_none() != before.versions_or_none()


def test_an_object_that_was_made_again_is_another_intent() -> None:
    intents, fed = cache(), a_fed_config_map()
    assert intents.of(fed.build()) is not intents.of(fed.with_metadata(uid="another").build())


def test_intents_of_many_large_objects_do_not_fill_the_memory() -> None:
    intents = cache()
    large = {"data": {"text": "x" * 200_000}}
    builders = [a_fed_config_map().named(f"n{number}").with_template(large) for number in range(60)]
    first = intents.of(builders[0].build())
    for builder in builders:
        intents.of(builder.build())
    assert intents.of(builders[0].build()) is not first
    assert len(intents._intents) < 40
