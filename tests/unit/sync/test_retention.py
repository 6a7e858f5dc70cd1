"""What an update keeps of the live object: KubeFed's table, and no surprise at objects that look different."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.sync.retention import RetentionFailed, retain

NAMED = {"name": "http", "protocol": "TCP", "port": 80}

CASES: list[tuple[str, str, dict[str, Any], dict[str, Any], bool, dict[str, Any]]] = [
    (
        "a Service keeps its addresses",
        "Service",
        {"spec": {"type": "ClusterIP"}},
        {"spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "sessionAffinity": "None"}},
        False,
        {"spec": {"type": "ClusterIP", "clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"]}},
    ),
    (
        "a Service keeps addresses against its template",
        "Service",
        {"spec": {"clusterIP": "None"}},
        {"spec": {"clusterIP": "10.0.0.1"}},
        False,
        {"spec": {"clusterIP": "10.0.0.1"}},
    ),
    (
        "a Service keeps its health check port",
        "Service",
        {"spec": {}},
        {"spec": {"healthCheckNodePort": 31000}},
        False,
        {"spec": {"healthCheckNodePort": 31000}},
    ),
    (
        "no health check port is kept when there is none",
        "Service",
        {"spec": {"healthCheckNodePort": 5}},
        {"spec": {"healthCheckNodePort": 0}},
        False,
        {"spec": {"healthCheckNodePort": 5}},
    ),
    (
        "a Service keeps the node ports of equal ports",
        "Service",
        {"spec": {"ports": [NAMED, {**NAMED, "port": 81}]}},
        {"spec": {"ports": [{**NAMED, "nodePort": 30080}]}},
        False,
        {"spec": {"ports": [{**NAMED, "nodePort": 30080}, {**NAMED, "port": 81}]}},
    ),
    (
        "a port without protocol never equals one with TCP",
        "Service",
        {"spec": {"ports": [{"port": 80}]}},
        {"spec": {"ports": [{"port": 80, "protocol": "TCP", "nodePort": 30080}]}},
        False,
        {"spec": {"ports": [{"port": 80}]}},
    ),
    (
        "a Service without a spec gets what it had",
        "Service",
        {},
        {"spec": {"clusterIP": "10.0.0.1"}},
        False,
        {"spec": {"clusterIP": "10.0.0.1"}},
    ),
    (
        "a ServiceAccount keeps its secrets",
        "ServiceAccount",
        {},
        {"secrets": [{"name": "s"}]},
        False,
        {"secrets": [{"name": "s"}]},
    ),
    (
        "a ServiceAccount that names secrets has those",
        "ServiceAccount",
        {"secrets": [{"name": "mine"}]},
        {"secrets": [{"name": "s"}]},
        False,
        {"secrets": [{"name": "mine"}]},
    ),
    (
        "replicas stay when asked for",
        "Deployment",
        {"spec": {"replicas": 2}},
        {"spec": {"replicas": 5}},
        True,
        {"spec": {"replicas": 5}},
    ),
    (
        "zero replicas stay as well",
        "Deployment",
        {"spec": {"replicas": 2}},
        {"spec": {"replicas": 0}},
        True,
        {"spec": {"replicas": 0}},
    ),
    (
        "replicas follow the template otherwise",
        "Deployment",
        {"spec": {"replicas": 2}},
        {"spec": {"replicas": 5}},
        False,
        {"spec": {"replicas": 2}},
    ),
    ("nothing to keep", "Deployment", {"spec": {"replicas": 2}}, {"spec": {}}, True, {"spec": {"replicas": 2}}),
    ("retainReplicas means nothing to a Service", "Service", {"spec": {}}, {"spec": {"replicas": 5}}, True, {"spec": {}}),
    ("other kinds keep nothing", "ConfigMap", {"data": {}}, {"data": {"a": "b"}}, False, {"data": {}}),
]


@pytest.mark.parametrize(
    ("kind", "desired", "live", "retain_replicas", "result"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_kubefeds_table(
    kind: str, desired: dict[str, Any], live: dict[str, Any], retain_replicas: bool, result: dict[str, Any]
) -> None:
    assert retain(kind, desired, live, retain_replicas=retain_replicas) == result


_FIELDS = st.sampled_from(["spec", "ports", "clusterIP", "healthCheckNodePort", "nodePort", "secrets", "replicas", "port"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_FIELDS, inner, max_size=4),
    max_leaves=10,
)
_BODIES = st.dictionaries(_FIELDS, _JSON, max_size=4)


@given(kind=st.sampled_from(["Service", "ServiceAccount", "Anything"]), desired=_BODIES, live=_BODIES)
def test_objects_that_merely_share_a_kinds_name_are_told_or_kept_but_never_a_bug(
    kind: str, desired: dict[str, Any], live: dict[str, Any]
) -> None:
    """A custom resource may be called Service and have a list for a spec: by kind alone it is treated as one."""
    before = repr((desired, live))
    with contextlib.suppress(RetentionFailed):
        retain(kind, desired, live, retain_replicas=True)
    assert repr((desired, live)) == before
