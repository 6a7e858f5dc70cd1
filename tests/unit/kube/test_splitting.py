"""Taking JSON apart without decoding it: exact at any depth, wary of brackets that are text, quick to give up."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.kube.splitting import DEEPEST, elements, member, members
from tests.fakes.objects import nested

PLENTY = 10**9

scalars = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
hostile_text = st.text(alphabet='{}[]",:\\\n\u2028é ')
values: st.SearchStrategy[Any] = st.recursive(
    scalars | hostile_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(hostile_text | st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(values), st.booleans())
def test_an_array_is_cut_into_what_a_decoder_finds_in_it(items: list[Any], spacious: bool) -> None:
    text = orjson.dumps(items, option=orjson.OPT_INDENT_2 if spacious else None)
    assert [orjson.loads(piece) for piece in elements(text, most=PLENTY)] == items


@given(st.dictionaries(hostile_text | st.text(), values), st.booleans())
def test_an_object_is_cut_into_what_a_decoder_finds_in_it(fields: dict[str, Any], spacious: bool) -> None:
    text = orjson.dumps(fields, option=orjson.OPT_INDENT_2 if spacious else None)
    assert {name: orjson.loads(piece) for name, piece in members(text).items()} == fields


@given(st.binary() | st.text(alphabet='{}[]",:\\ 1a').map(str.encode))
def test_nonsense_is_refused_and_never_more_than_that(text: bytes) -> None:
    for cut in (members, lambda text: elements(text, most=PLENTY), lambda text: member(text, "a")):
        try:
            cut(text)
        except ValueError:
            continue


@pytest.mark.parametrize("levels", [1_100, 9_000, DEEPEST - 1])
def test_what_no_decoder_reads_is_cut_out_whole(levels: int) -> None:
    text = b'{"items": [{"x":1}, ' + nested(levels) + b', "}"]}'
    assert elements(members(text)["items"], most=PLENTY) == [b'{"x":1}', nested(levels), b'"}"']


def test_deeper_than_an_api_server_stores_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(ValueError, match="deeply"):
        elements(b"[" * 2_000_000, most=PLENTY)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[",
        b"[1,]",
        b"[1 2]",
        b"[1,2",
        b"[1]]",
        b'["',
        b'["\\"]',
        b'[{"a":"}]',
        b"<!DOCTYPE html>",
    ],
)
def test_what_is_no_whole_array_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of its words will do
        elements(text, most=PLENTY)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"a"}', b'{"a":}', b'{"a":1,}', b"{1:2}", b'{"a":1}{}', b'{"\\x":1}'])
def test_what_is_no_whole_object_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of its words will do
        members(text)


def test_one_member_is_found_without_a_look_at_the_rest() -> None:
    assert member(b'{"kind":"x","metadata":{"name":"a"},"spec":{{{{', "metadata") == b'{"name":"a"}'
    with pytest.raises(ValueError, match="metadata"):
        member(b'{"kind":"x"}', "metadata")


def test_more_elements_than_were_asked_for_are_refused() -> None:
    assert len(elements(b"[1,2,3]", most=3)) == 3
    with pytest.raises(ValueError, match="more"):
        elements(b"[1,2,3]", most=2)


ITEM = orjson.dumps({"metadata": {"name": "a"}, "data": {"text": '{"a": ["\\"]}' * 1000}})


@pytest.mark.parametrize(
    ("pieces", "count"),
    [
        (ITEM, 400),
        (b'"' + b'\\"' * 5_000_000 + b'"', 1),
        (b'"' + b"\\\\" * 5_000_000 + b'"', 1),
        (b'"' + b"{" * 10_000_000 + b'"', 1),
        (b'{"' + b"[" * 10_000_000 + b'":1}', 1),
    ],
    ids=["objects", "quotes", "backslashes", "brackets", "bracket names"],
)
def test_ten_megabytes_are_cut(pieces: bytes, count: int) -> None:
    text = b"[" + b",".join([pieces] * count) + b"]"
    assert len(text) > 4_000_000
    assert elements(text, most=count) == [pieces] * count
