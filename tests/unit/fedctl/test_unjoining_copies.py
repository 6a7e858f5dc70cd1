"""What becomes of the copies in a member that is unjoined: kept without marks, deleted by uid, or left alone."""

import asyncio
from typing import Any

import orjson
import pytest

from fedctl.kinds import NAMESPACES, SECRETS
from fedctl.unjoin.copies import Cleaning, Copy, Failure, Fate, copy_of, fates, found, listed, sentences, treated
from kubefed.core.markers import MANAGED_LABEL, OWNER_ANNOTATION
from kubefed.core.names import ObjectKey, ResourceType
from tests.fakes.apiserver import FakeApiServer, refuse, send
from tests.fakes.objects import CONFIG_MAPS, CONFIG_MAPS_PATH, config_map, page

OURS, ANOTHERS = "this-federation", "another-federation"
KEEP = Cleaning((CONFIG_MAPS, NAMESPACES), OURS, deletes=False)
DELETE = Cleaning((CONFIG_MAPS, NAMESPACES), OURS, deletes=True)


def a_copy(name: str, target: ResourceType = CONFIG_MAPS, *, foreign: bool = False) -> Copy:
    return Copy(target, ObjectKey("shop" if target.namespaced else "", name), f"uid-{name}", foreign)


def marked(owner: str | None) -> dict[str, Any]:
    annotations = {} if owner is None else {"annotations": {OWNER_ANNOTATION: owner}}
    return config_map("a", metadata={"labels": {MANAGED_LABEL: "true"}, **annotations})


@pytest.mark.parametrize(("owner", "foreign"), [(OURS, False), (None, False), (ANOTHERS, True)])
def test_only_a_copy_with_the_mark_of_another_federation_is_foreign(owner: str | None, foreign: bool) -> None:
    assert copy_of(CONFIG_MAPS, marked(owner), OURS).foreign is foreign


def test_copies_are_kept_unless_they_are_to_be_deleted() -> None:
    copy = a_copy("a")
    assert fates([copy], KEEP) == {copy: Fate.KEPT}
    assert fates([copy], DELETE) == {copy: Fate.DELETED}


@pytest.mark.parametrize("cleaning", [KEEP, DELETE])
def test_a_copy_of_another_federation_is_left_alone_whatever_was_asked_for(cleaning: Cleaning) -> None:
    copy = a_copy("a", foreign=True)
    assert fates([copy], cleaning) == {copy: Fate.LEFT_ALONE}


def test_a_namespace_that_holds_a_copy_of_another_federation_is_not_deleted() -> None:
    theirs, namespace, other = a_copy("a", foreign=True), a_copy("shop", NAMESPACES), a_copy("empty", NAMESPACES)
    decided = fates([theirs, namespace, other], DELETE)
    assert decided == {theirs: Fate.LEFT_ALONE, namespace: Fate.KEPT, other: Fate.DELETED}


def test_the_namespaces_of_a_host_that_is_a_member_are_not_deleted() -> None:
    copy, namespace = a_copy("a"), a_copy("shop", NAMESPACES)
    cleaning = Cleaning((CONFIG_MAPS, NAMESPACES), OURS, deletes=True, spares_namespaces=True)
    assert fates([copy, namespace], cleaning) == {copy: Fate.DELETED, namespace: Fate.KEPT}


def test_what_is_said_counts_by_type_and_fate() -> None:
    decided = {a_copy("a"): Fate.KEPT, a_copy("b"): Fate.KEPT, a_copy("c", foreign=True): Fate.LEFT_ALONE}
    assert sentences(decided) == [
        "configmaps: 2 kept, as ordinary objects",
        "configmaps: 1 left alone, because another federation made them",
    ]


def test_of_namespaces_it_is_said_that_all_that_is_in_them_goes_as_well() -> None:
    assert sentences({a_copy("shop", NAMESPACES): Fate.DELETED}) == ["namespaces: 1 deleted, with everything in them"]


def test_many_failures_are_told_by_a_few_and_a_number() -> None:
    failures = [Failure(f"ConfigMap shop/{number} was not deleted", "403 Forbidden") for number in range(7)]
    assert listed(failures).endswith("ConfigMap shop/4 was not deleted (403 Forbidden); and 2 more")


def test_keeping_a_copy_takes_both_marks_off_exactly_the_object_that_was_seen() -> None:
    async def story() -> None:
        async with FakeApiServer() as server:
            path = f"{CONFIG_MAPS.object_path(ObjectKey('shop', 'a'))}"
            server.on("PATCH", path, send(config_map("a")))
            assert await treated(server.client(), {a_copy("a"): Fate.KEPT}) == []
            [patch] = server.seen("PATCH", path)
            assert orjson.loads(patch.body)["metadata"] == {
                "uid": "uid-a",
                "labels": {MANAGED_LABEL: None},
                "annotations": {OWNER_ANNOTATION: None},
            }

    asyncio.run(story())


def test_deleting_a_copy_names_its_uid_and_namespaces_come_last() -> None:
    async def story() -> None:
        async with FakeApiServer() as server:
            copies = [a_copy("shop", NAMESPACES), a_copy("a"), a_copy("b")]
            for copy in copies:
                server.on("DELETE", copy.target.object_path(copy.key), send({"kind": "Status", "status": "Success"}))
            assert await treated(server.client(), dict.fromkeys(copies, Fate.DELETED)) == []
            deletes = server.seen("DELETE")
            assert deletes[-1].path == "/api/v1/namespaces/shop"
            sent = {orjson.loads(each.body)["preconditions"]["uid"] for each in deletes}
            assert sent == {"uid-a", "uid-b", "uid-shop"}

    asyncio.run(story())


def test_one_copy_that_cannot_be_deleted_keeps_no_other_from_it_and_one_that_is_gone_is_no_failure() -> None:
    async def story() -> None:
        async with FakeApiServer() as server:
            stuck, gone, fine = a_copy("stuck"), a_copy("gone"), a_copy("fine")
            server.on("DELETE", CONFIG_MAPS.object_path(stuck.key), refuse(409, "Conflict"))
            server.on("DELETE", CONFIG_MAPS.object_path(gone.key), refuse(404, "NotFound"))
            server.on("DELETE", CONFIG_MAPS.object_path(fine.key), send({"kind": "Status", "status": "Success"}))
            failures = await treated(server.client(), dict.fromkeys((stuck, gone, fine), Fate.DELETED))
            assert failures == [Failure("ConfigMap shop/stuck was not deleted", "409 Conflict")]
            assert len(server.seen("DELETE")) == 3

    asyncio.run(story())


def test_a_copy_that_is_left_alone_is_not_touched() -> None:
    async def story() -> None:
        async with FakeApiServer() as server:
            assert await treated(server.client(), {a_copy("a", foreign=True): Fate.LEFT_ALONE}) == []
            assert server.requests == []

    asyncio.run(story())


def test_a_type_that_is_not_served_has_no_copies_and_one_that_may_not_be_listed_is_told() -> None:
    async def story() -> None:
        async with FakeApiServer() as server:
            server.on("GET", CONFIG_MAPS_PATH, send(page(marked(OURS))))
            server.on("GET", SECRETS.collection_path(), refuse(403, "Forbidden"))
            targets = (CONFIG_MAPS, SECRETS, ResourceType("example.com", "v1", "widgets", "Widget", namespaced=True))
            copies, failures = await found(server.client(), Cleaning(targets, OURS, deletes=False))
            assert [copy.key.name for copy in copies] == ["a"]
            assert failures == [Failure("secrets cannot be listed", "403 Forbidden")]
            assert server.seen("GET", CONFIG_MAPS_PATH)[0].query["labelSelector"] == f"{MANAGED_LABEL}=true"

    asyncio.run(story())
