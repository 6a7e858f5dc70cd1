"""The patch against cases that were run through the original Go library, and against what a patch may never do."""

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.sync.jsonpatch import Op, Operation, PatchFailed, apply, format_pointer, operation, parse_pointer


def step(op: str, path: str, value: Any = None) -> Operation:
    return operation(Op(op), parse_pointer(path), value)


APPLIED: list[tuple[str, Any, list[Operation], Any]] = [
    ("replace changes a value", {"a": 1}, [step("replace", "/a", 2)], {"a": 2}),
    ("replace inserts a missing key", {}, [step("replace", "/a", 2)], {"a": 2}),
    ("replace inserts below an existing parent", {"a": {}}, [step("replace", "/a/b", 2)], {"a": {"b": 2}}),
    ("replace changes a list item", [1, 2], [step("replace", "/1", 9)], [1, 9]),
    ("replace counts from the end", [1, 2], [step("replace", "/-1", 9)], [1, 9]),
    ("add inserts a key", {}, [step("add", "/a", 2)], {"a": 2}),
    ("add overwrites a key", {"a": 1}, [step("add", "/a", 2)], {"a": 2}),
    ("add inserts before an index", [1, 2], [step("add", "/1", 9)], [1, 9, 2]),
    ("add at the length appends", [1, 2], [step("add", "/2", 9)], [1, 2, 9]),
    ("add at a dash appends", [1, 2], [step("add", "/-", 9)], [1, 2, 9]),
    ("add at minus one appends", [1, 2], [step("add", "/-1", 9)], [1, 2, 9]),
    ("add at minus two goes before the last", [1, 2], [step("add", "/-2", 9)], [1, 9, 2]),
    ("add at minus length and one goes first", [1, 2], [step("add", "/-3", 9)], [9, 1, 2]),
    ("remove takes a key away", {"a": 1, "b": 2}, [step("remove", "/a")], {"b": 2}),
    ("remove takes a null away", {"a": None}, [step("remove", "/a")], {}),
    ("remove takes a list item away", [1, 2, 3], [step("remove", "/1")], [1, 3]),
    ("remove counts from the end", [1, 2, 3], [step("remove", "/-3")], [2, 3]),
    ("a value that is absent is null", {"a": 1}, [step("replace", "/a"), step("add", "/b")], {"a": None, "b": None}),
    ("escapes are decoded", {"x/y": 1, "~1": 2}, [step("remove", "/x~1y"), step("remove", "/~01")], {}),
    ("the empty key is a key", {"": {"": 1}}, [step("replace", "//", 2)], {"": {"": 2}}),
    ("indexes may have a sign and zeros", [1, 2], [step("replace", "/+1", 8), step("replace", "/00", 9)], [9, 8]),
    ("a number is a key of an object", {"0": 1}, [step("replace", "/0", 2)], {"0": 2}),
    ("steps see what earlier steps did", {}, [step("add", "/a", {}), step("add", "/a/b", 1)], {"a": {"b": 1}}),
    ("the path may lead through lists", {"a": [{"b": 1}]}, [step("replace", "/a/-1/b", 2)], {"a": [{"b": 2}]}),
    ("the document can be replaced", {"a": 1}, [step("replace", "", {"b": 2}), step("add", "/c", 3)], {"b": 2, "c": 3}),
]


@pytest.mark.parametrize(
    ("document", "steps", "patched"), [case[1:] for case in APPLIED], ids=[case[0] for case in APPLIED]
)
def test_patch_does_what_the_original_library_does(document: Any, steps: list[Operation], patched: Any) -> None:
    assert apply(document, steps) == patched


FAILED: list[tuple[str, Any, Operation, str]] = [
    ("add below a missing parent", {}, step("add", "/a/b", 1), "its parent is missing"),
    ("replace below a missing parent", {}, step("replace", "/a/b", 1), "its parent is missing"),
    ("add below null", {"a": None}, step("add", "/a/b", 1), "its parent is missing"),
    ("add below a scalar", {"a": "text"}, step("add", "/a/0", 1), "its parent is neither object nor list"),
    ("remove of a missing key", {"a": 1}, step("remove", "/b"), "there is nothing to remove"),
    ("replace beyond a list", [1], step("replace", "/1", 2), "the list has no such index"),
    ("replace before a list", [1], step("replace", "/-2", 2), "the list has no such index"),
    ("replace at a dash", [1], step("replace", "/-", 2), "a list has no such key; an index is wanted"),
    ("remove at a dash", [1], step("remove", "/-"), "a list has no such key; an index is wanted"),
    ("remove from an empty list", [], step("remove", "/0"), "the list has no such index"),
    ("add beyond the length", [1], step("add", "/2", 2), "the list has no such index"),
    ("add too far before", [1], step("add", "/-3", 2), "the list has no such index"),
    ("a word as index", [1], step("add", "/first", 2), "a list has no such key; an index is wanted"),
    (
        "an index in other digits",
        [1],
        step("replace", "/\u0660", 2),
        "a list has no such key; an index is wanted",
    ),
    ("an index with an underscore", [0] * 11, step("replace", "/1_0", 2), "a list has no such key; an index is wanted"),
    ("a huge index", [1], step("add", "/" + "9" * 5000, 2), "a list has no such key; an index is wanted"),
    ("a path through a missing item", {"a": []}, step("add", "/a/0/b", 2), "the list has no such index"),
    ("add of the document", {}, step("add", "", {}), "the document itself can only be replaced"),
    ("remove of the document", {}, step("remove", ""), "the document itself can only be replaced"),
]


@pytest.mark.parametrize(("document", "failing", "reason"), [case[1:] for case in FAILED], ids=[case[0] for case in FAILED])
def test_patch_fails_where_the_original_library_fails(document: Any, failing: Operation, reason: str) -> None:
    with pytest.raises(PatchFailed) as failure:
        apply(document, [failing])
    assert (failure.value.path, failure.value.reason) == (failing.path, reason)


def test_a_scalar_cannot_become_the_document_although_the_original_library_ignores_such_a_step() -> None:
    with pytest.raises(PatchFailed, match="only an object or a list can replace the document"):
        apply({"a": 1}, [step("replace", "", "x")])


def test_failure_says_where_and_why_and_no_value() -> None:
    with pytest.raises(PatchFailed) as failure:
        apply({"data": "hunter2"}, [step("add", "/data/password", "hunter3")])
    assert str(failure.value) == "cannot add '/data/password': its parent is neither object nor list"
    assert "hunter" not in repr(failure.value)
    assert "hunter" not in repr(step("add", "/data/password", "hunter3"))


def test_failure_message_stays_small_however_long_the_path_is() -> None:
    with pytest.raises(PatchFailed) as failure:
        apply({}, [step("remove", "/" + "x" * 4000)])
    assert len(str(failure.value)) < 300


def test_what_the_patch_does_not_touch_is_shared_and_what_it_touches_is_copied() -> None:
    document: dict[str, Any] = {"data": {"blob": ["x"] * 1000}, "metadata": {"labels": {"a": "1"}, "annotations": {}}}
    patched = apply(document, [step("add", "/metadata/labels/b", "2")])
    assert patched["data"] is document["data"]
    assert patched["metadata"]["annotations"] is document["metadata"]["annotations"]
    assert document["metadata"]["labels"] == {"a": "1"}
    assert patched["metadata"]["labels"] == {"a": "1", "b": "2"}


def test_value_of_an_operation_survives_later_steps_that_reach_into_it() -> None:
    labels = {"a": "1"}
    set_labels = step("replace", "/labels", labels)
    add_label = step("add", "/labels/b", "2")
    for _ in range(2):
        assert apply({}, [set_labels, add_label]) == {"labels": {"a": "1", "b": "2"}}
    assert labels == {"a": "1"}


def test_operations_with_one_effect_are_equal_whatever_their_spelling() -> None:
    assert step("add", "/a", {"x": 1, "y": [2]}) == step("add", "/a", {"y": [2], "x": 1})
    assert len({step("add", "/a", {"x": []}), step("add", "/a", {"x": []}), step("add", "/a", {"x": {}})}) == 2
    assert step("add", "/a", 1) != step("add", "/a", True)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.text("~01/")))
def test_pointers_survive_encoding_and_decoding(keys: list[str]) -> None:
    assert parse_pointer(format_pointer(tuple(keys))) == tuple(keys)


@pytest.mark.parametrize("path", ["a", "spec/replicas", "x/kind", " /a"])
def test_path_without_a_leading_slash_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="starts with a slash"):
        parse_pointer(path)


keys = st.sampled_from(["a", "b", "", "~", "x/y", "0", "1", "-1", "-2", "-", "01", "9"])
scalars = st.none() | st.booleans() | st.integers(0, 3) | st.just("s")
documents = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))
steps = st.builds(operation, st.sampled_from(Op), st.lists(keys, max_size=4).map(tuple), documents)


@given(documents, st.lists(steps, max_size=5))
def test_patch_changes_no_input_and_raises_nothing_but_its_own_error(document: Any, patch: list[Operation]) -> None:
    before = orjson.dumps([document, [one.value for one in patch]])
    with contextlib.suppress(PatchFailed):
        apply(document, patch)
    assert orjson.dumps([document, [one.value for one in patch]]) == before


@given(documents, st.lists(steps, max_size=4))
def test_applying_step_by_step_is_applying_all_at_once(document: Any, patch: list[Operation]) -> None:
    def outcome(batches: list[list[Operation]]) -> Any:
        patched = document
        try:
            for batch in batches:
                patched = apply(patched, batch)
        except PatchFailed as failure:
            return failure.path, failure.reason
        return patched

    assert outcome([patch]) == outcome([[one] for one in patch])
