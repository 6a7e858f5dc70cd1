"""Clusters without controllers in the hands of a test: reached, stopped, frozen, brought back, set back in time."""

import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fedctl.sandbox import processes
from fedctl.sandbox.errors import NotRunning, SandboxError, StartFailed
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.running import Sandbox
from tests.integration.sandbox.support import audited, kubectl, kubectl_json, run
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A host with an etcd of its own, and a member."""
    plan = Plan.of(1, controllers=False).with_own_etcd("host")
    with Sandbox.up(plan, name="clusters", owner=True) as started:
        yield started


def config_maps(sandbox: Sandbox, context: str) -> set[str]:
    items = kubectl_json(sandbox, "--context", context, "get", "configmaps")["items"]
    return {item["metadata"]["name"] for item in items}


def test_every_context_of_the_kubeconfig_leads_to_another_cluster(sandbox: Sandbox) -> None:
    uids = {
        kubectl_json(sandbox, "--context", name, "get", "namespace", "kube-system")["metadata"]["uid"]
        for name in ("host", "member1")
    }
    assert len(uids) == 2


def test_only_its_owner_can_read_what_leads_into_it(sandbox: Sandbox) -> None:
    assert stat.S_IMODE(sandbox.kubeconfig.stat().st_mode) == 0o600
    assert stat.S_IMODE(sandbox.directory.stat().st_mode) == 0o700


def test_every_request_is_in_the_audit_log_by_the_time_it_is_answered(sandbox: Sandbox) -> None:
    kubectl(sandbox, "--context", "member1", "create", "namespace", "audited")
    created = [
        event
        for event in audited(sandbox.cluster("member1"))
        if event["verb"] == "create" and event["objectRef"].get("name") == "audited"
    ]
    assert [event["responseStatus"]["code"] for event in created] == [201]


def test_a_pod_can_be_made_where_no_controller_made_its_service_account(sandbox: Sandbox) -> None:
    kubectl(sandbox, "--context", "member1", "run", "lonely", "--image=nginx")


def test_a_killed_cluster_comes_back_at_its_address_with_its_data(sandbox: Sandbox) -> None:
    member = sandbox.cluster("member1")
    endpoint = member.endpoint
    kubectl(sandbox, "--context", "member1", "create", "configmap", "survives")
    member.kill()
    assert not member.is_ready()
    assert sandbox.cluster("host").is_ready()
    member.start()
    assert member.endpoint == endpoint
    assert "survives" in config_maps(sandbox, "member1")


def test_an_etcd_that_died_under_its_clusters_is_started_again_with_them(sandbox: Sandbox) -> None:
    store = sandbox.state().stores["shared"].process
    assert store is not None
    processes.end([store], grace_s=0)
    sandbox.cluster("member1").start()
    eventually(sandbox.cluster("member1").is_ready, "ready again")


def test_a_running_cluster_is_left_alone_by_start(sandbox: Sandbox) -> None:
    before = sandbox.cluster("member1").processes()
    sandbox.cluster("member1").start()
    assert sandbox.cluster("member1").processes() == before


def test_a_frozen_cluster_takes_connections_and_goes_on_where_it_was(sandbox: Sandbox) -> None:
    member = sandbox.cluster("member1")
    member.pause()
    try:
        eventually(member.is_paused, "frozen")
        with closing(socket.create_connection(("127.0.0.1", member.layout().port), timeout=2)):
            pass
        assert not member.is_ready()
    finally:
        member.resume()
    eventually(member.is_ready, "ready again")


def test_a_cluster_with_an_etcd_of_its_own_can_be_set_back_in_time(sandbox: Sandbox, tmp_path: Path) -> None:
    host = sandbox.cluster("host")
    kubectl(sandbox, "--context", "host", "create", "configmap", "before")
    host.kill()
    shutil.copytree(host.etcd_data, tmp_path / "backup")
    host.start()
    kubectl(sandbox, "--context", "host", "create", "configmap", "after")
    host.kill()
    shutil.rmtree(host.etcd_data)
    shutil.copytree(tmp_path / "backup", host.etcd_data)
    host.start()
    assert {"before", "after"} & config_maps(sandbox, "host") == {"before"}


def test_a_port_that_was_taken_meanwhile_is_named_and_the_cluster_can_be_started_later(sandbox: Sandbox) -> None:
    member = sandbox.cluster("member1")
    member.stop()
    port = member.layout().port
    with (
        closing(socket.create_server(("127.0.0.1", port))),
        pytest.raises(StartFailed, match=f"port {port} of member1 was taken"),
    ):
        member.start()
    member.start()
    assert member.is_ready()


def test_a_cluster_that_is_not_there_is_named_with_those_that_are(sandbox: Sandbox) -> None:
    with pytest.raises(NotRunning) as caught:
        sandbox.cluster("member9")
    assert caught.value.todo == "It has: host, member1."


def test_it_cannot_be_taken_from_its_owner(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="belongs to process"):
        Sandbox.up(Plan.of(1, controllers=False), name=sandbox.name)


def test_the_commands_say_what_they_did_and_what_undoes_it(sandbox: Sandbox) -> None:
    stopped = run("stop", "member1", "--kill", "--name", sandbox.name)
    assert "Bring it back with: fedctl sandbox start member1 --name clusters" in stopped.stderr
    assert "no: stopped" in run("status", "--name", sandbox.name).stdout
    frozen = run("pause", "member1", "--name", sandbox.name)
    assert (frozen.returncode, "member1 is stopped" in frozen.stderr) == (3, True)
    assert "member1 is ready at" in run("start", "member1", "--name", sandbox.name).stderr


def test_logs_and_kubectl_are_those_programs_themselves(sandbox: Sandbox) -> None:
    assert len(run("logs", "member1", "--name", sandbox.name, "-n", "3").stdout.splitlines()) == 3
    assert '"kind":"Event"' in run("logs", "host", "-p", "audit", "--name", sandbox.name, "-n", "1").stdout
    missing = run("kubectl", "--sandbox", sandbox.name, "--context", "member1", "get", "namespace", "nowhere")
    assert missing.returncode == 1
    assert "NotFound" in missing.stderr


def test_a_server_that_died_by_itself_shows_in_the_status(sandbox: Sandbox) -> None:
    member = sandbox.cluster("member1")
    processes.send(member.processes()["kube-apiserver"], signal.SIGKILL)
    eventually(lambda: "no: stopped" in run("status", "--name", sandbox.name).stdout, "shown as stopped")
