"""Reviews that nobody should send: they cost little and get an answer or a refusal, never an exception of another kind."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.admission.depth import deepest
from kubefed.admission.federated import FederatedJudge
from kubefed.admission.kubefed_kinds import default_config, judge_cluster
from kubefed.admission.preferences import PreferenceJudge
from kubefed.admission.review import NotAReview, answer, read_review
from kubefed.admission.verdict import Verdict
from tests.unit.admission.reviews import request, review

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
judge_federated = FederatedJudge((), lambda _group, _plural: None)


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        (b"", 0),
        (b"7", 0),
        (b"{}", 1),
        (b'{"a":[{}]}', 3),
        (b'{"[[[[":"]]]]"}', 1),
        (rb'{"\"[[[":"\\"}', 1),
        (b'{"open: [[[[', 1),
        (b"[" * 9000, 9000),
        (b"]]]][", 0),
    ],
)
def test_depth_is_told_from_bytes(text: bytes, depth: int) -> None:
    assert deepest(text) == depth


@given(JSON)
def test_depth_agrees_with_the_decoded_value(value: Any) -> None:
    def depth(value: Any) -> int:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return 0 if inner is None else 1 + max(map(depth, inner), default=0)

    assert deepest(orjson.dumps(value)) == depth(value)


@pytest.mark.parametrize("size", [2**20])
@pytest.mark.parametrize("unit", [b"[", b'"\\', b'\\"', b'{"a":', b'"', b"\\"])
def test_no_text_makes_the_depth_check_look_twice(unit: bytes, size: int) -> None:
    """A check that went back for each quote would take hours here, and the test's own timeout would end it."""
    deepest(unit * (size // len(unit)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"kind":"AdmissionReview"}',
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","request":{"uid":"a","operation":"CREATE"}}',
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}',
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":[]}',
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"","operation":"CREATE"}}',
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":7,"operation":"CREATE"}}',
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"a","operation":1e400}}',
        b'{"kind":"Status","apiVersion":"v1","request":{"uid":"a","operation":"CREATE"}}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_review_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(NotAReview):
        read_review(body)


@given(JSON)
def test_any_json_is_a_review_or_is_none(value: Any) -> None:
    for body in (orjson.dumps(value), orjson.dumps({**review({}), "request": value})):
        try:
            read_review(body)
        except NotAReview:
            continue


@given(JSON, JSON)
def test_any_objects_get_an_answer(new: Any, old: Any) -> None:
    asked = request({}).with_fields(object_=new, old_object=old, operation="UPDATE")
    for judge in (judge_cluster, default_config, judge_federated, PreferenceJudge(lambda: ["FederatedDeployment"])):
        assert orjson.loads(answer(asked, judge(asked)))["response"]["uid"] == asked.uid


def deep_review(levels: int, *, metadata: str = "{}", old_levels: int | None = None) -> bytes:
    def spec(depth: int) -> str:
        return '{"a":' * depth + "1" + "}" * depth

    body = orjson.dumps(review({"a": 1}, old={"b": 1} if old_levels else None)).decode()
    body = body.replace('{"a":1}', f'{{"metadata":{metadata},"spec":{spec(levels)}}}')
    return body.replace('{"b":1}', f'{{"metadata":{{}},"spec":{spec(old_levels or 0)}}}').encode()


@pytest.mark.parametrize("levels", [300, 1_100, 9_000])
def test_an_object_too_deep_to_be_decoded_is_refused(levels: int) -> None:
    asked = read_review(deep_review(levels))
    assert asked.too_deep
    verdict = judge_federated(asked)
    assert verdict.refusal is not None
    assert "nested too deeply" in verdict.refusal.message
    assert not judge_cluster(asked).allowed
    assert not default_config(asked).allowed


def test_a_stored_object_that_is_too_deep_can_lose_its_finalizers() -> None:
    deleted = read_review(deep_review(1_100, metadata='{"deletionTimestamp":"2026-01-02T03:04:05Z"}', old_levels=9))
    assert judge_federated(deleted).allowed
    relabelled = read_review(deep_review(1_100, metadata='{"labels":{}}', old_levels=1_100))
    assert judge_federated(relabelled).allowed
    assert not judge_federated(read_review(deep_review(1_100, old_levels=1_101))).allowed


def test_a_request_cannot_claim_what_only_we_may_find_out() -> None:
    claimed = review({})
    claimed["request"] |= {"tooDeep": True, "sameSpec": True, "too_deep": True}
    assert not read_review(orjson.dumps(claimed)).too_deep


def test_warnings_are_few_and_short() -> None:
    asked = request({})
    warnings = orjson.loads(answer(asked, Verdict(warnings=("ü" * 1000,) * 100)))["response"]["warnings"]
    assert len(warnings) == 8
    assert all(len(warning.encode()) <= 256 for warning in warnings)
