"""The CRDs: KubeFed's own to the letter, structural, and what is in the repository."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubefed.api.core_v1beta1 import KubeFedCluster
from kubefed.api.crds import core_crds, schema_of
from kubefed.api.default_types import all_crds
from kubefed.api.generate import rendered_files, rendered_member_files, stale_files, write_files
from kubefed.api.member_crds import member_crds


def by_name(crds: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {crd["metadata"]["name"]: crd for crd in crds}


def schema(crd: dict[str, Any]) -> Any:
    return crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def nodes(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every node of a schema with its path."""
    yield path, node
    for name, part in node.get("properties", {}).items():
        yield from nodes(part, f"{path}.{name}")
    for keyword in ("items", "additionalProperties"):
        if keyword in node:
            yield from nodes(node[keyword], f"{path}[]")


@pytest.mark.parametrize(
    ("name", "kind", "version", "scope", "short_names", "subresources"),
    [
        ("clusterpropagatedversions.core.kubefed.io", "ClusterPropagatedVersion", "v1alpha1", "Cluster", None, True),
        ("federatedservicestatuses.core.kubefed.io", "FederatedServiceStatus", "v1alpha1", "Namespaced", None, False),
        ("federatedtypeconfigs.core.kubefed.io", "FederatedTypeConfig", "v1beta1", "Namespaced", ["ftc"], True),
        ("kubefedclusters.core.kubefed.io", "KubeFedCluster", "v1beta1", "Namespaced", ["kfc"], True),
        ("kubefedconfigs.core.kubefed.io", "KubeFedConfig", "v1beta1", "Namespaced", None, False),
        ("propagatedversions.core.kubefed.io", "PropagatedVersion", "v1alpha1", "Namespaced", None, True),
        (
            "replicaschedulingpreferences.scheduling.kubefed.io",
            "ReplicaSchedulingPreference",
            "v1alpha1",
            "Namespaced",
            ["rsp"],
            False,
        ),
    ],
)
def test_kubefeds_seven_kinds_are_named_and_served_as_ever(
    name: str, kind: str, version: str, scope: str, short_names: list[str] | None, subresources: bool
) -> None:
    spec = by_name(core_crds())[name]["spec"]
    (served,) = spec["versions"]
    assert f"{spec['names']['plural']}.{spec['group']}" == name
    assert (spec["names"]["kind"], served["name"], spec["scope"]) == (kind, version, scope)
    assert spec["names"].get("shortNames") == short_names
    assert served.get("subresources") == ({"status": {}} if subresources else None)
    assert (served["served"], served["storage"]) == (True, True)


def test_clusters_have_kubefeds_columns_and_no_other_kind_has_any() -> None:
    columns = {
        name: crd["spec"]["versions"][0].get("additionalPrinterColumns") for name, crd in by_name(all_crds()).items()
    }
    assert columns.pop("kubefedclusters.core.kubefed.io") == [
        {"name": "age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
        {"name": "ready", "type": "string", "jsonPath": ".status.conditions[?(@.type=='Ready')].status"},
        {"name": "kubernetes-version", "type": "string", "jsonPath": ".status.kubernetesVersion"},
    ]
    assert set(columns.values()) == {None}


RESOURCE = ["kind", "pluralName", "scope", "version"]
REQUIRED: dict[str, dict[str, list[str]]] = {
    "ClusterPropagatedVersion": {
        ".status": ["overridesVersion", "templateVersion"],
        ".status.clusterVersions[]": ["clusterName", "version"],
    },
    "FederatedServiceStatus": {
        ".clusterStatus[]": ["clusterName", "status"],
        ".clusterStatus[].status.conditions[]": ["lastTransitionTime", "message", "reason", "status", "type"],
        ".clusterStatus[].status.loadBalancer.ingress[].ports[]": ["port", "protocol"],
    },
    "FederatedTypeConfig": {
        "": ["spec"],
        ".spec": ["federatedType", "propagation", "targetType"],
        ".spec.targetType": RESOURCE,
        ".spec.federatedType": RESOURCE,
        ".spec.statusType": RESOURCE,
        ".status": ["observedGeneration", "propagationController"],
    },
    "KubeFedCluster": {
        "": ["spec"],
        ".spec": ["apiEndpoint", "secretRef"],
        ".spec.secretRef": ["name"],
        ".status": ["conditions"],
        ".status.conditions[]": ["lastProbeTime", "status", "type"],
        ".status.details.warnings[]": ["reason"],
    },
    "KubeFedConfig": {"": ["spec"], ".spec": ["scope"], ".spec.featureGates[]": ["configuration", "name"]},
    "PropagatedVersion": {
        ".status": ["overridesVersion", "templateVersion"],
        ".status.clusterVersions[]": ["clusterName", "version"],
    },
    "ReplicaSchedulingPreference": {".spec": ["targetKind", "totalReplicas"]},
}


@pytest.mark.parametrize("crd", core_crds(), ids=lambda crd: str(crd["spec"]["names"]["kind"]))
def test_exactly_kubefeds_fields_are_required(crd: dict[str, Any]) -> None:
    required = {path: node["required"] for path, node in nodes(schema(crd)) if "required" in node}
    assert required == REQUIRED[crd["spec"]["names"]["kind"]]


ADDED = {
    ".spec.trust",
    ".spec.place",
    ".spec.services",
    ".spec.deletionGuard",
    ".spec.allowedEndpointRanges",
    ".spec.applyStrategy",
    ".spec.sensitive",
    ".spec.authorization",
    ".status.details",
}


@pytest.mark.parametrize("crd", core_crds(), ids=lambda crd: str(crd["spec"]["names"]["kind"]))
def test_kubefeds_own_fields_have_types_and_nothing_that_could_refuse_a_value(crd: dict[str, Any]) -> None:
    if crd["spec"]["names"]["kind"] == "FederatedServiceStatus":
        return
    allowed = {"type", "format", "description", "properties", "items", "additionalProperties", "required"}
    for path, node in nodes(schema(crd)):
        if not path.startswith(tuple(ADDED)):
            assert node.keys() <= allowed, path


@pytest.mark.parametrize("crd", [*all_crds(), *member_crds()], ids=lambda crd: str(crd["metadata"]["name"]))
def test_schemas_are_structural(crd: dict[str, Any]) -> None:
    forbidden = {"$ref", "anyOf", "default", "title", "nullable", "x-kubefed-required", "uniqueItems"}
    for path, node in nodes(schema(crd)):
        assert not forbidden & node.keys(), path
        assert "type" in node or node.get("x-kubernetes-preserve-unknown-fields"), path
        assert (node.get("type") == "array") == ("items" in node), path
    assert schema(crd)["properties"]["metadata"] == {"type": "object"}


@pytest.mark.parametrize("crd", [*all_crds(), *member_crds()], ids=lambda crd: str(crd["metadata"]["name"]))
def test_people_can_ask_what_a_field_means(crd: dict[str, Any]) -> None:
    undescribed = [path for path, node in nodes(schema(crd)) if not path.endswith("[]") and "description" not in node]
    assert [path for path in undescribed if path.count(".") > 2] == []


@pytest.mark.parametrize(
    ("path", "node"),
    [
        (".spec.caBundle", {"type": "string", "format": "byte"}),
        (".spec.disabledTLSValidations[]", {"type": "string"}),
        (".status.conditions[].lastProbeTime", {"type": "string", "format": "date-time"}),
        (".status.zones[]", {"type": "string"}),
        (".status.kubernetesVersion", {"type": "string"}),
    ],
)
def test_cluster_fields_have_kubefeds_types(path: str, node: dict[str, Any]) -> None:
    found = dict(nodes(schema_of(KubeFedCluster)))[path]
    assert {keyword: part for keyword, part in found.items() if keyword != "description"} == node


def test_the_files_in_the_repository_are_up_to_date() -> None:
    folder = Path(__file__).resolve().parents[3] / "crds"
    assert stale_files(folder, rendered_files()) == [], "run: python -m kubefed.api.generate"


def test_files_are_written_completely_and_checked_exactly(tmp_path: Path) -> None:
    (tmp_path / "left_over.yaml").write_text("a: 1\n")
    write_files(tmp_path, rendered_files())
    assert stale_files(tmp_path, rendered_files()) == []
    assert [yaml.safe_load((tmp_path / name).read_text()) for name in rendered_files()] == all_crds()
    (tmp_path / "left_over.yaml").write_text("a: 1\n")
    (tmp_path / "core.kubefed.io_kubefedconfigs.yaml").unlink()
    assert stale_files(tmp_path, rendered_files()) == ["core.kubefed.io_kubefedconfigs.yaml", "left_over.yaml"]


@pytest.mark.parametrize("kind", ["serviceexports", "serviceimports"])
def test_both_versions_of_the_services_api_have_one_schema_and_the_newer_is_stored(kind: str) -> None:
    found = by_name(member_crds())[f"{kind}.multicluster.x-k8s.io"]
    older, newer = found["spec"]["versions"]
    assert (older["name"], older["served"], older["storage"]) == ("v1alpha1", True, False)
    assert (newer["name"], newer["served"], newer["storage"]) == ("v1beta1", True, True)
    assert older["schema"] == newer["schema"]
    assert (older["subresources"], newer["subresources"]) == ({"status": {}}, {"status": {}})
    assert found["metadata"]["labels"] == {
        "multicluster.x-k8s.io/release-version": "v0.5.0",
        "multicluster.x-k8s.io/crd-schema-revision": "0",
    }


def test_imports_say_whether_their_endpoints_can_be_read_in_the_cluster() -> None:
    status = schema(by_name(member_crds())["serviceimports.multicluster.x-k8s.io"])["properties"]["status"]["properties"]
    assert status["endpointSliceObjects"]["enum"] == ["Present", "Absent"]


def test_what_members_are_given_is_in_the_repository() -> None:
    assert stale_files(Path(__file__).resolve().parents[3] / "crds" / "members", rendered_member_files()) == []
