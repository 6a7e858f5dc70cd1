"""Installing and joining again, and what a federation looks like from its command line."""

import json

import yaml

from fedctl.kinds import CLUSTER_ROLES, ROLES
from kubefed.core.names import ObjectKey
from tests.integration.fedctl.conftest import Cli, account_of, state
from tests.support.controller import Controller
from tests.support.federation import HOST, MEMBER1, MEMBERS, SYSTEM, Federation
from tests.support.manifests import field_of
from tests.support.waiting import eventually, eventually_equal


def test_installing_again_changes_nothing_and_says_so(cli: Cli, federation: Federation) -> None:
    before = state(federation, HOST)
    said = cli("install", "--allowed-endpoint-range", "127.0.0.0/8")
    assert said.out == ""
    assert "objects were as wanted already" in said.err
    assert state(federation, HOST) == before


def test_dry_runs_of_install_and_join_change_nothing(cli: Cli, federation: Federation) -> None:
    before = [state(federation, cluster) for cluster in (HOST, MEMBER1)]
    said = cli("install", "--allowed-endpoint-range", "192.0.2.0/24", "--dry-run")
    assert "(dry run)" in said.out
    said = cli("join", "cluster", MEMBER1, "--label", "added=yes", "--dry-run")
    assert "Dry run: nothing was written." in said.err
    assert [state(federation, cluster) for cluster in (HOST, MEMBER1)] == before


def test_joining_again_renews_the_credentials_and_disturbs_nothing(
    cli: Cli,
    federation: Federation,
    controller: Controller,  # noqa: ARG001
) -> None:
    secret, record = federation.credentials(MEMBER1), federation.record(MEMBER1)
    said = cli("join", "cluster", MEMBER1)
    assert f"service account {account_of(MEMBER1)}" in said.out
    renewed = federation.credentials(MEMBER1)
    assert renewed["metadata"]["uid"] == secret["metadata"]["uid"]
    assert renewed["data"]["token"] != secret["data"]["token"]
    assert renewed["data"]["token"] not in said.all
    after = federation.record(MEMBER1)
    assert after["metadata"]["labels"] == record["metadata"]["labels"]
    assert after["spec"] == record["spec"]
    expected = dict.fromkeys(MEMBERS, "Ready")
    eventually_equal(lambda: {each["name"]: each["state"] for each in clusters(cli)}, expected)


def clusters(cli: Cli) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(cli("get", "clusters", "-o", "json").out)["clusters"]
    return found


def test_kubefeds_form_of_join_refuses_what_is_joined_unless_told_otherwise(cli: Cli, federation: Federation) -> None:
    before = state(federation, HOST)
    assert "is joined already" in cli("join", MEMBER1, code=1).err
    assert state(federation, HOST) == before
    cli("join", MEMBER1, "--no-error-on-existing")


def test_a_cluster_has_one_name_and_a_name_one_cluster(cli: Cli, federation: Federation) -> None:
    before = state(federation, HOST)
    assert "joined already, as 'member1'" in cli("join", "cluster", "second", "--cluster-context", MEMBER1, code=1).err
    assert "is the name of another cluster" in cli("join", "cluster", MEMBER1, "--cluster-context", "member2", code=1).err
    assert state(federation, HOST) == before


def test_what_join_would_grant_can_be_read_before_and_is_what_it_granted(cli: Cli, federation: Federation) -> None:
    documents = list(yaml.safe_load_all(cli("join", "cluster", MEMBER1, "--print-rbac").out))
    roles = [each for each in documents if each["kind"] in ("Role", "ClusterRole")]
    assert roles
    for role in roles:
        assert "*" not in json.dumps(role["rules"])
        resource = CLUSTER_ROLES if role["kind"] == "ClusterRole" else ROLES
        key = ObjectKey(field_of(role, "metadata", "namespace") or "", role["metadata"]["name"])
        assert federation.servers[MEMBER1].get(resource, key)["rules"] == role["rules"]


def test_clusters_are_shown_as_a_table_and_for_programs(cli: Cli, controller: Controller) -> None:  # noqa: ARG001
    eventually(lambda: all(each["state"] == "Ready" for each in clusters(cli)), "both members are ready")
    wide = cli("get", "clusters", "-o", "wide").out
    assert "https://127.0.0.1:" in wide
    assert f"name={MEMBER1}" in wide
    only = yaml.safe_load(cli("get", "clusters", MEMBER1, "-o", "yaml").out)["clusters"]
    assert [each["name"] for each in only] == [MEMBER1]
    assert only[0]["kubernetesVersion"].startswith("v1.")


def test_the_controller_that_leads_is_known(cli: Cli, controller: Controller) -> None:  # noqa: ARG001
    host = json.loads(cli("version", "--output", "json").out)["host"]
    assert host["controller"]["running"] is True
    assert host["kubernetes"].startswith("v1.")
    assert SYSTEM not in host["controller"]["leader"]
