"""A member is unjoined: its copies stay or go, its account and record go, and a running controller does not object."""

from fedctl.federation import CLUSTERS
from fedctl.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, NAMESPACES, SECRETS, SERVICE_ACCOUNTS
from kubefed.core.markers import MANAGED_LABEL, OWNER_ANNOTATION
from kubefed.core.names import ObjectKey
from tests.integration.fedctl.conftest import Cli, account_of, state
from tests.support.federation import MEMBER1, SYSTEM, Federation
from tests.support.manifests import field_of
from tests.support.shop import Shop, everywhere, fine
from tests.support.waiting import eventually


def assert_forgotten(federation: Federation, member: str, secret: str) -> None:
    """Neither the host knows the member any more, nor the member the controller's account."""
    assert federation.host.find(CLUSTERS, ObjectKey(SYSTEM, member)) is None
    assert federation.host.find(SECRETS, ObjectKey(SYSTEM, secret)) is None
    server = federation.servers[member]
    assert server.find(SERVICE_ACCOUNTS, account_of(member)) is None
    for resource in (CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS):
        left = [each["metadata"]["name"] for each in server.objects(resource)]
        assert not [name for name in left if name.startswith("kubefed-controller-manager:")]


def test_copies_stay_as_ordinary_objects_and_are_taken_back_by_the_next_join(cli: Cli, shop: Shop, leaving: str) -> None:
    wish = shop.settle(shop.config_map(colour="red"))
    kept = shop.managed_copy(wish, leaving)["metadata"]["uid"]
    secret = shop.federation.record(leaving)["spec"]["secretRef"]["name"]

    said = cli("unjoin", "cluster", leaving)

    assert f"kubefedcluster.core.kubefed.io/{leaving} deleted" in said.out
    assert "kept, as ordinary objects" in said.out
    assert "is no member any more" in said.err
    assert_forgotten(shop.federation, leaving, secret)
    copy = shop.copy(wish, leaving) or {}
    assert MANAGED_LABEL not in (field_of(copy, "metadata", "labels") or {})
    assert OWNER_ANNOTATION not in (field_of(copy, "metadata", "annotations") or {})
    shop.await_told(wish, fine(MEMBER1))
    shop.edit(shop.config_map(colour="blue"))
    eventually(lambda: shop.managed_copy(wish, MEMBER1)["data"] == {"colour": "blue"}, "the edit reached the other member")
    assert shop.copies(wish, "data") == {MEMBER1: {"colour": "blue"}, leaving: {"colour": "red"}}

    server = shop.federation.servers[leaving]
    refused = cli("join", leaving, code=1) if server.find(NAMESPACES, ObjectKey("", SYSTEM)) else None
    assert refused is None or "is still being deleted" in refused.err
    eventually(lambda: server.find(NAMESPACES, ObjectKey("", SYSTEM)) is None, "the system namespace is gone")
    cli("join", leaving, "--label", f"name={leaving}")
    eventually(lambda: shop.copies(wish, "data", "colour") == everywhere("blue"), "the copy is taken back")
    assert shop.managed_copy(wish, leaving)["metadata"]["uid"] == kept


def test_an_interrupted_unjoin_is_finished_and_deletes_all_copies_but_those_of_another_federation(
    cli: Cli, shop: Shop, leaving: str
) -> None:
    wish = shop.settle(shop.config_map())
    secret = shop.federation.record(leaving)["spec"]["secretRef"]["name"]
    marks = {"labels": {MANAGED_LABEL: "true"}, "annotations": {OWNER_ANNOTATION: "another"}}
    shop.make(leaving, wish.kind.target, "theirs", {"metadata": marks, "data": {}})
    shop.make(leaving, wish.kind.target, "of-its-own", {"data": {"a": "b"}})

    shop.federation.host.delete(CLUSTERS, ObjectKey(SYSTEM, leaving))

    said = cli("unjoin", leaving, "--delete-copies")

    assert "going on with an earlier unjoin" in said.err
    assert_forgotten(shop.federation, leaving, secret)
    assert "configmaps: 1 left alone, because another federation made them" in said.out
    server = shop.federation.servers[leaving]
    assert shop.copy(wish, leaving) is None
    left = {each["metadata"]["name"]: each for each in server.objects(wish.kind.target, shop.namespace)}
    assert {"theirs", "of-its-own"} <= set(left)
    assert left["theirs"]["metadata"]["labels"] == {MANAGED_LABEL: "true"}
    assert field_of(server.get(NAMESPACES, ObjectKey("", shop.namespace)), "metadata", "deletionTimestamp") is None
    shop.await_told(wish, fine(MEMBER1))
    shop.settle(shop.config_map("later"), MEMBER1)
    assert shop.copy(shop.config_map("later"), leaving) is None
    shop.remove(shop.config_map("theirs"), leaving)


def test_a_dry_run_and_a_wrong_context_change_nothing(cli: Cli, shop: Shop, leaving: str) -> None:
    wish = shop.settle(shop.config_map())
    before = [state(shop.federation, cluster) for cluster in ("host", leaving)]

    said = cli("unjoin", "cluster", leaving, "--delete-copies", "--dry-run")

    assert "deleted in namespace kube-federation-system (dry run)" in said.out
    assert "Dry run: nothing was written." in said.err
    assert "leads to another cluster" in cli("unjoin", leaving, "--cluster-context", MEMBER1, code=1).err
    assert [state(shop.federation, cluster) for cluster in ("host", leaving)] == before
    assert shop.managed_copy(wish, leaving)


def test_a_dead_member_is_forgotten_only_by_force_and_shown_as_lost_before(cli: Cli, shop: Shop, leaving: str) -> None:
    wish = shop.settle(shop.deployment(replicas=1))
    shop.federation.sandbox.cluster(leaving).kill()

    refused = cli("unjoin", leaving, code=1)
    assert "Nothing was removed. With --force" in refused.err
    assert shop.federation.record(leaving)

    def shown() -> str:
        return cli("get", "deployments", "-n", shop.namespace).all

    eventually(lambda: f"{leaving} Offline" in shown(), "the loss is shown")
    assert f"Not counted in {leaving}: not ready." in shown()
    page = cli("describe", "deploy", "web", "-n", shop.namespace).out
    assert f"{leaving}: Offline" in page
    assert "not asked: Offline" in page

    said = cli("unjoin", leaving, "--force")

    assert f"Left behind in {leaving}" in said.err
    assert shop.federation.host.find(CLUSTERS, ObjectKey(SYSTEM, leaving)) is None
    shop.await_told(wish, fine(MEMBER1))
    shop.delete(wish)
    shop.await_gone(wish)
