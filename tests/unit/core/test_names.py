"""Spelling: keys, types, and the URL paths they lead to."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubefed.core.names import ObjectKey, ResourceType

PODS = ResourceType("", "v1", "pods", "Pod", namespaced=True)
DEPLOYMENTS = ResourceType("apps", "v1", "deployments", "Deployment", namespaced=True)


@pytest.mark.parametrize(
    ("resource", "api_version", "plural", "path"),
    [(PODS, "v1", "pods", "/api/v1/pods"), (DEPLOYMENTS, "apps/v1", "deployments.apps", "/apis/apps/v1/deployments")],
)
def test_the_core_group_has_no_name_and_a_root_of_its_own(
    resource: ResourceType, api_version: str, plural: str, path: str
) -> None:
    assert (resource.api_version, resource.qualified_plural, str(resource)) == (api_version, plural, plural)
    assert resource.collection_path() == path


def test_an_object_is_found_in_its_namespace() -> None:
    key = ObjectKey("shop", "web")
    assert DEPLOYMENTS.object_path(key) == "/apis/apps/v1/namespaces/shop/deployments/web"
    assert DEPLOYMENTS.object_path(key, "status") == "/apis/apps/v1/namespaces/shop/deployments/web/status"
    assert str(key) == "shop/web"


def test_a_cluster_scoped_object_has_no_namespace() -> None:
    nodes = ResourceType("", "v1", "nodes", "Node", namespaced=False)
    assert nodes.object_path(ObjectKey("", "n1")) == "/api/v1/nodes/n1"
    assert str(ObjectKey("", "n1")) == "n1"


def test_colons_in_names_of_roles_stay_as_they_are() -> None:
    roles = ResourceType("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False)
    assert roles.object_path(ObjectKey("", "system:node")).endswith("/clusterroles/system:node")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_name_leads_to_another_path(name: str) -> None:
    """An API server admits almost any name for some kinds; one with a slash or a question mark is still one name."""
    *before, last = PODS.object_path(ObjectKey("shop", name)).split("/")
    assert "/".join(before) == "/api/v1/namespaces/shop/pods"
    assert unquote(last) == name
    assert last.isascii()
    assert not set(last) & set("?#/\\ ")


def test_keys_sort_by_namespace_first() -> None:
    assert min([ObjectKey("b", "a"), ObjectKey("a", "b"), ObjectKey("", "z")]) == ObjectKey("", "z")
