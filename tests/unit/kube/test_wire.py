"""Projections: what is kept of objects, what of it is shared, and what is refused at the edge."""

import msgspec
import orjson
import pytest

from kubefed.core.names import ObjectKey
from kubefed.kube import wire
from kubefed.kube.wire import LONGEST_KEPT_BYTES, TOO_LARGE, Projector
from tests.fakes.objects import bookmark, config_map, deep_config_map, event, nested, page


def projector() -> Projector:
    return Projector(annotation_prefix="kubefed.io/")


def metadata(**fields: object) -> bytes:
    return orjson.dumps(config_map("web", version=7, metadata=fields))


def test_metadata_is_kept_and_the_rest_is_dropped() -> None:
    found = projector().metadata(
        metadata(
            generation=3,
            labels={"app": "web"},
            annotations={"note": "x"},
            finalizers=["f"],
            deletionTimestamp="2026-01-01T00:00:00Z",
            creationTimestamp="2025-01-01T00:00:00Z",
            managedFields=[{"manager": "kubectl"}],
        )
    )
    assert found.key == ObjectKey("shop", "web")
    assert (found.uid, found.resource_version, found.generation, found.version) == ("uid-web", 7, 3, "gen:3")
    assert (found.label_map(), found.annotation_map()) == ({"app": "web"}, {"note": "x"})
    assert (found.finalizers, found.terminating, found.creation_timestamp) == (("f",), True, "2025-01-01T00:00:00Z")


def test_what_is_absent_and_what_is_null_are_the_same() -> None:
    names = ("labels", "annotations", "finalizers", "deletionTimestamp", "creationTimestamp")
    assert projector().metadata(metadata(**dict.fromkeys(names))) == projector().metadata(metadata())
    assert projector().object(orjson.dumps(config_map("web", spec=None, status=None))) == projector().object(
        orjson.dumps(config_map("web"))
    )


def test_without_a_generation_the_resource_version_is_the_version() -> None:
    assert projector().metadata(metadata()).version == "rv:7"


def test_spec_and_status_stay_the_bytes_they_were() -> None:
    found = projector().object(b'{"metadata":{"name":"a"},"spec":{"n": 1.0,"big":9223372036854775808},"status":[ ]}')
    assert (found.spec, found.status) == (b'{"n": 1.0,"big":9223372036854775808}', b"[ ]")
    assert (found.name, found.namespace, found.key, found.resource_version) == ("a", "", ObjectKey("", "a"), 0)


@pytest.mark.parametrize("field", ["labels", "annotations"])
def test_of_a_map_too_large_to_keep_our_own_entries_stay(field: str) -> None:
    """A copy whose owner opted out by label must not look as if it had none, however many others it has."""
    large = {"kubefed.io/managed": "false", "other": "x" * LONGEST_KEPT_BYTES}
    found = projector().metadata(metadata(**{field: large}))
    assert (found.label_map() | found.annotation_map()) == {"kubefed.io/managed": "false"}
    assert found.annotations_whole is (field == "labels")


@pytest.mark.parametrize("field", ["labels", "annotations"])
def test_a_mark_stands_for_what_is_too_large_even_then(field: str) -> None:
    found = projector().metadata(metadata(**{field: {"kubefed.io/x": "x" * LONGEST_KEPT_BYTES}}))
    assert getattr(found, field) == TOO_LARGE
    assert (found.label_map(), found.annotation_map()) == ({}, {})


def test_equal_label_sets_are_one_object_in_memory() -> None:
    shared = projector()
    first, second = (shared.metadata(metadata(labels={"app": "web", "v": "1"})) for _ in range(2))
    assert first.labels is second.labels


def test_label_sets_that_never_repeat_do_not_pile_up() -> None:
    shared = projector()
    for number in range(30_000):
        shared.metadata(b'{"metadata":{"name":"a","labels":{"n":"%d"}}}' % number)
    assert len(shared._interned) <= 20_000


def test_annotations_are_not_interned_because_ours_are_different_on_every_copy() -> None:
    shared = projector()
    shared.metadata(metadata(annotations={"kubefed.io/owner": "host/object"}))
    assert len(shared._interned) == 1


@pytest.mark.parametrize("hostile", [5, "text", ["a"], {"a": 1}, {"a": None}, {"a": {"b": "c"}}, ["x" * 5000], "x" * 5000])
@pytest.mark.parametrize("field", ["labels", "annotations"])
def test_labels_and_annotations_of_another_shape_are_refused_at_the_edge(field: str, hostile: object) -> None:
    """Whoever reads them later takes them for maps of strings."""
    with pytest.raises(msgspec.DecodeError):
        projector().metadata(metadata(**{field: hostile}))


@pytest.mark.parametrize(("text", "number"), [("", 0), ("0", 0), ("7", 7), ("007", 7), ("18446744073709551615", 2**64 - 1)])
def test_a_resource_version_is_a_number(text: str, number: int) -> None:
    assert wire.resource_version(text) == number


@pytest.mark.parametrize("text", ["v7", "-1", "7.0", "\u0667", " 7", "1e9", "9" * 5000])
def test_a_resource_version_of_another_form_is_neither_old_nor_new(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        wire.resource_version(text)
    with pytest.raises(msgspec.DecodeError):
        projector().metadata(metadata(resourceVersion=text))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"<html>",
        b"{}",
        b'{"metadata":{}}',
        b'{"metadata":{"name":5}}',
        b'{"metadata":{"name":"a"},"spec":' + nested(1_100) + b"}",
        b'{"metadata":' + nested(9_000) + b"}",
        b'{"metadata":{"name":"a","generation":1e400}}',
        b'{"metadata":{"name":"a","generation":1.5}}',
        b'{"metadata":{"name":"\\ud800"}}',
    ],
)
def test_what_cannot_be_read_raises_one_kind_of_error(body: bytes) -> None:
    for read in (projector().metadata, projector().object):
        with pytest.raises(msgspec.DecodeError):
            read(body)


def test_a_bookmark_is_its_resource_version() -> None:
    line = wire.read_event(bookmark(41))
    assert (line.type, Projector.bookmark(line.object)) == ("BOOKMARK", 41)


@pytest.mark.parametrize("levels", [1_100, 9_000])
def test_a_page_with_something_too_deep_in_it_is_split(levels: int) -> None:
    body = orjson.dumps(page(config_map("a"), "deep", config_map("b"), version=9, go_on="more"))
    body = body.replace(b'"deep"', deep_config_map("c", levels))
    with pytest.raises(msgspec.DecodeError):
        wire.read_page(body)
    found = wire.split_page(body)
    assert (found.metadata.resource_version, found.metadata.continue_) == ("9", "more")
    assert [bytes(item) for item in found.items or ()] == [
        orjson.dumps(config_map("a")),
        deep_config_map("c", levels),
        orjson.dumps(config_map("b")),
    ]


def test_an_event_of_something_too_deep_is_split() -> None:
    line = event("MODIFIED", "deep").replace(b'"deep"', deep_config_map("c", 1_100))
    with pytest.raises(msgspec.DecodeError):
        wire.read_event(line)
    found = wire.split_event(line)
    assert (found.type, bytes(found.object)) == ("MODIFIED", deep_config_map("c", 1_100))


@pytest.mark.parametrize("levels", [1, 1_100, 9_000])
def test_an_object_is_known_by_name_however_deep_it_is(levels: int) -> None:
    assert wire.identify(deep_config_map("c", levels, version=12)) == (ObjectKey("shop", "c"), 12)


def test_an_object_is_known_by_its_own_name_and_no_other() -> None:
    """In manifests with sorted keys an annotation that mentions a name comes before the name."""
    text = b'{"data":{"name":"no"},"metadata":{"annotations":{"name":"no"},"name":"yes","resourceVersion":"1"}}'
    assert wire.identify(text).key == ObjectKey("", "yes")


def test_a_status_is_kept_where_it_is_asked_for_unless_it_is_too_large() -> None:
    body = orjson.dumps(config_map("web", version=7, status={"phase": "Active"}))
    assert projector().metadata_and_status(body).status == b'{"phase":"Active"}'
    assert projector().metadata(body).status == b""
    assert projector().metadata_and_status(orjson.dumps(config_map("web"))).status == b""
    large = orjson.dumps(config_map("web", status={"note": "x" * wire.LARGEST_STATUS_BYTES}))
    assert projector().metadata_and_status(large).status == TOO_LARGE
