"""Pods that are scheduled by the real scheduler and brought to life by the simulator."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fedctl.sandbox import isolation, processes
from fedctl.sandbox.errors import NotIsolated
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.running import Sandbox
from fedctl.sandbox.simulator.rules import READY_ANNOTATION
from tests.integration.sandbox.support import kubectl, kubectl_json, run
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    plan = Plan.of(1, controllers=["member1"])
    with Sandbox.up(plan, name="pods", owner=True) as started:
        yield started


def on_member(sandbox: Sandbox, *arguments: str) -> str:
    return kubectl(sandbox, "--context", "member1", *arguments)


def endpoints(sandbox: Sandbox, service: str) -> list[dict[str, Any]]:
    selector = f"kubernetes.io/service-name={service}"
    slices = kubectl_json(sandbox, "--context", "member1", "get", "endpointslices", "-l", selector)["items"]
    return [endpoint for one in slices for endpoint in one["endpoints"] or []]


def test_nodes_are_ready_in_their_zones_when_up_returns(sandbox: Sandbox) -> None:
    nodes = kubectl_json(sandbox, "--context", "member1", "get", "nodes")["items"]
    assert [node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes] == ["region1-a", "region1-b"]
    assert not any(node["spec"].get("taints") for node in nodes)


def test_a_deployment_becomes_available_and_its_endpoints_have_zones_and_readiness(sandbox: Sandbox) -> None:
    on_member(sandbox, "create", "deployment", "web", "--image=nginx", "--replicas=4", "--port=80")
    on_member(sandbox, "expose", "deployment", "web", "--port=80")
    on_member(sandbox, "rollout", "status", "deployment/web", "--timeout=30s")
    eventually(lambda: len(endpoints(sandbox, "web")) == 4, "four endpoints")
    found = endpoints(sandbox, "web")
    assert len({endpoint["addresses"][0] for endpoint in found}) == 4
    assert {endpoint["zone"] for endpoint in found} == {"region1-a", "region1-b"}
    eventually(lambda: all(one["conditions"]["ready"] for one in endpoints(sandbox, "web")), "all ready")

    unready = found[0]["targetRef"]["name"]
    on_member(sandbox, "annotate", "pod", unready, f"{READY_ANNOTATION}=false")
    eventually(
        lambda: (
            [one["targetRef"]["name"] for one in endpoints(sandbox, "web") if not one["conditions"]["ready"]] == [unready]
        ),
        "one endpoint not ready",
    )

    on_member(sandbox, "delete", "deployment", "web", "--wait=false")
    eventually(lambda: "web-" not in on_member(sandbox, "get", "pods", "-o", "name"), "its pods are gone")


def test_a_job_completes(sandbox: Sandbox) -> None:
    on_member(sandbox, "create", "job", "task", "--image=busybox", "--", "true")
    on_member(sandbox, "wait", "--for=condition=complete", "job/task", "--timeout=30s")


def test_pods_of_a_killed_cluster_go_on_when_it_is_back_even_if_the_simulator_died_too(sandbox: Sandbox) -> None:
    member = sandbox.cluster("member1")
    member.kill()
    simulator = sandbox.state().simulator
    assert simulator is not None
    processes.end([simulator], grace_s=0)
    member.start()
    on_member(sandbox, "create", "deployment", "later", "--image=nginx")
    on_member(sandbox, "rollout", "status", "deployment/later", "--timeout=30s")


def test_in_the_isolated_mode_a_pod_answers_under_its_address() -> None:
    try:
        isolation.entrance()
    except NotIsolated as refused:
        pytest.skip(refused.what)
    script = """
set -e
fedctl() { PYTHON -m fedctl.sandbox "$@"; }
k() { fedctl kubectl --context member1 "$@"; }
k create deployment web --image=nginx --port=8080 >&2
k rollout status deployment/web --timeout=30s >&2
address=$(k get pods -o 'jsonpath={.items[0].status.podIP}')
PYTHON -c "import urllib.request as r; print(r.urlopen('http://$address:8080/hello', timeout=5).read().decode())"
exit 5
"""
    result = run("run", "--isolated", "--members", "1", "--", "bash", "-c", script.replace("PYTHON", sys.executable))
    assert result.returncode == 5, result.stderr
    assert '"cluster":"member1"' in result.stdout
    assert '"path":"/hello"' in result.stdout


def test_a_machine_that_forbids_namespaces_is_told_how_to_allow_them(tmp_path: Path) -> None:
    fake = tmp_path / "unshare"
    fake.write_text("#!/bin/sh\necho 'unshare: Operation not permitted' >&2\nexit 1\n", encoding="utf-8")
    fake.chmod(0o755)
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{tmp_path}:{before}"
    try:
        result = run("run", "--isolated", "--", "true")
    finally:
        os.environ["PATH"] = before
    assert result.returncode == NotIsolated.exit_code
    assert "Operation not permitted" in result.stderr
    assert "sysctl" in result.stderr
