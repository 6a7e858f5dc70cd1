"""Recorded versions: every reference vector of KubeFed, and the rules between them."""

from typing import Any

import orjson
import pytest

from kubefed.core.errors import Misconfigured
from kubefed.sync.hashes import overrides_version, template_version

NESTED_TOO_DEEPLY: Any = "hunter2"
for _ in range(100):
    NESTED_TOO_DEEPLY = [NESTED_TOO_DEEPLY]


@pytest.mark.parametrize(
    ("template", "version"),
    [
        (b'{"data":{"foo":"bar"}}', "4682012eb72f035cfe2b227efe7ca8c8"),
        (b"{}", "8a80554c91d9fca8acb82f023de02f11"),
        ('{"data":{"a":"<b>&\u2028é"}}'.encode(), "0e8dd89c1947337699dfea4abd8b0e3b"),
        (b'{"spec":{"f":0.5,"g":1e+21,"h":1e-7,"i":2,"replicas":3}}', "3de10e7d1d9c9102851b6231332b1bd7"),
        (b'{"spec":{"replicas":3,"i":2.0,"h":1e-7,"g":1e21,"f":0.5}}', "3de10e7d1d9c9102851b6231332b1bd7"),
    ],
)
def test_template_versions_are_those_of_kubefed(template: bytes, version: str) -> None:
    assert template_version(orjson.loads(template)) == version


def test_a_missing_template_has_the_empty_version() -> None:
    assert template_version(None) == ""


@pytest.mark.parametrize(
    ("spec", "version"),
    [
        (b"{}", "2979b7538b527abe06492021841caf47"),
        (b'{"overrides":null}', "2979b7538b527abe06492021841caf47"),
        (b'{"template":{"a":1},"placement":{}}', "2979b7538b527abe06492021841caf47"),
        (b'{"overrides":[]}', "fd97e6d9a670c7dcdc2477764f78b459"),
        (
            b'{"overrides":[{"clusterName":"c1","clusterOverrides":[{"path":"/spec/replicas","value":5},'
            b'{"op":"remove","path":"/metadata/annotations/x"}]}]}',
            "e44650adca6381d623d0c8e3020aa259",
        ),
        (b'{"overrides":[{"clusterName":"c1"}]}', "337924182e5e30079d81a4a21fd1f617"),
    ],
)
def test_override_versions_are_those_of_kubefed(spec: bytes, version: str) -> None:
    assert overrides_version(orjson.loads(spec)) == version


def test_a_missing_spec_has_the_empty_version() -> None:
    assert overrides_version(None) == ""


def version_of(*operations: dict[str, Any], **fields: Any) -> str:
    return overrides_version({"overrides": [{"clusterName": "c1", "clusterOverrides": list(operations), **fields}]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"path": "/a", "value": 5}, {"value": 5, "path": "/a"}),
        ({"path": "/a", "value": 5}, {"op": "", "path": "/a", "value": 5}),
        ({"path": "/a", "value": 5}, {"op": None, "path": "/a", "value": 5}),
        ({"path": "/a", "value": 5}, {"path": "/a", "value": 5.0}),
        ({"path": "/a", "value": 5}, {"path": "/a", "value": 5, "comment": "dropped"}),
        ({"path": "/a", "value": None}, {"path": "/a"}),
        ({"path": "/a", "value": 2**53}, {"path": "/a", "value": 2**53 + 1}),
        ({"path": "/a", "value": [{"x": 2**60}]}, {"path": "/a", "value": [{"x": 2**60 + 1}]}),
    ],
)
def test_spellings_that_go_cannot_tell_apart_have_one_version(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert version_of(one) == version_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"path": "/a", "value": 5}, {"op": "replace", "path": "/a", "value": 5}),
        ({"path": "/a", "value": False}, {"path": "/a"}),
        ({"path": "/a", "value": ""}, {"path": "/a"}),
        ({"path": "/a", "value": 0}, {"path": "/a"}),
        ({"path": "/a", "value": True}, {"path": "/a", "value": 1}),
        ({"path": "/a", "value": 5}, {"path": "/a", "value": "5"}),
        ({"path": "/a~1b", "value": 5}, {"path": "/a/b", "value": 5}),
    ],
)
def test_spellings_that_go_tells_apart_have_two_versions(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert version_of(one) != version_of(other)


def test_the_order_of_operations_counts_and_an_empty_list_of_them_does_not() -> None:
    first, second = {"path": "/a", "value": 1}, {"path": "/b", "value": 2}
    assert version_of(first, second) != version_of(second, first)
    assert version_of() == overrides_version({"overrides": [{"clusterName": "c1"}]})
    assert version_of() == overrides_version({"overrides": [{"clusterName": "c1", "clusterOverrides": None}]})


@pytest.mark.parametrize(
    "spec",
    [
        {"overrides": {}},
        {"overrides": "all"},
        {"overrides": ["c1"]},
        {"overrides": [{"clusterName": 1}]},
        {"overrides": [{"clusterName": "c1", "clusterOverrides": {"path": "/a"}}]},
        {"overrides": [{"clusterName": "c1", "clusterOverrides": ["/a"]}]},
        {"overrides": [{"clusterName": "c1", "clusterOverrides": [{"path": ["a"]}]}]},
        {"overrides": [{"clusterName": "c1", "clusterOverrides": [{"path": "/a", "value": NESTED_TOO_DEEPLY}]}]},
    ],
)
def test_overrides_of_other_types_than_the_crd_asks_for_are_refused_without_their_values(spec: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured) as refusal:
        overrides_version(spec)
    assert "hunter2" not in str(refusal.value)
