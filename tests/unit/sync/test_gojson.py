"""The encoder against texts that real Go programs wrote, and against a slow reference for everything else."""

import json
import math
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.core.errors import Misconfigured
from kubefed.sync.gojson import encode, go_float

VECTORS: list[tuple[bytes, bytes]] = [
    (b'{ "b" : 1, "a" : [ ] }', b'{"a":[],"b":1}'),
    (b"null", b"null"),
    (b'"\\u003c\\u003e\\u0026"', rb'"\u003c\u003e\u0026"'),
    (b'{"<":"&>"}', rb'{"\u003c":"\u0026\u003e"}'),
    ('"\u2028\u2029\u2027\u202a"'.encode(), '"\\u2028\\u2029\u2027\u202a"'.encode()),
    ('"é\U0001f600\uffff\x7f"'.encode(), '"é\U0001f600\uffff\x7f"'.encode()),
    (rb'"\b\f\n\r\t\u0000\u001b\u001f"', rb'"\u0008\u000c\n\r\t\u0000\u001b\u001f"'),
    (rb'"C:\\bin\\fonts\\\b"', rb'"C:\\bin\\fonts\\\u0008"'),
    (rb'"\/\"\\"', rb'"/\"\\"'),
    ('{"\uffff":1,"\U0001f600":2,"z":3,"Z":4,"":5}'.encode(), '{"":5,"Z":4,"z":3,"\uffff":1,"\U0001f600":2}'.encode()),
    (b"[1.0,100.0,-1.5,0.1,1E5]", b"[1,100,-1.5,0.1,100000]"),
    (b"[-0,-0.0,0.0]", b"[0,-0,0]"),
    (b"[1e-6,1e-7,9.99e-7,1.5e-9]", b"[0.000001,1e-7,9.99e-7,1.5e-9]"),
    (b"[1e20,1e21,123456789012345678901.5,1e100]", b"[100000000000000000000,1e+21,123456789012345680000,1e+100]"),
    (b"[5e-324,1.7976931348623157e308]", b"[5e-324,1.7976931348623157e+308]"),
    (b"[9223372036854775807,-9223372036854775808]", b"[9223372036854775807,-9223372036854775808]"),
    (b"[9223372036854775808,-9223372036854775809]", b"[9223372036854776000,-9223372036854776000]"),
    (b"[18446744073709551615,18446744073709551616]", b"[18446744073709552000,18446744073709552000]"),
    (b"[true,false,1,0]", b"[true,false,1,0]"),
]


@pytest.mark.parametrize(("read", "written"), VECTORS)
def test_text_is_what_go_writes_after_reading_the_same_json(read: bytes, written: bytes) -> None:
    assert encode(orjson.loads(read)) == written + b"\n"


def reference(value: Any) -> str:
    """Go's encoder, written as plainly as possible."""
    if isinstance(value, dict):
        keys = sorted(value, key=str.encode)
        return "{" + ",".join(f"{reference(key)}:{reference(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(reference, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(map(reference_character, value)) + '"'
    if isinstance(value, float) or (type(value) is int and not -(1 << 63) <= value < 1 << 63):
        return go_float(float(value)).decode()
    return json.dumps(value)


def reference_character(character: str) -> str:
    if character in '\n\r\t"\\':
        return json.dumps(character)[1:-1]
    if character < " " or character in "<>&\u2028\u2029":
        return f"\\u{ord(character):04x}"
    return character


texts = st.text(st.characters(exclude_categories=["Cs"])) | st.text('ab\\"/<>&\b\f\n\t\x00\x7f\u2028\u2029é\U0001f600')
numbers = st.integers(-(1 << 63), (1 << 64) - 1) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_fast_encoder_agrees_with_the_plain_reference(value: Any) -> None:
    assert encode(value).decode() == reference(value) + "\n"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_spelled_floats_read_back_as_the_same_number_in_the_form_that_go_chooses(number: float) -> None:
    text = go_float(number).decode()
    assert float(text) == number
    assert math.copysign(1, float(text)) == math.copysign(1, number)
    assert ("e" in text) == (number != 0 and not 1e-6 <= abs(number) < 1e21)
    assert not text.endswith(".0")


@given(json_values)
def test_encoding_does_not_change_the_value(value: Any) -> None:
    before = orjson.dumps(value)
    encode(value)
    assert orjson.dumps(value) == before


def test_a_value_nested_beyond_every_decoder_is_refused_without_showing_it() -> None:
    value: Any = "hunter2"
    for _ in range(2000):
        value = [value]
    with pytest.raises(Misconfigured) as refusal:
        encode(value)
    assert "hunter2" not in str(refusal.value)
