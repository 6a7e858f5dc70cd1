"""fedctl and services of the clusterset, against real members."""

import json
from functools import partial

import pytest

from fedctl.kinds import CRDS, NAMESPACES
from kubefed.api.multicluster import CRD_LABELS, RELEASE_LABEL
from kubefed.core.names import ObjectKey
from kubefed.services.words import EXPORTS
from tests.support.clusterset import Clusterset, exported
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS, SYSTEM
from tests.support.inprocess import Said
from tests.support.inprocess import fedctl as run_fedctl
from tests.support.waiting import eventually, eventually_equal

EXPORT_CRD = ObjectKey("", "serviceexports.multicluster.x-k8s.io")


def fedctl(clusterset: Clusterset, *arguments: str, code: int = 0) -> Said:
    said = run_fedctl(*arguments, kubeconfig=clusterset.federation.sandbox.kubeconfig)
    assert said.code == code, said.all
    return said


def in_namespace(clusterset: Clusterset, *arguments: str, code: int = 0) -> Said:
    return fedctl(clusterset, *arguments, "-n", clusterset.namespace, code=code)


@pytest.fixture
def published(clusterset: Clusterset) -> Clusterset:
    """A service of both members with two pods in each, exported with fedctl."""
    for member in MEMBERS:
        clusterset.run(member)
    in_namespace(clusterset, "export", "service", "web")
    clusterset.await_endpoints(member1=clusterset.await_pods(MEMBER1, 2), member2=clusterset.await_pods(MEMBER2, 2))
    for member in MEMBERS:
        eventually_equal(partial(clusterset.conditions, member), exported())
    return clusterset


def test_a_service_is_exported_by_every_member_that_has_it(clusterset: Clusterset) -> None:
    clusterset.serve(MEMBER1)
    said = in_namespace(clusterset, "export", "service", "web")
    assert "serviceexport.multicluster.x-k8s.io/web created" in said.out
    assert clusterset.server(MEMBER1).find(EXPORTS, clusterset.key()) is not None
    assert clusterset.server(MEMBER2).find(EXPORTS, clusterset.key()) is None
    assert "created" not in in_namespace(clusterset, "export", "web").out


def test_what_cannot_be_exported_is_said(clusterset: Clusterset) -> None:
    assert "has a Service web" in in_namespace(clusterset, "export", "service", "web", code=1).err
    clusterset.serve(MEMBER1)
    said = in_namespace(clusterset, "export", "service", "web", "--cluster", MEMBER2, code=1)
    assert "there is no Service" in said.err
    assert "there are: member1, member2" in in_namespace(clusterset, "export", "web", "--cluster", "mars", code=1).err
    assert (
        "no context 'mars'"
        in in_namespace(clusterset, "export", "web", "--cluster", MEMBER1, "--cluster-context", "member1=mars", code=1).err
    )
    assert (
        "leads to another cluster"
        in in_namespace(
            clusterset, "export", "web", "--cluster", MEMBER1, "--cluster-context", "member1=member2", code=1
        ).err
    )


def test_exports_are_listed_with_who_uses_them(published: Clusterset) -> None:
    lines = in_namespace(published, "get", "exports").out.splitlines()
    assert lines[0].split("  ")[0] == "NAME"
    (line,) = [line for line in lines if line.startswith("web")]
    assert "ClusterSetIP" in line
    assert line.count("member1, member2") == 2
    assert "member1 2, member2 2" in line
    for member in MEMBERS:
        assert published.address(member) in line
    assert published.namespace in fedctl(published, "get", "exports", "-A").out


def test_exports_are_listed_for_programs(published: Clusterset) -> None:
    (service,) = json.loads(in_namespace(published, "get", "exports", "web", "-o", "json").out)["exports"]
    assert [each["cluster"] for each in service["exporters"]] == list(MEMBERS)
    assert [each["ready"] for each in service["importers"]] == [{"member1": 2, "member2": 2}] * 2
    assert service["conflicts"] == []


def test_one_service_is_described(published: Clusterset) -> None:
    said = in_namespace(published, "describe", "service", "web").out
    assert f"Service {published.namespace}/web of the clusterset" in said
    assert "Ready:      2 in member1, 2 in member2" in said
    assert said.count("Exported") == 2


def test_conflicts_are_shown(clusterset: Clusterset) -> None:
    clusterset.serve(MEMBER1)
    clusterset.export(MEMBER1)
    eventually_equal(partial(clusterset.conditions, MEMBER1), exported())
    clusterset.serve(MEMBER2, sessionAffinity="ClientIP")
    clusterset.export(MEMBER2)
    eventually_equal(partial(clusterset.condition, MEMBER1, "Conflict"), ("True", "SessionAffinityConflict"))
    assert "sessionAffinity: 1 of 2 clusters differ" in in_namespace(clusterset, "get", "exports").out
    assert "sessionAffinity: 1 of 2 clusters differ" in in_namespace(clusterset, "describe", "service", "web").out


def test_a_service_that_nobody_exports_is_not_described(clusterset: Clusterset) -> None:
    assert "there is no FederatedService" in in_namespace(clusterset, "describe", "service", "web", code=1).err
    assert "No cluster exports a service" in in_namespace(clusterset, "get", "exports").err


def test_unexporting_takes_it_back_and_leaves_the_services(published: Clusterset) -> None:
    in_namespace(published, "unexport", "service", "web", "--cluster", MEMBER1)
    eventually_equal(partial(published.exporters, MEMBER2), [MEMBER2])
    in_namespace(published, "unexport", "service", "web")
    published.await_gone()
    assert published.own_endpoints(MEMBER1)
    assert "exports web" in in_namespace(published, "unexport", "service", "web", code=1).err


def test_definitions_are_brought_up_to_date_in_members_and_newer_ones_are_left_alone(clusterset: Clusterset) -> None:
    old, new = (clusterset.server(member) for member in MEMBERS)
    old.merge(CRDS, EXPORT_CRD, {"metadata": {"labels": {RELEASE_LABEL: "v0.1.0"}}})
    new.merge(CRDS, EXPORT_CRD, {"metadata": {"labels": {RELEASE_LABEL: "v9.0.0"}}})
    try:
        said = fedctl(clusterset, "upgrade", "crds", "--members")
        assert "it is newer (v9.0.0)" in said.err
        releases = [server.get(CRDS, EXPORT_CRD)["metadata"]["labels"][RELEASE_LABEL] for server in (old, new)]
        assert releases == [CRD_LABELS[RELEASE_LABEL], "v9.0.0"]
    finally:
        new.merge(CRDS, EXPORT_CRD, {"metadata": {"labels": CRD_LABELS}})
    assert "as wanted already" in fedctl(clusterset, "upgrade", "crds", "--members").err


def test_a_member_that_is_unjoined_keeps_its_exports_and_nothing_that_was_made_for_it(published: Clusterset) -> None:
    said = fedctl(published, "unjoin", MEMBER2)
    try:
        assert "serviceimports.multicluster.x-k8s.io: " in said.out
        assert published.imported(MEMBER2) is None
        assert published.derived(MEMBER2) is None
        assert published.slices(MEMBER2) == []
        assert published.server(MEMBER2).find(EXPORTS, published.key()) is not None
        eventually_equal(partial(published.exporters, MEMBER1), [MEMBER1])
        eventually_equal(lambda: published.endpoints(MEMBER1).keys(), {MEMBER1})
    finally:
        namespace = ObjectKey("", SYSTEM)
        eventually(lambda: published.server(MEMBER2).find(NAMESPACES, namespace) is None, "its system namespace is gone")
        published.federation.join(MEMBER2, "--label", f"name={MEMBER2}")
    eventually_equal(partial(published.exporters, MEMBER2), [MEMBER1, MEMBER2], within_s=60)
