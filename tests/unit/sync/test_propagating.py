"""One federated object from its creation to its end, over fake servers: what is written, when, and how often."""

import asyncio

import pytest

from kubefed.core.markers import MANAGED_LABEL, OWNER_ANNOTATION, SYNC_FINALIZER
from kubefed.core.names import ObjectKey
from kubefed.sync.versions import PROPAGATED_VERSIONS
from tests.builders import kinds
from tests.builders.clusters import SYSTEM, a_record
from tests.builders.objects import a_fed_config_map, a_fed_deployment, a_fed_namespace
from tests.fakes.apiserver import refuse, reset_done, send, silence
from tests.fakes.loop import virtually
from tests.unit.clusters.a_federation import in_time
from tests.unit.sync.a_control_plane import a_control_plane

FED = a_fed_config_map().placed_on("eu", "us")
PATH = "/api/v1/namespaces/shop/configmaps/settings"
COLLECTION = "/api/v1/namespaces/shop/configmaps"
FED_PATH = kinds.CONFIG_MAPS.federated.object_path(FED.key)
RECORD = ObjectKey("shop", "configmap-settings")


# --- creating and updating --------------------------------------------------------------------------------------


def test_a_new_object_costs_one_write_in_each_member_and_four_on_the_host() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            await plane.quiet()
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            await plane.quiet(30)
            assert plane.writes("eu", FED) == plane.writes("us", FED) == ["create"]
            assert [verb for verb, _ in plane.federated[FED.kind.name].writes] == ["patch", "status"]
            assert [verb for verb, key in plane.versions.writes if key == RECORD] == ["create", "status"]

    virtually(story())


def test_the_finalizer_is_there_before_the_first_copy_is_made() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.host.on("PATCH", FED_PATH, silence)
            plane.federated[FED.kind.name].put(FED.without_finalizer().manifest())
            plane.host.on("PATCH", FED_PATH, refuse(500, "InternalError"))
            await plane.quiet(120)
            assert plane.writes("eu", FED) == []
            assert any(reason == "EnsureFinalizerError" for _, reason, _ in plane.events)

    virtually(story())


def test_the_record_is_named_and_owned_as_kubefeds() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            record = plane.versions.objects[RECORD]
            owner = {"apiVersion": "types.kubefed.io/v1beta1", "kind": "FederatedConfigMap", "name": "settings"}
            assert record["metadata"]["ownerReferences"] == [owner | {"uid": plane.object(FED)["metadata"]["uid"]}]
            versions = {entry["clusterName"]: entry["version"] for entry in record["status"]["clusterVersions"]}
            for cluster in ("eu", "us"):
                copy = plane.copy(cluster, FED)
                assert copy is not None
                assert versions[cluster] == f"rv:{copy['metadata']['resourceVersion']}"

    virtually(story())


def test_an_edit_costs_one_write_in_each_member_and_two_on_the_host() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            plane.federated[FED.kind.name].writes.clear()
            plane.versions.writes.clear()
            plane.edit(FED.with_template({"data": {"colour": "blue"}}))
            await in_time(lambda: (plane.object(FED)["status"]).get("observedGeneration") == 2, within_s=10)
            await plane.quiet(30)
            assert plane.writes("eu", FED) == plane.writes("us", FED) == ["create", "update"]
            assert [verb for verb, _ in plane.federated[FED.kind.name].writes] == ["status"]
            assert [verb for verb, _ in plane.versions.writes] == ["status"]

    virtually(story())


def test_a_standby_writes_nothing_and_goes_on_when_it_becomes_the_leader() -> None:
    async def story() -> None:
        async with a_control_plane("eu", federate_shop=False, leading=False) as plane:
            plane.put(a_fed_namespace().placed_by_labels())
            plane.put(FED)
            await plane.quiet(60)
            assert plane.writes("eu", FED) == []
            assert plane.federated[FED.kind.name].writes == plane.configs.writes == []
            plane.leading.set()
            await in_time(lambda: plane.copy("eu", FED), within_s=20)

    virtually(story())


def test_a_member_without_answer_is_told_and_holds_up_no_other() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.servers["eu"].on("POST", COLLECTION, silence)
            plane.put(FED)
            await in_time(lambda: plane.copy("us", FED), within_s=1)
            await plane.settle(FED, eu="CreationTimedOut", us="")

    virtually(story())


def test_a_refused_creation_is_told_with_its_reason_and_without_the_servers_words() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            said = refuse(403, "Forbidden", message="canary: the secret value", causes=[{"field": "data", "reason": "No"}])
            plane.servers["eu"].on("POST", COLLECTION, said)
            plane.put(FED)
            await plane.settle(FED, eu="CreationFailed", us="")
            (entry,) = [each for each in plane.object(FED)["status"]["clusters"] if each["name"] == "eu"]
            assert entry["message"] == "403 Forbidden (data: No)"
            assert "canary" not in f"{plane.events} {plane.object(FED)}"
            attempts = len(plane.servers["eu"].seen("POST", COLLECTION))
            await plane.quiet(240)
            assert len(plane.servers["eu"].seen("POST", COLLECTION)) - attempts <= 15

    virtually(story())


# --- drift ------------------------------------------------------------------------------------------------------


def test_a_first_drift_is_put_right_at_once_and_a_fight_is_spaced_out() -> None:
    async def story() -> None:
        async with a_control_plane("eu") as plane:
            fed = a_fed_config_map().placed_on("eu")
            plane.put(fed)
            await plane.settle(fed, eu="")
            plane.drift("eu", fed)
            await in_time(lambda: plane.writes("eu", fed) == ["create", "update"], within_s=1)
            loop = asyncio.get_running_loop()
            until = loop.time() + 60
            while loop.time() < until:
                copy = plane.copy("eu", fed)
                assert copy is not None
                if copy["data"] != {"colour": "drifted"}:
                    plane.drift("eu", fed)
                await asyncio.sleep(0.25)
            assert 4 <= plane.writes("eu", fed).count("update") <= 9

    virtually(story())


def test_a_copy_that_somebody_deleted_is_made_again() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            plane.copies["eu", FED.kind.name].drop("settings", "shop")
            await in_time(lambda: plane.copy("eu", FED), within_s=2)
            assert plane.writes("us", FED) == ["create"]

    virtually(story())


def test_a_copy_that_opted_out_is_left_alone_and_told() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.copies["eu", FED.kind.name].put(
                {"metadata": {"name": "settings", "namespace": "shop", "labels": {MANAGED_LABEL: "false"}}}
            )
            plane.put(FED)
            await plane.settle(FED, eu="ManagedLabelFalse", us="")
            assert plane.writes("eu", FED) == []

    virtually(story())


# --- what came up while the host was being told -----------------------------------------------------------------


def test_what_changes_while_a_report_is_being_written_is_reported_after_it() -> None:
    """The watch brings our own write before its answer: then no change of a store says that there is more to tell."""

    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            record = plane.versions.objects[RECORD]
            written, go_on = plane.versions._replace_status, asyncio.Event()

            async def slowly(request):  # type: ignore[no-untyped-def]
                answer = await written(request)
                await go_on.wait()
                return answer

            plane.host.on("PUT", f"{PROPAGATED_VERSIONS.object_path(RECORD)}/status", slowly, written)
            plane.drift("eu", FED)
            await in_time(lambda: plane.versions.objects[RECORD] is not record, within_s=5)
            plane.federation.records.drop("us", SYSTEM)
            await plane.quiet(3)
            assert set(plane.told(FED)) == {"eu", "us"}
            go_on.set()
            await in_time(lambda: set(plane.told(FED)) == {"eu"}, within_s=3)

    virtually(story())


def test_a_status_that_keeps_conflicting_is_tried_at_most_once_a_minute_in_the_end() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            other = FED.named("other")
            plane.put(FED)
            await in_time(lambda: plane.is_there(FED) and plane.writes("eu", FED), within_s=5)
            plane.host.on("PUT", f"{FED_PATH}/status", refuse(409, "Conflict"))
            plane.edit(FED.with_template({"data": {"colour": "blue"}}))
            await plane.quiet(150)
            tried = len(plane.host.seen("PUT", f"{FED_PATH}/status"))
            await plane.quiet(240)
            assert len(plane.host.seen("PUT", f"{FED_PATH}/status")) - tried <= 8
            plane.put(other)
            await plane.settle(other, eu="", us="")

    virtually(story())


def test_a_record_that_cannot_be_written_does_not_make_the_object_look_unpropagated() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.host.on("POST", "/apis/core.kubefed.io/v1alpha1/namespaces/shop/propagatedversions", refuse(500, "x"))
            plane.put(FED)
            await plane.settle(FED, eu="", us="")

    virtually(story())


def test_a_record_that_was_lost_is_written_again_without_touching_the_copies() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            plane.versions.drop(RECORD.name, RECORD.namespace)
            await plane.quiet(30)
            assert FED.key in plane.federated[FED.kind.name].objects
            assert plane.writes("us", FED).count("create") == 1

    virtually(story())


# --- removing ---------------------------------------------------------------------------------------------------


def test_a_cluster_that_is_not_selected_any_more_loses_its_copy_after_the_host_was_asked_again() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            reads = len(plane.host.seen("GET", FED_PATH))
            plane.edit(FED.placed_on("us"))
            await in_time(lambda: plane.copy("eu", FED) is None, within_s=5)
            assert len(plane.host.seen("GET", FED_PATH)) == reads + 1
            await plane.settle(FED, us="")
            versions = plane.versions.objects[RECORD]["status"]["clusterVersions"]
            assert [entry["clusterName"] for entry in versions] == ["us"]

    virtually(story())


@pytest.mark.parametrize("answer", [refuse(500, "InternalError"), refuse(403, "Forbidden"), refuse(404, ""), reset_done])
def test_nothing_is_removed_while_the_host_cannot_say_that_it_should_be(answer: object) -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            plane.host.on("GET", FED_PATH, answer)  # type: ignore[arg-type]
            plane.edit(FED.placed_on("us"))
            await plane.quiet(60)
            assert plane.writes("eu", FED) == ["create"]
            assert plane.told(FED)["eu"] == "DeletionFailed"

    virtually(story())


def test_a_removal_that_the_host_does_not_confirm_is_decided_anew() -> None:
    """The watch told of a placement that is not the newest: what the consistent read says counts."""

    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            stored = plane.object(FED)
            newest = {**stored, "metadata": {**stored["metadata"], "resourceVersion": str(10**9), "generation": 3}}
            plane.host.on("GET", FED_PATH, send(newest))
            plane.edit(FED.placed_on("us"))
            await plane.quiet(30)
            assert "delete" not in plane.writes("eu", FED)

    virtually(story())


def test_labels_of_a_cluster_are_read_again_before_it_is_cleared() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            fed = a_fed_config_map().placed_by_labels(tier="prod")
            server = plane.servers["eu"]
            record = a_record().at(server.connection.server, server.authority.ca_pem)
            plane.federation.records.put(record.labelled(tier="prod").manifest())
            plane.put(fed)
            await plane.settle(fed, eu="")
            path = "/apis/core.kubefed.io/v1beta1/namespaces/kube-federation-system/kubefedclusters/eu"
            plane.host.on("GET", path, refuse(500, "InternalError"))
            plane.federation.records.put(record.labelled(tier="test").manifest())
            await plane.quiet(30)
            assert plane.copy("eu", fed) is not None
            plane.host.on("GET", path, plane.federation.records._get)
            await in_time(lambda: plane.copy("eu", fed) is None, within_s=90)

    virtually(story())


def test_a_deleted_object_goes_after_its_copies_and_keeps_other_finalizers() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED.with_metadata(finalizers=["own/finalizer"]), finalized=True)
            await plane.settle(FED, eu="", us="")
            assert plane.object(FED)["metadata"]["finalizers"] == ["own/finalizer", SYNC_FINALIZER]
            plane.delete(FED)
            await in_time(lambda: plane.object(FED)["metadata"]["finalizers"] == ["own/finalizer"], within_s=20)
            assert plane.copy("eu", FED) is plane.copy("us", FED) is None

    virtually(story())


def test_an_orphaned_object_leaves_its_copies_without_our_marks() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            orphan = FED.annotated(orphan="true")
            plane.put(orphan)
            await plane.settle(orphan, eu="", us="")
            plane.delete(orphan)
            await in_time(lambda: not plane.is_there(orphan), within_s=20)
            await plane.quiet()
            copy = plane.copy("eu", orphan)
            assert copy is not None
            assert MANAGED_LABEL not in copy["metadata"].get("labels", {})
            assert OWNER_ANNOTATION not in copy["metadata"].get("annotations", {})
            assert "delete" not in plane.writes("eu", orphan) + plane.writes("us", orphan)

    virtually(story())


def test_a_deletion_waits_for_a_member_that_is_away_and_ends_when_it_is_back() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            plane.servers["eu"].on("GET", "/healthz", refuse(500, "InternalError"))
            await plane.federation.becomes("eu", "Offline")
            plane.delete(FED)
            await in_time(lambda: plane.copy("us", FED) is None, within_s=5)
            await plane.quiet(60)
            assert plane.is_there(FED)
            plane.servers["eu"].on("GET", "/healthz", send(b"ok"))
            await in_time(lambda: not plane.is_there(FED), within_s=30)
            assert plane.copy("eu", FED) is None

    virtually(story())


def test_frozen_removals_wait_with_their_reason() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            plane.frozen = "the host was set back in time"
            plane.edit(FED.placed_on("us"))
            await plane.quiet(30)
            assert plane.copy("eu", FED) is not None
            assert plane.told(FED)["eu"] == "WaitingForRemoval"

    virtually(story())


# --- namespaces -------------------------------------------------------------------------------------------------


def test_without_a_federated_namespace_nothing_goes_anywhere_and_that_is_said() -> None:
    async def story() -> None:
        async with a_control_plane("eu", federate_shop=False) as plane:
            plane.put(FED)
            await in_time(lambda: plane.object(FED).get("status"), within_s=5)
            (condition,) = plane.object(FED)["status"]["conditions"]
            assert (condition["status"], condition["reason"]) == ("False", "NamespaceNotFederated")
            assert plane.writes("eu", FED) == []
            plane.put(a_fed_namespace().placed_by_labels())
            await plane.settle(FED, eu="")

    virtually(story())


def test_a_federated_namespace_narrows_what_is_in_it_and_one_under_another_name_is_ignored() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us", federate_shop=False) as plane:
            plane.put(a_fed_namespace().placed_on("eu"))
            plane.put(a_fed_namespace().named("misnamed", "shop").placed_by_labels())
            plane.put(FED)
            await plane.settle(FED, eu="")
            assert plane.writes("us", FED) == []
            assert ("misnamed", "InvalidName") in {(name, reason) for name, reason, _ in plane.events}
            assert SYNC_FINALIZER not in plane.object(a_fed_namespace().named("misnamed", "shop"))["metadata"]["finalizers"]

    virtually(story())


def test_while_federated_namespaces_cannot_be_read_nothing_is_made_and_nothing_is_removed() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            path = kinds.NAMESPACES.federated.collection_path()
            for verb in ("GET", "WATCH"):
                plane.host.on(verb, path, refuse(403, "Forbidden"))
            plane.federated[kinds.NAMESPACES.name]._stream.cut()
            await plane.quiet(5)
            plane.edit(FED.placed_on("us"))
            plane.put(FED.named("new"))
            await plane.quiet(60)
            assert plane.writes("eu", FED) == ["create"]

    virtually(story())


# --- types that come and go -------------------------------------------------------------------------------------


def test_a_type_that_is_enabled_later_starts_without_disturbing_the_others() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            lists = len(plane.host.seen("GET", kinds.CONFIG_MAPS.federated.collection_path()))
            plane.enable(kinds.DEPLOYMENTS)
            plane.put(a_fed_deployment().placed_on("eu"))
            await plane.settle(a_fed_deployment(), eu="")
            assert len(plane.host.seen("GET", kinds.CONFIG_MAPS.federated.collection_path())) == lists
            assert plane.writes("eu", FED) == ["create"]

    virtually(story())


def test_a_type_that_is_deleted_stops_and_leaves_objects_copies_and_finalizers_where_they_are() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            config = plane.configs.get("configmaps", SYSTEM)
            assert config["metadata"]["finalizers"] == ["core.kubefed.io/federated-type-config"]
            deleted = {**config["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}
            plane.configs.put({**config, "metadata": deleted})
            await in_time(lambda: ObjectKey(SYSTEM, "configmaps") not in plane.configs.objects, within_s=5)
            plane.drift("eu", FED)
            plane.edit(FED.placed_on("us"))
            await plane.quiet(60)
            assert plane.writes("eu", FED) == plane.writes("us", FED) == ["create"]
            assert plane.object(FED)["metadata"]["finalizers"] == [SYNC_FINALIZER]

    virtually(story())


def test_a_disabled_type_says_so_and_goes_on_when_it_is_enabled_again() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            config = plane.configs.get("configmaps", SYSTEM)
            generation = {**config["metadata"], "generation": 2}
            plane.configs.put({**config, "metadata": generation, "spec": {**config["spec"], "propagation": "Disabled"}})
            await in_time(
                lambda: plane.configs.get("configmaps", SYSTEM)["status"].get("propagationController") == "NotRunning",
                within_s=5,
            )
            plane.drift("eu", FED)
            await plane.quiet(30)
            assert plane.writes("eu", FED) == ["create"]
            config = plane.configs.get("configmaps", SYSTEM)
            plane.configs.put({**config, "spec": {**config["spec"], "propagation": "Enabled"}})
            await in_time(lambda: plane.writes("eu", FED) == ["create", "update"], within_s=5)

    virtually(story())


def test_what_still_waits_in_a_lane_is_not_written_once_its_type_has_stopped() -> None:
    async def story() -> None:
        async with a_control_plane("eu") as plane:
            plane.servers["eu"].on("POST", COLLECTION, silence)
            feds = [a_fed_config_map().named(f"n{number}").placed_on("eu") for number in range(40)]
            for fed in feds:
                plane.put(fed)
            await plane.quiet(2)
            begun = len(plane.servers["eu"].seen("POST", COLLECTION))
            assert 0 < begun < len(feds)
            config = plane.configs.get("configmaps", SYSTEM)
            plane.configs.put({**config, "spec": {**config["spec"], "propagation": "Disabled"}})
            await plane.quiet(120)
            assert len(plane.servers["eu"].seen("POST", COLLECTION)) == begun

    virtually(story())


def test_a_config_that_makes_no_sense_stops_its_type_and_no_other() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            plane.put(FED)
            await plane.settle(FED, eu="", us="")
            plane.configs.put({"metadata": {"name": "nonsense", "namespace": SYSTEM}, "spec": {"targetType": 7}})
            await in_time(
                lambda: (
                    plane.configs.get("nonsense", SYSTEM).get("status", {}).get("propagationController") == "NotRunning"
                ),
                within_s=10,
            )
            plane.drift("eu", FED)
            await in_time(lambda: plane.writes("eu", FED) == ["create", "update"], within_s=5)

    virtually(story())
