"""scripts/kind-up.sh, without Docker: what it would run, what it runs with tools that only write down their calls, and what
it says when something is missing."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "scripts" / "kind-up.sh"
BASH = "/bin/bash"
TOPOLOGIES = ROOT / "examples" / "topologies"

Result = subprocess.CompletedProcess[str]


def kind_up(*arguments: str, path: str | None = None) -> Result:
    environment = dict(os.environ) if path is None else {**os.environ, "PATH": path}
    return subprocess.run([BASH, str(SCRIPT), *arguments], capture_output=True, text=True, env=environment, timeout=60)


def commands(result: Result) -> list[str]:
    assert result.returncode == 0, result.stderr
    return [line.removeprefix("+ ") for line in result.stdout.splitlines() if line.startswith("+ ")]


def test_shellcheck_has_nothing_to_say() -> None:
    checked = subprocess.run([ROOT / ".venv" / "bin" / "shellcheck", SCRIPT], capture_output=True, text=True)
    assert checked.stdout == ""


def test_names_become_clusters_with_two_nodes_in_two_zones() -> None:
    said = kind_up("--dry-run", "dc1", "dc2")
    assert [line for line in commands(said) if line.startswith("kind ")] == [
        "kind create cluster --name dc1 --config - --wait 180s",
        "kind create cluster --name dc2 --config - --wait 180s",
    ]
    assert said.stdout.count("- role: control-plane\n      - role: worker\n") == 2
    labels = [line for line in commands(said) if "--context kind-dc2 label" in line]
    assert [line.split()[-1].removeprefix("topology.kubernetes.io/") for line in labels] == [
        "region=dc2",
        "zone=dc2-a",
        "zone=dc2-b",
    ]


def test_clusters_have_ranges_of_their_own_so_that_they_can_reach_each_other() -> None:
    subnets = [line.split()[-1] for line in kind_up("--dry-run", "a", "b", "c").stdout.splitlines() if "Subnet:" in line]
    assert len(subnets) == len(set(subnets)) == 6


def test_kubeconfig_endpoints_are_container_addresses() -> None:
    found = [line for line in commands(kind_up("--dry-run", "dc1")) if "set-cluster" in line]
    assert found == ["kubectl config set-cluster kind-dc1 --server=https://<address of dc1-control-plane>:6443"]


@pytest.mark.parametrize("file", sorted(TOPOLOGIES.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_example_topology_can_be_made(file: Path) -> None:
    said = commands(kind_up("--dry-run", str(file)))
    assert sum(line.startswith("kind create cluster --name host") for line in said) == 1


def test_only_clusters_on_one_network_get_routes_to_each_other() -> None:
    def routes(topology: str) -> int:
        return sum("ip route replace" in line for line in commands(kind_up("--dry-run", str(TOPOLOGIES / topology))))

    assert routes("two-datacenters.yaml") == 0
    assert routes("three-members.yaml") == 4 * 3 * 2 * 2


def test_the_host_comes_first_among_the_contexts_of_the_demo() -> None:
    said = commands(kind_up("--dry-run", "--verify", "--kubeconfig", "/k", str(TOPOLOGIES / "two-datacenters.yaml")))
    assert said[-1] == f"env KUBECONFIG=/k make -C {ROOT} demo DEMO_CONTEXTS=kind-host,kind-dc1,kind-dc2"


def test_istio_goes_where_the_topology_has_a_mesh_and_otherwise_everywhere() -> None:
    def meshed(*what: str) -> list[str]:
        said = commands(kind_up("--dry-run", "--istio", *what))
        return [line.split("--context kind-")[1].split()[0] for line in said if line.startswith("istioctl install")]

    assert meshed(str(TOPOLOGIES / "mesh-primary.yaml")) == ["primary", "remote"]
    assert meshed("dc1", "dc2") == ["dc1", "dc2"]


def test_down_removes_what_up_makes() -> None:
    assert commands(kind_up("--dry-run", "down", "dc1", "dc2")) == [
        "kind delete cluster --name dc1",
        "kind delete cluster --name dc2",
    ]


MISTAKES = {
    ("--dry-run", "Dc1"): "Dc1 cannot name a cluster",
    ("--dry-run", "a" * 41): "cannot name a cluster",
    ("--dry-run", "dc1", "dc1"): "cluster named twice: dc1",
    ("--dry-run", "/nowhere.yaml"): "cannot read topology /nowhere.yaml",
    ("--dry-run", str(TOPOLOGIES / "three-members.yaml"), "dc1"): "a topology file stands alone",
    ("--dryrun", "dc1"): "there is no option --dryrun",
    ("--image",): "--image needs a value",
    (): "usage: scripts/kind-up.sh",
}


@pytest.mark.parametrize("arguments", MISTAKES, ids=lambda arguments: " ".join(arguments)[-30:] or "nothing")
def test_a_mistake_is_named_before_anything_is_done(arguments: tuple[str, ...]) -> None:
    result = kind_up(*arguments)
    assert result.returncode == 2
    assert MISTAKES[arguments] in result.stderr
    assert "+ " not in result.stdout


def test_everything_that_is_missing_is_said_at_once() -> None:
    result = kind_up("--istio", "dc1", path="")
    assert result.returncode == 3
    assert [line.split()[0] for line in result.stderr.splitlines()[1:-1]] == ["docker", "kind", "kubectl", "istioctl"]
    assert "fedctl sandbox up" in result.stderr


Tools = Callable[..., Path]


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """Make docker, kind and kubectl that write down their calls; `kubectl` and `docker` are what these two do besides."""
    directory = tmp_path / "tools"
    directory.mkdir()

    def put(*, clusters: str = "", kubectl: str = "", docker: str = "") -> Path:
        config = f"{tmp_path}/config"
        bodies = {
            "kind": f'case "$1 $2" in "get clusters") printf "{clusters}" ;; "create cluster") cat >> {config} ;; esac',
            "kubectl": kubectl,
            "docker": f'case "$1" in inspect) echo 172.18.0.3 ;; esac; {docker}',
        }
        for name, body in bodies.items():
            tool = directory / name
            tool.write_text(f'#!/bin/sh\necho "{name} $*" >> {tmp_path}/calls\n{body}\n', encoding="utf-8")
            tool.chmod(0o755)
        return directory

    return put


def calls(tmp_path: Path) -> list[str]:
    return (tmp_path / "calls").read_text(encoding="utf-8").splitlines()


def test_clusters_are_made_from_a_config_on_standard_input_and_published_at_their_address(
    tmp_path: Path, tools: Tools
) -> None:
    result = kind_up("dc1", path=f"{tools()}:/usr/bin:/bin")
    assert result.returncode == 0, result.stderr
    assert "podSubnet: 10.16.0.0/16" in (tmp_path / "config").read_text(encoding="utf-8")
    assert "kubectl config set-cluster kind-dc1 --server=https://172.18.0.3:6443" in calls(tmp_path)


def test_run_again_it_keeps_what_is_there_and_writes_endpoints_anew(tmp_path: Path, tools: Tools) -> None:
    result = kind_up("dc1", "dc2", path=f"{tools(clusters='dc1')}:/usr/bin:/bin")
    assert result.returncode == 0, result.stderr
    made = calls(tmp_path)
    assert "kind export kubeconfig --name dc1" in made
    assert [call.split()[4] for call in made if call.startswith("kind create")] == ["dc2"]
    assert sum("set-cluster" in call for call in made) == 2


def test_where_containers_cannot_be_reached_contexts_lead_to_loopback_again(tmp_path: Path, tools: Tools) -> None:
    unreachable = 'case "$*" in *readyz*) exit 1 ;; esac'
    result = kind_up("dc1", path=f"{tools(kubectl=unreachable)}:/usr/bin:/bin")
    assert result.returncode == 0, result.stderr
    assert calls(tmp_path)[-1] == "kind export kubeconfig --name dc1"
    assert "spec.apiEndpoint: https://172.18.0.3:6443" in result.stdout


def test_docker_that_does_not_answer_is_told_from_docker_that_is_not_there(tools: Tools) -> None:
    result = kind_up("dc1", path=f"{tools(docker='exit 1')}:/usr/bin:/bin")
    assert result.returncode == 3
    assert "is installed but does not answer" in result.stderr


def test_a_failing_command_ends_it(tmp_path: Path, tools: Tools) -> None:
    result = kind_up("dc1", path=f"{tools(kubectl='exit 1')}:/usr/bin:/bin")
    assert result.returncode != 0
    assert not any("set-cluster" in call for call in calls(tmp_path))
