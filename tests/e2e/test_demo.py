"""The demo, run as a person runs it: what it says, what it leaves running, what it leaves behind when it is removed."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedctl.sandbox import processes
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.running import Sandbox
from fedctl.sandbox.topology import ClusterSpec, NodeSpec, Topology
from tests.support.controller import BIN
from tests.support.waiting import eventually

Result = subprocess.CompletedProcess[str]

_COMMAND_S = 240
STEPS = (
    "Real API servers: a host and three members",
    "Install the federation in the host",
    "Start the controller",
    "Join the members",
    "Federate a type of one's own",
    "Federate an ordinary object of the host",
    "Apply the examples",
    "One template, different in every member",
    "Drift is put back",
    "A member is lost, and the others are served",
    "The member is back, and catches up",
)


class Person:
    """Somebody with a shell, a state directory of their own, and nothing of kubefed in PATH."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.environment = {**os.environ, "XDG_STATE_HOME": str(state)}
        for name in ("DEMO_CONTEXTS", "KUBECONFIG", "MAKELEVEL"):
            self.environment.pop(name, None)

    def runs(self, *command: str, **environment: str) -> Result:
        together = {**self.environment, **environment}
        return subprocess.run(command, cwd=self.state, env=together, capture_output=True, text=True, timeout=_COMMAND_S)

    def demo(self, *arguments: str, **environment: str) -> Result:
        return self.runs(str(BIN / "fedctl"), "demo", *arguments, **environment)

    def processes(self) -> list[list[str]]:
        """The command lines of everything that runs from, or on, this state directory, but for the tests."""
        running = processes.all_with_arguments()
        return [
            arguments
            for pid, arguments in running.items()
            if pid != os.getpid() and any(str(self.state) in argument for argument in arguments)
        ]


@pytest.fixture
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    someone = Person(tmp_path_factory.mktemp("state"))
    try:
        yield someone
    finally:
        someone.demo("down")


def shown(result: Result) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def assert_nothing_is_left(person: Person) -> None:
    eventually(lambda: not person.processes(), "every process has ended")
    assert list(person.state.iterdir()) == []


def commands_to_try(transcript: str) -> list[str]:
    listed = transcript.partition("Three commands to try next:\n")[2]
    return [line.strip() for line in listed.splitlines() if line.startswith("  ")]


def test_the_demo_shows_everything_and_goes_without_a_trace(person: Person) -> None:
    said = shown(person.demo("up"))
    assert re.findall(r"^\[\d+/11\] (.*)$", said, re.MULTILINE) == list(STEPS)
    assert len(re.findall(r"^      \d+\.\d s$", said, re.MULTILINE)) == len(STEPS)
    assert "\x1b" not in said, "no colours where there is no terminal"
    assert re.search(r"^member2 +3 +3/3 +nginx:1.28-alpine +blue$", said, re.MULTILINE)
    assert re.search(r"^member1 +Deployment web +2 x nginx:1.28-alpine +9 x nginx:drifted +2 x nginx", said, re.MULTILINE)
    assert re.search(r"^member2 +Offline", said, re.MULTILINE)

    commands = commands_to_try(said)
    assert len(commands) == 3
    answers = [shown(person.runs("sh", "-c", command)) for command in commands]
    assert "6/6" in answers[0]
    assert "scaled" in answers[1]
    assert "web" in answers[2]

    again = shown(person.demo("up"))
    assert "was running already" in again
    assert re.findall(r"^\[\d+/11\] (.*)$", again, re.MULTILINE) == list(STEPS)

    assert "removed" in person.demo("down").stderr
    assert_nothing_is_left(person)
    assert "nothing to remove" in person.demo("down").stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_can_be_removed(person: Person, number: signal.Signals) -> None:
    command = [str(BIN / "fedctl"), "demo", "up"]
    with subprocess.Popen(
        command, cwd=person.state, env=person.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as demo:
        assert demo.stdout is not None
        while "Join the members" not in demo.stdout.readline():
            assert demo.poll() is None
        demo.send_signal(number)
        demo.stdout.read()
    assert demo.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    assert person.processes(), "the clusters and the controller go on"
    shown(person.demo("down"))
    assert_nothing_is_left(person)


OWN = Topology(
    clusters=(
        ClusterSpec(name="alpha", role="host"),
        ClusterSpec(name="beta", region="eu", zones=("eu-a",), nodes=(NodeSpec(name="beta-node", zone="eu-a"),)),
        ClusterSpec(name="gamma", region="us", zones=("us-a",), nodes=(NodeSpec(name="gamma-node", zone="us-a"),)),
    )
)


def test_the_demo_on_clusters_that_run_already_leaves_them_as_they_were(person: Person) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(person.state))
        with Sandbox.up(Plan.of(OWN), name="own", owner=True) as sandbox:
            kubeconfig = {"KUBECONFIG": str(sandbox.kubeconfig)}
            kubectl = sandbox.state().programs.command("kubectl")

            def contents() -> list[str]:
                kinds = "namespaces,customresourcedefinitions,clusterroles,clusterrolebindings"
                asked = [
                    shown(person.runs(*kubectl, "--context", context, "get", kinds, "-o", "name", **kubeconfig))
                    for context in sandbox.clusters
                ]
                return [name for said in asked for name in said.splitlines()]

            before = contents()
            said = shown(person.demo("up", DEMO_CONTEXTS="alpha,beta,gamma", **kubeconfig))
            assert re.findall(r"^\[\d+/9\] (.*)$", said, re.MULTILINE) == [
                "Your clusters: a host and its members",
                *STEPS[1:9],
            ]
            for command in commands_to_try(said):
                shown(person.runs("sh", "-c", command))
            shown(person.demo("down"))
            assert contents() == before
    assert_nothing_is_left(person)


def test_contexts_with_something_of_somebody_elses_are_left_alone(person: Person) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(person.state))
        with Sandbox.started(2, name="taken", controllers=False) as sandbox:
            kubeconfig = {"KUBECONFIG": str(sandbox.kubeconfig)}
            kubectl = [*sandbox.state().programs.command("kubectl"), "--context", "member2"]
            shown(person.runs(*kubectl, "create", "namespace", "shop", **kubeconfig))
            refused = person.demo("up", "--contexts", "host,member1,member2", **kubeconfig)
            assert refused.returncode == 1
            assert "member2 has namespace shop already" in refused.stderr
            shown(person.demo("down"))
            shown(person.runs(*kubectl, "get", "namespace", "shop", **kubeconfig))


def test_too_few_contexts_are_refused(person: Person) -> None:
    refused = person.demo("up", DEMO_CONTEXTS="host,member")
    assert refused.returncode == 1
    assert "a host and at least two members" in refused.stderr
