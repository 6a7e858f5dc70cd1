"""What a person reads about a sandbox."""

import dataclasses
import io
import json
from collections.abc import Sequence

import pytest
from rich.console import Console

from fedctl.sandbox import screens
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.status import ClusterStatus, ProgramState, ProgramStatus


def a_cluster(
    name: str = "member1", *, ready: bool = True, states: Sequence[ProgramState] = ("running", "running")
) -> ClusterStatus:
    names = ("kube-apiserver", "kube-controller-manager")
    programs = [ProgramStatus(program, 100, state, 290) for program, state in zip(names, states, strict=True)]
    return ClusterStatus(
        name=name,
        role="member",
        region="eu",
        endpoint="https://127.0.0.1:12345",
        version="v1.36.3" if ready else "",
        ready=ready,
        programs=tuple(programs),
        nodes=(2, 2) if ready else None,
    )


def printed(what: object, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(what)
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def test_clusters_fit_into_80_columns_on_a_line_each() -> None:
    lines = printed(screens.clusters([a_cluster("host"), a_cluster("member1")])).splitlines()
    assert [line.split()[0] for line in lines] == ["CLUSTER", "host", "member1"]
    assert lines[1].split()[-4:] == ["yes", "2/2", "580", "MiB"]


READINESS: dict[str, tuple[ClusterStatus, str]] = {
    "ready": (a_cluster(), "yes"),
    "frozen": (a_cluster(ready=False, states=("paused", "running")), "no: apiserver paused"),
    "stopped as a whole": (a_cluster(ready=False, states=("stopped", "stopped")), "no: stopped"),
    "ready without its controllers": (a_cluster(states=("running", "stopped")), "yes: controller-manager stopped"),
    "starting": (a_cluster(ready=False), "no"),
    "in a network of its own": (dataclasses.replace(a_cluster(ready=False), here=False), "isolated"),
}


@pytest.mark.parametrize("case", READINESS)
def test_who_is_not_ready_says_which_server_is_to_blame(case: str) -> None:
    status, words = READINESS[case]
    assert printed(screens.readiness(status)).strip() == words


def test_programs_get_the_same_facts() -> None:
    document = json.loads(
        screens.as_json("default", "/path", [a_cluster()], [ProgramStatus("etcd shared", 7, "running", 100)])
    )
    assert document["clusters"][0]["ready"] is True
    assert document["clusters"][0]["memory_mib"] == 580
    assert document["clusters"][0]["programs"][0]["name"] == "kube-apiserver"
    assert document["shared"][0]["pid"] == 7


def test_next_steps_name_the_sandbox_when_it_is_not_the_usual_one() -> None:
    assert "--name" not in screens.next_steps("fedctl", "default", Plan.of(1), "/path")
    steps = screens.next_steps("fedctl", "other", Plan.of(1), "/path")
    assert "kubectl --sandbox other --context member1" in steps
    assert "down --name other" in steps


def test_next_steps_can_be_pasted_as_they_are() -> None:
    steps = screens.next_steps(".venv/bin/fedctl", "default", Plan.of(0), "/a path/kubeconfig").splitlines()
    assert steps[0] == "  export KUBECONFIG='/a path/kubeconfig'"
    assert steps[1] == "  .venv/bin/fedctl sandbox kubectl --context host get namespaces"


@pytest.mark.parametrize(
    ("invoked", "found", "words"),
    [
        ("/venv/bin/fedctl", "/venv/bin/fedctl", "fedctl"),
        (".venv/bin/fedctl", None, ".venv/bin/fedctl"),
        ("/a path/fedctl", "/usr/bin/fedctl", "'/a path/fedctl'"),
        ("/venv/lib/fedctl/sandbox/__main__.py", None, "fedctl"),
    ],
)
def test_fedctl_is_called_as_the_person_can_call_it(invoked: str, found: str | None, words: str) -> None:
    assert screens.spoken(invoked, found) == words
