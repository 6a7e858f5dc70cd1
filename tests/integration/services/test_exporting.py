"""Services that members offer each other, on real API servers, endpoint controllers and schedulers."""

from datetime import UTC, datetime
from functools import partial

import pytest

from kubefed.core.catalogue import ImportType, ServicePort
from kubefed.core.errors import Rejected
from kubefed.core.markers import OWNER_ANNOTATION
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.services.conditions import import_ready
from kubefed.services.facts import Trouble
from kubefed.services.manifests import Maker
from kubefed.services.merging import merge
from kubefed.services.offers import Offer
from kubefed.services.words import (
    DERIVED_SERVICE,
    EXPORTS,
    IMPORTS,
    MANAGED_BY,
    OF_CLUSTER,
    OF_IMPORT,
    OF_SERVICE,
    PROPERTIES,
    SERVICES,
    SLICE_MANAGER,
    derived_name,
)
from tests.support.clusterset import Clusterset, exported
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS
from tests.support.waiting import eventually, eventually_equal


def in_both(clusterset: Clusterset) -> tuple[set[str], set[str]]:
    """Two pods in each member, exported by both; their addresses."""
    for member in MEMBERS:
        clusterset.run(member)
        clusterset.export(member)
    return clusterset.await_pods(MEMBER1, 2), clusterset.await_pods(MEMBER2, 2)


def test_what_two_clusters_export_every_cluster_can_use(clusterset: Clusterset) -> None:
    first, second = in_both(clusterset)
    addresses = clusterset.await_imported()
    clusterset.await_endpoints(member1=first, member2=second)
    for member in MEMBERS:
        eventually_equal(partial(clusterset.conditions, member), exported())
        imported = clusterset.imported(member)
        assert imported is not None
        assert imported["spec"]["type"] == "ClusterSetIP"
        assert imported["spec"]["ports"] == [{"name": "http", "protocol": "TCP", "port": 80}]
        eventually_equal(partial(clusterset.exporters, member), [MEMBER1, MEMBER2])
        status = (clusterset.imported(member) or {})["status"]
        assert status["endpointSliceObjects"] == "Present"
        derived = clusterset.derived(member)
        assert derived is not None
        assert imported["metadata"]["annotations"][DERIVED_SERVICE] == derived["metadata"]["name"]
        assert derived["spec"]["clusterIP"] == addresses[member]
        assert "selector" not in derived["spec"]
        assert derived["metadata"]["ownerReferences"][0]["uid"] == imported["metadata"]["uid"]


def test_slices_say_whose_endpoints_they_carry(clusterset: Clusterset) -> None:
    clusterset.run(MEMBER1)
    clusterset.export(MEMBER1)
    pods = clusterset.await_pods(MEMBER1, 2)
    clusterset.await_endpoints(member1=pods)
    for member in MEMBERS:
        (slice_,) = clusterset.slices(member)
        labels = slice_["metadata"]["labels"]
        assert labels == {
            OF_IMPORT: "web",
            OF_CLUSTER: MEMBER1,
            SLICE_MANAGER: MANAGED_BY,
            OF_SERVICE: derived_name(clusterset.key()),
        }
        assert slice_["ports"] == [{"name": "http", "protocol": "TCP", "port": 8080}]
        assert all(each["zone"] for each in slice_["endpoints"])
        assert all(("nodeName" in each) == (member == MEMBER1) for each in slice_["endpoints"])


def test_endpoints_follow_the_pods(clusterset: Clusterset) -> None:
    first, second = in_both(clusterset)
    clusterset.await_endpoints(member1=first, member2=second)
    clusterset.scale(MEMBER2, 3)
    more = clusterset.await_pods(MEMBER2, 3)
    clusterset.await_endpoints(member1=first, member2=more)
    clusterset.scale(MEMBER1, 0)
    eventually(lambda: MEMBER1 not in clusterset.endpoints(MEMBER2), "nothing of member1 is left")
    clusterset.await_endpoints(member2=more)


def test_an_import_goes_with_the_last_export_and_not_before(clusterset: Clusterset) -> None:
    first, second = in_both(clusterset)
    addresses = clusterset.await_imported()
    clusterset.await_endpoints(member1=first, member2=second)
    clusterset.unexport(MEMBER1)
    clusterset.await_endpoints(member2=second)
    eventually_equal(partial(clusterset.exporters, MEMBER1), [MEMBER2])
    assert clusterset.await_imported() == addresses
    clusterset.unexport(MEMBER2)
    clusterset.await_gone()


def test_a_cluster_without_the_namespace_gets_the_import_when_it_gets_the_namespace(
    clusterset: Clusterset, namespace: str
) -> None:
    other = Clusterset(clusterset.federation, f"{namespace}-b").open(MEMBER1)
    other.run(MEMBER1)
    other.export(MEMBER1)
    pods = other.await_pods(MEMBER1, 2)
    eventually(lambda: other.address(MEMBER1), "member1 has an import")
    assert other.imported(MEMBER2) is None
    other.open(MEMBER2)
    other.await_imported()
    other.await_endpoints(member1=pods)


def test_a_headless_service_has_slices_and_no_address(clusterset: Clusterset) -> None:
    clusterset.run(MEMBER1, clusterIP="None")
    clusterset.export(MEMBER1)
    clusterset.await_endpoints(member1=clusterset.await_pods(MEMBER1, 2))
    for member in MEMBERS:
        imported = clusterset.imported(member)
        assert imported is not None
        assert imported["spec"]["type"] == "Headless"
        assert "ips" not in imported["spec"]
        assert clusterset.derived(member) is None
        assert all(OF_SERVICE not in slice_["metadata"]["labels"] for slice_ in clusterset.slices(member))
    eventually_equal(lambda: clusterset.conditions(MEMBER1), exported())


def test_an_export_without_a_service_is_told_so_and_is_published_when_there_is_one(clusterset: Clusterset) -> None:
    clusterset.export(MEMBER1)
    eventually_equal(lambda: clusterset.conditions(MEMBER1).get("Valid"), ("False", "NoService"))
    assert clusterset.imported(MEMBER2) is None
    clusterset.serve(MEMBER1)
    eventually_equal(lambda: clusterset.conditions(MEMBER1), exported())
    clusterset.await_imported()


def test_external_names_and_reserved_names_are_not_exported(clusterset: Clusterset) -> None:
    clusterset.make(MEMBER1, SERVICES, "web", {"spec": {"type": "ExternalName", "externalName": "example.com"}})
    clusterset.export(MEMBER1)
    eventually_equal(lambda: clusterset.conditions(MEMBER1).get("Valid"), ("False", "InvalidServiceType"))
    reserved = Clusterset(clusterset.federation, "default")
    reserved.export(MEMBER1, "kubernetes")
    eventually_equal(lambda: reserved.conditions(MEMBER1, "kubernetes").get("Ready"), ("False", "Failed"))
    for member in MEMBERS:
        assert clusterset.imported(member) is None
        assert reserved.imported(member, "kubernetes") is None
    reserved.unexport(MEMBER1, "kubernetes")


def test_exports_that_disagree_are_all_told_and_the_oldest_wins(clusterset: Clusterset) -> None:
    clusterset.serve(MEMBER1, sessionAffinity="ClientIP")
    clusterset.export(MEMBER1, spec={"exportedLabels": {"tier": "gold"}})
    eventually_equal(lambda: clusterset.conditions(MEMBER1), exported())
    clusterset.serve(MEMBER2, ports=[{"name": "http", "port": 81}, {"name": "metrics", "port": 9090}])
    clusterset.export(MEMBER2)
    wanted = ("True", "PortConflict,SessionAffinityConflict,LabelsConflict")
    for member in MEMBERS:
        eventually_equal(partial(clusterset.condition, member, "Conflict"), wanted)
        assert clusterset.conditions(member)["Ready"] == ("True", "Exported")
        eventually_equal(partial(clusterset.port_numbers, member), [80, 9090])
        imported = clusterset.imported(member)
        assert imported is not None
        assert imported["spec"]["sessionAffinity"] == "ClientIP"
        assert imported["metadata"]["labels"] == {"tier": "gold"}
    assert "1 of 2 clusters" in clusterset.message(MEMBER2, "Conflict")


def test_what_somebody_else_made_is_never_written_over(clusterset: Clusterset) -> None:
    theirs = {"spec": {"type": "ClusterSetIP", "ports": [{"port": 1}], "ips": ["198.51.100.7"]}}
    clusterset.make(MEMBER2, IMPORTS, "web", theirs)
    squatter = derived_name(clusterset.key("api"))
    clusterset.make(MEMBER2, SERVICES, squatter, {"spec": {"ports": [{"port": 1}]}})
    for name in ("web", "api"):
        clusterset.serve(MEMBER1, name)
        clusterset.export(MEMBER1, name)
        eventually_equal(partial(clusterset.condition, MEMBER1, "Ready", name), ("False", "Failed"))
    assert "somebody else" in clusterset.message(MEMBER1, "Ready")
    imported, service = clusterset.imported(MEMBER2), clusterset.server(MEMBER2).get(SERVICES, clusterset.key(squatter))
    assert imported is not None
    assert imported["spec"] == theirs["spec"] | {"ports": [{"port": 1}]}
    assert [port["port"] for port in service["spec"]["ports"]] == [1]
    assert OWNER_ANNOTATION not in (service["metadata"].get("annotations") or {})


def test_a_derived_service_that_is_deleted_comes_back_with_its_address(clusterset: Clusterset) -> None:
    clusterset.serve(MEMBER1)
    clusterset.export(MEMBER1)
    before = clusterset.await_imported()
    eventually_equal(lambda: clusterset.conditions(MEMBER1), exported())
    derived = clusterset.derived(MEMBER2)
    assert derived is not None
    assert clusterset.server(MEMBER2).delete(SERVICES, clusterset.key(derived["metadata"]["name"]))
    eventually(
        lambda: (clusterset.derived(MEMBER2) or derived)["metadata"]["uid"] != derived["metadata"]["uid"], "it is back"
    )
    again = clusterset.derived(MEMBER2)
    assert again is not None
    assert again["spec"]["clusterIP"] == before[MEMBER2]
    assert clusterset.await_imported() == before


def test_members_are_told_who_they_are(clusterset: Clusterset) -> None:
    for member in MEMBERS:
        found = eventually(
            partial(clusterset.server(member).find, PROPERTIES, ObjectKey("", "cluster.clusterset.k8s.io")),
            f"{member} knows its id",
        )
        assert found is not None
        assert found["spec"]["value"] == member
    sets = {
        clusterset.server(member).get(PROPERTIES, ObjectKey("", "clusterset.k8s.io"))["spec"]["value"] for member in MEMBERS
    }
    assert len(sets) == 1


def test_exports_are_served_in_both_versions(clusterset: Clusterset) -> None:
    clusterset.serve(MEMBER1)
    clusterset.export(MEMBER1)
    path = EXPORTS.object_path(clusterset.key()).replace("v1beta1", "v1alpha1")
    eventually_equal(lambda: clusterset.conditions(MEMBER1), exported())
    assert (
        clusterset.server(MEMBER1).read(path)["status"]
        == clusterset.server(MEMBER1).get(EXPORTS, clusterset.key())["status"]
    )


def test_changes_of_a_service_come_to_everything_that_was_made_of_it(clusterset: Clusterset) -> None:
    clusterset.run(MEMBER1, sessionAffinity="ClientIP", internalTrafficPolicy="Local")
    clusterset.export(MEMBER1)
    pods = clusterset.await_pods(MEMBER1, 2)
    before = clusterset.await_imported()
    change = {
        "ports": [
            {"name": "http", "port": 8000, "targetPort": 8080, "appProtocol": "http"},
            {"name": "admin", "port": 9000},
        ],
        "sessionAffinity": "None",
        "sessionAffinityConfig": None,
        "internalTrafficPolicy": "Cluster",
        "trafficDistribution": "PreferClose",
    }
    clusterset.server(MEMBER1).merge(SERVICES, clusterset.key(), {"spec": change})
    for member in MEMBERS:
        eventually_equal(partial(clusterset.port_numbers, member), [8000, 9000])
        eventually_equal(partial(_shape, clusterset, member), ([8000, 9000], "None", "Cluster", "PreferClose"))
        imported = clusterset.imported(member)
        assert imported is not None
        assert "sessionAffinityConfig" not in imported["spec"]
        assert (imported["spec"]["sessionAffinity"], imported["spec"]["trafficDistribution"]) == ("None", "PreferClose")
        eventually(partial(_are_hinted, clusterset, member), "hints say where traffic prefers to go")
    clusterset.await_endpoints(member1=pods)
    assert clusterset.await_imported() == before


def _shape(clusterset: Clusterset, member: str) -> tuple[list[int], str, str, str]:
    spec = (clusterset.derived(member) or {})["spec"]
    ports = [each["port"] for each in spec["ports"]]
    return ports, spec["sessionAffinity"], spec["internalTrafficPolicy"], spec.get("trafficDistribution", "")


def _are_hinted(clusterset: Clusterset, member: str) -> bool:
    endpoints = [each for slice_ in clusterset.slices(member) for each in slice_["endpoints"]]
    return bool(endpoints) and all(each.get("hints") == {"forZones": [{"name": each["zone"]}]} for each in endpoints)


def test_a_family_that_a_cluster_has_not_is_refused_by_the_field_that_we_look_for(clusterset: Clusterset) -> None:
    """The members have IPv4 only."""
    port = ServicePort("http", "TCP", 80)
    offer = Offer(ClusterName("elsewhere"), "", ImportType.CLUSTER_SET_IP, (port,), families=("IPv6",))
    manifest = Maker(clusterset.key(), "somebody", merge([offer])).new_service("a-uid")
    with pytest.raises(Rejected) as refusal:
        clusterset.server(MEMBER1).create(SERVICES, manifest)
    field = next(cause.field for cause in refusal.value.causes if cause.field)
    trouble = Trouble("services", refusal.value.explanation(), field)
    (told,) = import_ready((), has_address=False, troubles=[trouble], generation=1, now=datetime.now(UTC))
    assert (told.status, told.reason) == ("False", "IPFamilyNotSupported")
