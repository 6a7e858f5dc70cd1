"""However a sandbox ends, nothing of it stays: no process, no file, no port."""

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fedctl.sandbox import installed, leash, places, ports
from fedctl.sandbox import state as states
from fedctl.sandbox.lifecycle import Wish, up
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.running import Sandbox
from tests.integration.sandbox.support import fedctl, processes_in, python_command, run
from tests.support.waiting import eventually

ALONE = ("--members", "0", "--no-controllers")


def is_gone(name: str) -> bool:
    directory = places.sandbox_dir(name)
    return not directory.exists() and not processes_in(directory)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> Iterator[str]:
    """A name of its own for each test's sandbox, and nothing of it afterwards."""
    chosen = f"t{abs(hash(request.node.name)) % 10**8}"
    yield chosen
    run("down", "--name", chosen)
    assert is_gone(chosen)


def started(*command: str) -> "subprocess.Popen[bytes]":
    environment = leash.own_environment()
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def servers_run(name: str) -> bool:
    """Whether the first server of a sandbox that is being started runs."""
    return any("kube-apiserver" in path.name for path in places.sandbox_dir(name).rglob("*.log"))


def test_up_again_finds_it_and_another_shape_is_refused_and_down_removes_it(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "kubeconfig"
    first = run("up", *ALONE, "--name", name, "--write-kubeconfig", str(copy))
    assert first.returncode == 0, first.stderr
    assert "is running, after" in first.stderr
    assert copy.read_bytes() == Sandbox.attach(name).kubeconfig.read_bytes()
    used = states.ports_in_use()

    again = run("up", *ALONE, "--name", name, "--write-kubeconfig", str(copy))
    assert (again.returncode, "was running already" in again.stderr) == (0, True)
    other = run("up", "--members", "1", "--no-controllers", "--name", name)
    assert (other.returncode, "runs with other clusters or programs" in other.stderr) == (1, True)
    precious = tmp_path / "config"
    precious.write_text("a person's own", encoding="utf-8")
    assert "was left alone" in run("up", *ALONE, "--name", name, "--write-kubeconfig", str(precious)).stderr
    assert precious.read_text() == "a person's own"
    document = json.loads(run("status", "--name", name, "-o", "json").stdout)
    assert [cluster["ready"] for cluster in document["clusters"]] == [True]

    assert run("down", "--name", name).returncode == 0
    assert is_gone(name)
    assert not copy.exists()
    assert all(map(ports.is_free, used))


def test_an_owner_killed_with_sigkill_takes_its_sandbox_with_it(name: str) -> None:
    script = f"""
import signal
from fedctl.sandbox.running import Sandbox
with Sandbox.started(0, name={name!r}, owner=True, controllers=False):
    signal.pause()
"""
    owner = started(*python_command(script))
    eventually(lambda: (state := states.load(name)) is not None and state.phase == "running", "started")
    owner.kill()
    owner.wait()
    eventually(lambda: is_gone(name), "everything gone")


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda number: number.name
)
def test_a_start_that_is_ended_half_way_cleans_up_behind_itself(name: str, number: signal.Signals) -> None:
    starting = started(*fedctl("up", *ALONE, "--name", name))
    eventually(lambda: servers_run(name), "a server runs")
    starting.send_signal(number)
    assert starting.wait() != 0
    eventually(lambda: is_gone(name), "everything gone")


def test_servers_that_cannot_start_are_explained_and_nothing_stays(name: str, tmp_path: Path) -> None:
    broken = tmp_path / "servers"
    broken.write_text("#!/bin/sh\necho 'this is why' >&2\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    result = run("up", *ALONE, "--name", name, "--servers", str(broken))
    assert result.returncode == 6
    assert "this is why" in result.stderr
    assert is_gone(name)


def test_a_port_lost_to_another_program_while_starting_is_replaced(name: str) -> None:
    occupied: list[socket.socket] = []

    def take_the_port(_cluster: str, stage: str) -> None:
        # The server was started this moment and needs a while before it listens: we are faster.
        if stage == "API server starting" and not occupied:
            state = states.load(name)
            assert state is not None
            occupied.append(socket.create_server(("127.0.0.1", state.clusters["host"].port)))

    made = up(Wish(name, Plan.of(0, controllers=False), installed.find()), take_the_port)
    with closing(occupied[0]):
        assert made.state.clusters["host"].port != occupied[0].getsockname()[1]
        assert Sandbox.attach(name).host.is_ready()


def test_run_passes_its_commands_exit_code_on_and_removes_its_sandbox(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    result = run("run", *ALONE, "--", "sh", "-c", f'echo "$KUBECONFIG" > {seen}; test -s "$KUBECONFIG" && exit 42')
    assert result.returncode == 42
    directory = Path(seen.read_text().strip()).parent
    assert not directory.exists()
    assert not processes_in(directory)
