"""The command lines of the servers: what must be there for a sandbox to be what it says."""

import json
from ipaddress import IPv4Network
from pathlib import Path

from fedctl.sandbox import policies, servers
from fedctl.sandbox.servers import ClusterLayout, StoreLayout


def a_cluster(name: str = "member1", *, controllers: bool = True) -> ClusterLayout:
    return ClusterLayout(
        name=name,
        directory=Path("/sandbox/clusters") / name,
        port=12345,
        store_url="http://127.0.0.1:2379",
        services=IPv4Network("10.100.16.0/20"),
        has_controllers=controllers,
    )


def every_command() -> list[list[str]]:
    cluster = a_cluster()
    store = StoreLayout(Path("/sandbox/etcd/shared"), 2379, 2380)
    builders = (servers.api_server, servers.controller_manager, servers.scheduler)
    return [servers.etcd(store), *(build(cluster) for build in builders)]


def test_nothing_listens_beyond_loopback() -> None:
    assert "--bind-address=127.0.0.1" in servers.api_server(a_cluster())
    assert "--secure-port=0" in servers.controller_manager(a_cluster())
    assert "--secure-port=0" in servers.scheduler(a_cluster())
    urls = [flag for flag in servers.etcd(StoreLayout(Path("/e"), 1, 2)) if "://" in flag]
    assert urls
    assert all("://127.0.0.1:" in flag for flag in urls)


def test_every_command_names_the_sandbox_directory_so_that_a_stray_is_recognised() -> None:
    assert all(any("/sandbox/" in argument for argument in command) for command in every_command())


def test_clusters_on_one_etcd_keep_apart_by_prefix() -> None:
    assert "--etcd-prefix=/member1" in servers.api_server(a_cluster("member1"))
    assert "--etcd-prefix=/member2" in servers.api_server(a_cluster("member2"))


def test_without_controllers_pods_need_no_service_account() -> None:
    flag = "--disable-admission-plugins=ServiceAccount"
    assert flag not in servers.api_server(a_cluster(controllers=True))
    assert flag in servers.api_server(a_cluster(controllers=False))


def test_the_host_audits_bodies_of_federated_objects_and_members_only_who_did_what() -> None:
    host, member = (json.loads(policies.audit_policy(is_host=is_host))["rules"] for is_host in (True, False))
    groups = {entry["group"] for rule in host if rule["level"] == "RequestResponse" for entry in rule["resources"]}
    assert {"core.kubefed.io", "types.kubefed.io"} <= groups
    assert "RequestResponse" not in {rule["level"] for rule in member}
    assert host[-1] == member[-1] == {"level": "Metadata"}


def test_the_scheduler_reads_the_kubeconfig_it_is_given() -> None:
    assert json.loads(policies.scheduler_config("/some/kubeconfig"))["clientConnection"]["kubeconfig"] == "/some/kubeconfig"
