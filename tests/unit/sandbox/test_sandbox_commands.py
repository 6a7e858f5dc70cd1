"""The commands on a machine without any sandbox: what they answer, and with which exit code."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fedctl.sandbox import places
from fedctl.sandbox.commands import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def a_damaged_sandbox(name: str = "default") -> Path:
    directory = places.sandbox_dir(name)
    directory.mkdir(parents=True)
    (directory / "state.json").write_text("{", encoding="utf-8")
    return directory


REFUSALS = {
    ("status",): (3, "no sandbox is running"),
    ("status", "--name", "other"): (3, "no sandbox 'other' is running"),
    ("kubeconfig",): (3, "no sandbox 'default' is running"),
    ("kubectl", "get", "pods"): (3, "no sandbox 'default' is running"),
    ("stop", "member1"): (3, "no sandbox 'default' is running"),
    ("logs", "member1"): (3, "no sandbox 'default' is running"),
    ("up", "--name", "../x"): (2, "cannot name a sandbox"),
    ("up", "--servers", "/nowhere"): (4, "no servers at /nowhere"),
    ("up", "--topology", "/nowhere"): (2, "cannot read topology /nowhere"),
    ("up", "--members", "1", "--topology", "/nowhere"): (2, "exclude each other"),
    ("up", "--members", "-1"): (2, "greater than or equal to 0"),
    ("up", "--members", "many"): (2, "valid integer"),
    ("topology", "/nowhere"): (2, "cannot read topology /nowhere"),
    ("run",): (2, "Missing argument"),
    ("run", "--servers", "/nowhere", "--", "true"): (4, "no servers at /nowhere"),
    ("no-such-command",): (2, "No such command"),
}


@pytest.mark.parametrize("arguments", REFUSALS, ids=" ".join)
def test_a_refusal_is_a_sentence_and_an_exit_code(arguments: tuple[str, ...]) -> None:
    code, words = REFUSALS[arguments]
    result = run(*arguments)
    assert words in result.output
    assert result.exit_code == code
    assert "Traceback" not in result.output


def test_nothing_to_remove_is_not_a_failure() -> None:
    result = run("down")
    assert (result.exit_code, result.output) == (0, "There is no sandbox default; nothing to remove.\n")


def test_removing_everything_where_nothing_is_says_so() -> None:
    result = run("down", "--all")
    assert (result.exit_code, result.output) == (0, "There is no sandbox; nothing to remove.\n")


@pytest.mark.parametrize(
    "command", [("status",), ("up", "--no-controllers"), ("kubeconfig",), ("stop", "host")], ids=" ".join
)
def test_a_damaged_state_is_explained_by_every_command(command: tuple[str, ...], tmp_path: Path) -> None:
    a_damaged_sandbox()
    servers = tmp_path / "servers"
    servers.write_text("#!/bin/sh\n", encoding="utf-8")
    servers.chmod(0o755)
    result = run(*command, *(["--servers", str(servers)] if command[0] == "up" else []))
    assert "cannot be read" in result.output
    assert "fedctl sandbox down --name default" in result.output
    assert result.exit_code == 1


def test_down_removes_a_sandbox_whose_state_is_damaged() -> None:
    directory = a_damaged_sandbox()
    assert run("down").exit_code == 0
    assert not directory.exists()


def test_down_leaves_not_even_empty_directories(homes: Path) -> None:
    a_damaged_sandbox()
    run("down")
    assert not any((homes / "state").rglob("*"))


def test_status_removes_what_a_killed_start_left(homes: Path) -> None:
    places.sandbox_dir("default").mkdir(parents=True)
    result = run("status")
    assert "Removed what was left of sandbox default" in result.output
    assert not any((homes / "state").rglob("*"))


def test_a_topology_is_shown_for_people_and_for_scripts(tmp_path: Path) -> None:
    file = tmp_path / "topology.yaml"
    file.write_text("clusters: [{name: h, role: host}, {name: m, region: r, zones: [a]}]", encoding="utf-8")
    assert "m-node1 (a)" in run("topology", str(file)).output
    assert run("topology", str(file), "-o", "lines").output.splitlines()[1] == "m member r a network1 - - -"


def test_every_command_explains_itself() -> None:
    for command in (
        "up",
        "down",
        "status",
        "run",
        "build",
        "kubeconfig",
        "kubectl",
        "stop",
        "start",
        "pause",
        "resume",
        "logs",
    ):
        result = run(command, "--help")
        assert result.exit_code == 0
        assert "Usage:" in result.output
