"""What is written to a member, what its answers are taken for, and what is never touched."""

import asyncio
from typing import Any

import orjson
import pytest
from aiohttp import web

from kubefed.api.types_v1beta1 import PropagationStatus
from kubefed.core.errors import (
    ApiError,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Stale,
    Unintelligible,
    Unreachable,
)
from kubefed.core.markers import DELETE_OPTIONS_ANNOTATION, MANAGED, MANAGED_LABEL, OWNER_ANNOTATION
from kubefed.core.names import ObjectKey
from kubefed.sync.executor import create_copy, delete_copy, delete_options, let_go, update_copy
from tests.builders.kinds import NAMESPACES, SERVICES
from tests.builders.objects import OWNER, FederatedBuilder, a_fed_config_map, a_fed_namespace
from tests.fakes.apiserver import Answer, refuse, reset_done, send
from tests.fakes.objects import deep_config_map
from tests.fakes.waiting import eventually
from tests.unit.sync.a_member import KEY, MARKS, OneMember, a_member

OK, NOT_OURS, OPTED_OUT = (
    PropagationStatus.OK,
    PropagationStatus.ALREADY_EXISTS,
    PropagationStatus.MANAGED_LABEL_FALSE,
)
INTENT = a_fed_config_map().placed_on("eu").intent()
COLLECTION, PATH = "/api/v1/namespaces/shop/configmaps", "/api/v1/namespaces/shop/configmaps/settings"


async def create(one: OneMember, host_uid: str = "uid-on-host") -> PropagationStatus:
    return (await create_copy(one.shop, one.member, INTENT, host_uid)).status


# --- creating ---------------------------------------------------------------------------------------------------


async def test_a_copy_is_created_with_one_request_and_is_known_at_once() -> None:
    async with a_member() as one:
        written = await create_copy(one.shop, one.member, INTENT, "")
        assert one.verbs() == ["POST"]
        assert one.stored()["data"] == {"colour": "red"}
        assert one.store.get(KEY) == one.read()
        assert (written.status, written.version) == (OK, one.read().version)


async def test_a_creation_whose_answer_was_lost_is_found_and_not_made_twice() -> None:
    async with a_member() as one:
        created = one.copies._create

        async def lost(request: web.BaseRequest) -> web.StreamResponse:
            await created(request)
            return await reset_done(request)

        one.server.on("POST", COLLECTION, lost, created)
        with pytest.raises(OutcomeUnknown):
            await create(one)
        uid = one.read().uid
        assert await create(one) is OK
        assert one.read().uid == uid
        assert one.verbs() == ["POST", "POST", "GET", "GET", "PUT"]


@pytest.mark.parametrize(
    ("adopt", "metadata", "status"),
    [
        (True, {}, OK),
        (True, {"labels": {"own": "label"}, "annotations": {"own": "note"}}, OK),
        (True, MARKS, OK),
        (False, {}, NOT_OURS),
        (False, {"labels": {MANAGED_LABEL: MANAGED}}, OK),
        (True, {"labels": {MANAGED_LABEL: "false"}}, OPTED_OUT),
        (False, {"labels": {MANAGED_LABEL: "false"}}, NOT_OURS),
        (True, {"annotations": {OWNER_ANNOTATION: "another"}}, NOT_OURS),
        (False, {"labels": {MANAGED_LABEL: MANAGED}, "annotations": {OWNER_ANNOTATION: "another"}}, NOT_OURS),
        (True, {"annotations": {OWNER_ANNOTATION: "another", "big": "x" * 5000}}, NOT_OURS),
    ],
)
async def test_an_object_that_is_there_already_is_adopted_only_if_it_may_be(
    adopt: bool, metadata: dict[str, Any], status: PropagationStatus
) -> None:
    async with a_member(adopt=adopt) as one:
        one.holds(known=False, metadata=metadata, data={"own": "data"})
        assert await create(one) is status
        assert one.copies.writes == ([("update", KEY)] if status is OK else [])
        assert one.stored()["data"] == ({"colour": "red"} if status is OK else {"own": "data"})


async def test_adoption_keeps_the_objects_annotations_and_marks_it_as_ours() -> None:
    async with a_member() as one:
        one.holds(known=False, metadata={"annotations": {"own": "note"}, "finalizers": ["own/finalizer"]})
        assert await create(one) is OK
        metadata = one.stored()["metadata"]
        assert metadata["annotations"] == {"own": "note", OWNER_ANNOTATION: OWNER}
        assert metadata["labels"] == {MANAGED_LABEL: MANAGED}
        assert metadata["finalizers"] == ["own/finalizer"]


async def test_the_hosts_own_namespace_is_adopted_even_where_adoption_is_disabled() -> None:
    async with a_member(NAMESPACES, adopt=False) as one:
        one.holds(ObjectKey("", "shop"), known=False)
        uid = one.read(ObjectKey("", "shop")).uid
        intent = a_fed_namespace().placed_on("eu").intent()
        assert (await create_copy(one.shop, one.member, intent, "uid-of-another")).status is NOT_OURS
        assert (await create_copy(one.shop, one.member, intent, uid)).status is OK


async def test_a_namespace_that_is_there_may_answer_with_a_server_timeout() -> None:
    async with a_member(NAMESPACES) as one:
        one.holds(ObjectKey("", "shop"), known=False)
        one.server.on("POST", "/api/v1/namespaces", refuse(500, "ServerTimeout"))
        assert (await create_copy(one.shop, one.member, a_fed_namespace().intent(), "")).status is OK


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refuse(403, "Forbidden"), ApiError),
        (refuse(404, "NotFound"), NotFound),
        (refuse(422, "Invalid"), Rejected),
        (refuse(500, "ServerTimeout"), ApiError),
        (reset_done, OutcomeUnknown),
    ],
)
async def test_a_creation_that_fails_leaves_nothing_behind_in_the_store(answer: Answer, error: type[ApiError]) -> None:
    async with a_member() as one:
        one.server.on("POST", COLLECTION, answer)
        with pytest.raises(error):
            await create(one)
        assert one.store.get(KEY) is None


# --- updating ---------------------------------------------------------------------------------------------------


async def test_a_known_copy_is_updated_with_one_request_that_names_its_version_and_uid() -> None:
    async with a_member() as one:
        copy = one.holds(metadata=MARKS, data={"old": "data"})
        written = await update_copy(one.shop, one.member, INTENT)
        assert one.verbs() == ["PUT"]
        sent = orjson.loads(one.server.requests[0].body)["metadata"]
        assert (sent["uid"], sent["resourceVersion"]) == (copy.uid, str(copy.resource_version))
        assert one.store.get(KEY) == one.read()
        assert written.version == one.read().version


async def test_a_copy_that_is_newer_than_known_is_read_once_and_written_once() -> None:
    async with a_member() as one:
        one.holds(metadata=MARKS)
        one.holds(known=False, metadata={**MARKS, "annotations": {**MARKS["annotations"], "new": "note"}})
        assert (await update_copy(one.shop, one.member, INTENT)).status is OK
        assert one.verbs() == ["PUT", "GET", "PUT"]
        assert one.stored()["metadata"]["annotations"]["new"] == "note"


async def test_a_copy_that_changes_between_reading_and_writing_is_left_for_later() -> None:
    async with a_member() as one:
        one.holds(metadata=MARKS)
        one.server.on("PUT", PATH, refuse(409, "Conflict"))
        with pytest.raises(Stale):
            await update_copy(one.shop, one.member, INTENT)
        assert one.verbs() == ["PUT", "GET", "PUT"]


async def test_an_update_whose_answer_was_lost_is_read_before_the_next_write() -> None:
    async with a_member() as one:
        one.holds(metadata=MARKS)
        replaced = one.copies._replace

        async def lost(request: web.BaseRequest) -> web.StreamResponse:
            await replaced(request)
            return await reset_done(request)

        one.server.on("PUT", PATH, lost, reset_done, replaced)  # aiohttp sends a PUT once more by itself
        with pytest.raises(OutcomeUnknown):
            await update_copy(one.shop, one.member, INTENT)
        assert (await update_copy(one.shop, one.member, INTENT)).status is OK
        assert one.verbs() == ["PUT", "PUT", "PUT", "GET", "PUT"]


@pytest.mark.parametrize(
    ("metadata", "status"),
    [
        ({"labels": {MANAGED_LABEL: "false"}}, OPTED_OUT),
        ({"labels": {MANAGED_LABEL: MANAGED}, "annotations": {OWNER_ANNOTATION: "another"}}, NOT_OURS),
    ],
)
async def test_a_copy_that_was_taken_from_us_meanwhile_is_not_written_over(
    metadata: dict[str, Any], status: PropagationStatus
) -> None:
    async with a_member() as one:
        one.holds(metadata=MARKS, data={"own": "data"})
        one.holds(known=False, metadata=metadata, data={"own": "data"})
        assert (await update_copy(one.shop, one.member, INTENT)).status is status
        assert one.copies.writes == []
        assert (one.store.get(KEY) is None) is (status is OPTED_OUT)


async def test_a_service_is_read_before_it_is_updated_and_keeps_its_addresses() -> None:
    async with a_member(SERVICES) as one:
        key = ObjectKey("shop", "web")
        one.holds(key, metadata=MARKS, spec={"clusterIP": "10.0.0.1", "ports": []})
        fed = FederatedBuilder(SERVICES, key, {"template": {"spec": {"ports": []}}})
        assert (await update_copy(one.shop, one.member, fed.intent())).status is OK
        assert one.verbs() == ["GET", "PUT"]
        assert one.stored(key)["spec"]["clusterIP"] == "10.0.0.1"


async def test_annotations_too_large_to_be_kept_are_read_and_not_lost() -> None:
    async with a_member() as one:
        large = {**MARKS["annotations"], "large": "x" * 5000}
        one.holds(metadata={**MARKS, "annotations": large})
        assert (await update_copy(one.shop, one.member, INTENT)).status is OK
        assert one.verbs() == ["GET", "PUT"]
        assert one.stored()["metadata"]["annotations"] == large


async def test_a_live_object_that_nobody_can_decode_is_the_members_trouble_and_not_a_bug() -> None:
    async with a_member() as one:
        one.holds(known=False)
        one.server.on("GET", PATH, send(deep_config_map("settings", 2000)))
        with pytest.raises(Unintelligible):
            await update_copy(one.shop, one.member, INTENT)


async def test_an_answer_that_comes_after_the_cluster_was_swapped_says_nothing_of_the_new_one() -> None:
    async with a_member() as one:
        created, answering = one.copies._create, asyncio.Event()

        async def slowly(request: web.BaseRequest) -> web.StreamResponse:
            await answering.wait()
            return await created(request)

        one.server.on("POST", COLLECTION, slowly)
        writing = asyncio.ensure_future(create(one))
        await eventually(lambda: one.server.requests)
        one.member.collections[one.shop.selection].forget()
        answering.set()
        assert await writing is OK
        assert one.store.get(KEY) is None


# --- deleting and letting go ------------------------------------------------------------------------------------


async def test_a_deletion_is_bound_to_the_very_object() -> None:
    async with a_member() as one:
        copy = one.holds(metadata=MARKS)
        await delete_copy(one.shop, one.member, copy, {"preconditions": {"uid": "forged"}, "gracePeriodSeconds": 5})
        options = orjson.loads(one.server.requests[0].body)
        assert options["preconditions"] == {"uid": copy.uid}
        assert options["gracePeriodSeconds"] == 5
        assert one.store.get(KEY) is None


async def test_another_object_of_the_same_name_is_not_deleted() -> None:
    async with a_member() as one:
        copy = one.holds(metadata=MARKS)
        one.copies.drop(KEY.name, KEY.namespace)
        one.holds(known=False)
        with pytest.raises(Stale):
            await delete_copy(one.shop, one.member, copy, {})
        assert KEY in one.copies.objects


async def test_a_copy_that_finalizers_keep_is_known_to_be_on_its_way_out() -> None:
    async with a_member() as one:
        copy = one.holds(metadata=MARKS)
        going = one.stored() | {"metadata": {**one.stored()["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}}
        going["metadata"]["resourceVersion"] = str(copy.resource_version + 10**6)
        one.server.on("DELETE", PATH, send(going))
        await delete_copy(one.shop, one.member, copy, {})
        left = one.store.get(KEY)
        assert left is not None
        assert left.terminating


@pytest.mark.parametrize("action", ["delete", "let go"])
async def test_a_copy_that_is_gone_already_is_gone(action: str) -> None:
    async with a_member() as one:
        copy = one.holds(metadata=MARKS)
        one.copies.drop(KEY.name, KEY.namespace)
        for verb in ("DELETE", "PATCH"):
            one.server.on(verb, PATH, refuse(404, "NotFound"))
        done = delete_copy(one.shop, one.member, copy, {}) if action == "delete" else let_go(one.shop, one.member, copy)
        assert (await done).status is OK
        assert one.store.get(KEY) is None


@pytest.mark.parametrize("action", ["delete", "let go"])
async def test_a_type_that_is_not_served_does_not_mean_that_the_copy_is_gone(action: str) -> None:
    async with a_member() as one:
        copy = one.holds(metadata=MARKS)
        for verb in ("DELETE", "PATCH"):
            one.server.on(verb, PATH, refuse(404, ""))
        done = delete_copy(one.shop, one.member, copy, {}) if action == "delete" else let_go(one.shop, one.member, copy)
        with pytest.raises(NotFound):
            await done
        assert one.store.get(KEY) == copy


async def test_letting_go_takes_our_marks_off_and_nothing_else() -> None:
    async with a_member() as one:
        marks = {"labels": {**MARKS["labels"], "own": "1"}, "annotations": {**MARKS["annotations"], "own": "2"}}
        copy = one.holds(metadata=marks, data={"own": "data"})
        await let_go(one.shop, one.member, copy)
        left = one.stored()
        assert left["data"] == {"own": "data"}
        assert (left["metadata"]["labels"], left["metadata"]["annotations"]) == ({"own": "1"}, {"own": "2"})
        assert one.store.get(KEY) is None


async def test_a_copy_that_changed_since_is_not_let_go_of_unread() -> None:
    async with a_member() as one:
        copy = one.holds(metadata=MARKS)
        one.holds(known=False, metadata={"labels": {MANAGED_LABEL: MANAGED}, "annotations": {OWNER_ANNOTATION: "another"}})
        with pytest.raises(Stale):
            await let_go(one.shop, one.member, copy)
        assert one.stored()["metadata"]["labels"] == {MANAGED_LABEL: MANAGED}


async def test_a_member_without_connection_is_out_of_reach_and_nothing_more() -> None:
    async with a_member() as one:
        one.member.use(None)
        with pytest.raises(Unreachable):
            await create(one)


# --- delete options ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "{}"])
def test_no_delete_options_are_the_servers_own(text: str) -> None:
    assert delete_options({DELETE_OPTIONS_ANNOTATION: text} if text else {}) == {}


def test_delete_options_are_taken_as_they_are_written() -> None:
    options = {"propagationPolicy": "Orphan", "gracePeriodSeconds": 0, "preconditions": {"resourceVersion": "3"}}
    assert delete_options({DELETE_OPTIONS_ANNOTATION: orjson.dumps(options).decode()}) == options


@pytest.mark.parametrize("text", ["{", "[]", "null", '"Orphan"', "7", '{"dryRun":["All"]}'])
def test_unreadable_delete_options_and_dry_runs_keep_the_copies(text: str) -> None:
    with pytest.raises(Misconfigured, match="copies are kept"):
        delete_options({DELETE_OPTIONS_ANNOTATION: text})
