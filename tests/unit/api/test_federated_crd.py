"""Federated types: the schema that KubeFed's `enable` made, and the ten that come with an installation."""

from typing import Any

import pytest

from kubefed.api.default_types import DEFAULT_TARGETS, default_federated_crds, default_type_configs
from kubefed.api.federated_crd import Target, federated_crd, federated_type_config, has_replicas_field
from kubefed.core.names import ResourceType

WIDGETS = ResourceType("example.com", "v1", "widgets", "Widget", namespaced=True)


def bare(node: Any) -> Any:
    """A schema without its descriptions. A property may be called description as well, but none here is."""
    if isinstance(node, dict):
        return {keyword: bare(part) for keyword, part in node.items() if keyword != "description"}
    return node


TIME = {"type": "string", "format": "date-time"}
TEXT = {"type": "string"}
OPAQUE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def listing(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    needed = {"required": list(required)} if required else {}
    return {"type": "array", "items": {"type": "object", "properties": properties, **needed}}


REQUIREMENT = {"key": TEXT, "operator": TEXT, "values": {"type": "array", "items": TEXT}}
SELECTOR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "matchLabels": {"type": "object", "additionalProperties": TEXT},
        "matchExpressions": listing(REQUIREMENT, "key", "operator"),
    },
}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
TEXT_MAP: dict[str, Any] = {"type": "object", "additionalProperties": TEXT}
FEDERATED_SPEC: dict[str, Any] = {
    "template": OPAQUE,
    "placement": {
        "type": "object",
        "properties": {
            "clusters": listing({"name": TEXT}, "name"),
            "clusterSelector": SELECTOR,
        },
    },
    "overrides": listing(
        {
            "clusterName": TEXT,
            "clusterSelector": SELECTOR,
            "all": {"type": "boolean"},
            "images": listing(dict.fromkeys(("container", "image", "registry", "repository", "tag", "digest"), TEXT)),
            "env": listing({"container": TEXT, "set": {"type": "array", "items": OPAQUE}, "remove": TEXTS}),
            "command": listing({"container": TEXT, "set": TEXTS, "add": TEXTS, "remove": TEXTS}),
            "args": listing({"container": TEXT, "set": TEXTS, "add": TEXTS, "remove": TEXTS}),
            "labels": {"type": "object", "properties": {"set": TEXT_MAP, "remove": TEXTS}},
            "annotations": {"type": "object", "properties": {"set": TEXT_MAP, "remove": TEXTS}},
            "clusterOverrides": listing(
                {
                    "op": {"type": "string", "pattern": "^(add|remove|replace)?$"},
                    "path": TEXT,
                    "value": {"x-kubernetes-preserve-unknown-fields": True},
                },
                "path",
            ),
        }
    ),
}
FEDERATED_STATUS: dict[str, Any] = {
    "observedGeneration": {"type": "integer", "format": "int64"},
    "conditions": listing(
        {"type": TEXT, "status": TEXT, "reason": TEXT, "lastUpdateTime": TIME, "lastTransitionTime": TIME}, "status", "type"
    ),
    "clusters": listing(
        {"name": TEXT, "status": TEXT, "message": {**TEXT, "maxLength": 300}, "remoteStatus": OPAQUE}, "name"
    ),
}


@pytest.mark.parametrize("has_replicas", [True, False])
@pytest.mark.parametrize("has_schema", [True, False])
def test_a_federated_type_has_the_schema_that_kubefeds_enable_made_and_a_message_per_cluster(
    has_schema: bool, has_replicas: bool
) -> None:
    found = bare(
        federated_crd(Target(WIDGETS, has_schema=has_schema, has_replicas=has_replicas))["spec"]["versions"][0]["schema"]
    )["openAPIV3Schema"]
    spec = {name: part for name, part in FEDERATED_SPEC.items() if has_schema or name != "template"}
    if has_replicas:
        spec["retainReplicas"] = {"type": "boolean"}
    assert found == {
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": TEXT,
            "kind": TEXT,
            "metadata": {"type": "object"},
            "spec": {"type": "object", "properties": spec},
            "status": {"type": "object", "properties": FEDERATED_STATUS},
        },
    }


def test_a_federated_type_is_named_after_its_target() -> None:
    spec = federated_crd(Target(WIDGETS, ("wd", "wid")), group="fed.example.com", version="v2")["spec"]
    assert (spec["group"], spec["scope"], spec["versions"][0]["name"]) == ("fed.example.com", "Namespaced", "v2")
    assert spec["versions"][0]["subresources"] == {"status": {}}
    assert spec["names"] == {
        "kind": "FederatedWidget",
        "listKind": "FederatedWidgetList",
        "plural": "federatedwidgets",
        "singular": "federatedwidget",
        "shortNames": ["fwd", "fwid"],
    }


def test_making_one_federated_type_leaves_the_others_alone() -> None:
    before = default_federated_crds()
    federated_crd(Target(WIDGETS, has_schema=False))
    assert default_federated_crds() == before


@pytest.mark.parametrize(
    ("schema", "has_replicas"),
    [
        ({"properties": {"spec": {"properties": {"replicas": {"type": "integer", "format": "int32"}}}}}, True),
        ({"properties": {"spec": {"properties": {"replicas": {"type": "integer", "format": "int64"}}}}}, False),
        ({"properties": {"spec": {"properties": {"replicas": {"type": "integer"}}}}}, False),
        ({"properties": {"spec": {"properties": {"replicas": None}}}}, False),
        ({"properties": {"spec": {"type": "object"}}}, False),
        ({"properties": None}, False),
        ({}, False),
    ],
)
def test_replicas_are_recognised_by_their_exact_type(schema: dict[str, Any], has_replicas: bool) -> None:
    assert has_replicas_field(schema) is has_replicas


def test_the_ten_default_types_are_kubefeds() -> None:
    assert {
        config["metadata"]["name"]: crd["spec"]["names"].get("shortNames", [])
        for config, crd in zip(default_type_configs("kube-federation-system"), default_federated_crds(), strict=True)
    } == {
        "clusterroles.rbac.authorization.k8s.io": [],
        "configmaps": ["fcm"],
        "deployments.apps": ["fdeploy"],
        "ingresses.networking.k8s.io": ["fing"],
        "jobs.batch": [],
        "namespaces": ["fns"],
        "replicasets.apps": ["frs"],
        "secrets": [],
        "serviceaccounts": ["fsa"],
        "services": ["fsvc"],
    }
    scalable = {target.resource_type.plural for target in DEFAULT_TARGETS if target.has_replicas}
    assert scalable == {"deployments", "replicasets"}
    cluster_scoped = {
        crd["spec"]["names"]["plural"] for crd in default_federated_crds() if crd["spec"]["scope"] == "Cluster"
    }
    assert cluster_scoped == {"federatedclusterroles"}


def test_a_type_configuration_is_what_kubefeds_chart_had() -> None:
    namespaces = next(one for one in default_type_configs("system") if one["metadata"]["name"] == "namespaces")
    assert namespaces == {
        "apiVersion": "core.kubefed.io/v1beta1",
        "kind": "FederatedTypeConfig",
        "metadata": {"name": "namespaces", "namespace": "system"},
        "spec": {
            "federatedType": {
                "group": "types.kubefed.io",
                "kind": "FederatedNamespace",
                "pluralName": "federatednamespaces",
                "scope": "Namespaced",
                "version": "v1beta1",
            },
            "propagation": "Enabled",
            "targetType": {"kind": "Namespace", "pluralName": "namespaces", "scope": "Cluster", "version": "v1"},
        },
    }
    assert "namespace" not in federated_type_config(WIDGETS).manifest()["metadata"]
