"""What is recorded of a sandbox: read back as written, refused when damaged, recognised when left behind."""

import os
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from fedctl.sandbox import places, processes
from fedctl.sandbox import state as states
from fedctl.sandbox.errors import BadTopology
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.processes import ProcessId
from fedctl.sandbox.state import ClusterState, State, StoreState

GONE = ProcessId(pid=4194304, started="long ago")
"""No process: the id is above what Linux gives out."""


class StateBuilder:
    """A running sandbox of a host and a member, whose one process is this very test."""

    def __init__(self) -> None:
        self.phase = "running"
        self.maker = processes.myself()
        self.owner: ProcessId | None = None
        self.server = processes.myself()

    def owned_by(self, owner: ProcessId) -> "StateBuilder":
        self.owner = owner
        return self

    def with_servers(self, server: ProcessId) -> "StateBuilder":
        self.server = server
        return self

    def starting(self, maker: ProcessId) -> "StateBuilder":
        self.phase, self.maker = "starting", maker
        return self

    def build(self) -> State:
        networks = {"services": IPv4Network("10.100.0.0/20"), "pods": IPv4Network("198.18.0.0/21")}
        clusters = {
            name: ClusterState(name=name, port=port, store="shared", processes={"kube-apiserver": self.server}, **networks)
            for name, port in (("host", 20001), ("member1", 20002))
        }
        return State(
            name="default",
            phase="running" if self.phase == "running" else "starting",
            created=datetime.now(UTC),
            maker=self.maker,
            owner=self.owner,
            servers=Path("/cache/kubefed-sandbox"),
            plan=Plan.of(1),
            stores={"shared": StoreState(name="shared", client_port=20003, peer_port=20004, process=self.server)},
            clusters=clusters,
        )


def a_state() -> StateBuilder:
    return StateBuilder()


def saved(state: State) -> State:
    state.directory.mkdir(parents=True)
    state.save()
    return state


def test_what_was_saved_is_read_back() -> None:
    state = saved(a_state().owned_by(processes.myself()).build())
    assert states.load("default") == state


def test_a_sandbox_that_is_not_there_has_no_state() -> None:
    assert states.load("default") is None
    assert states.names() == []


@pytest.mark.parametrize("damage", ["", "{", '{"version": 2}', "\x00\xff", "[]"])
def test_a_damaged_state_is_refused_with_a_way_out(damage: str) -> None:
    state = saved(a_state().build())
    (state.directory / "state.json").write_text(damage, encoding="latin-1")
    with pytest.raises(states.Unreadable) as caught:
        states.load("default")
    assert "fedctl sandbox down --name default" in caught.value.todo


def test_a_state_that_could_not_be_written_leaves_the_old_one() -> None:
    state = saved(a_state().build())
    # As on a full disk: the draft cannot be made.
    (state.directory / "state.new").mkdir()
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        state.save()
    assert states.load("default") == state


STALE = {
    "running servers": (a_state(), False),
    "all servers dead": (a_state().with_servers(GONE), True),
    "owner alive": (a_state().owned_by(processes.myself()), False),
    "owner dead": (a_state().owned_by(GONE), True),
    "being started": (a_state().starting(processes.myself()).with_servers(GONE), False),
    "killed while starting": (a_state().starting(GONE), True),
}


@pytest.mark.parametrize("case", STALE)
def test_what_was_left_behind_is_recognised(case: str) -> None:
    builder, stale = STALE[case]
    assert builder.build().is_stale() is stale


def test_all_ports_are_known_also_those_of_stopped_servers() -> None:
    saved(a_state().with_servers(GONE).build())
    assert states.ports_in_use() == {20001, 20002, 20003, 20004}


def test_a_damaged_neighbour_does_not_hide_the_ports_of_others() -> None:
    saved(a_state().build())
    neighbour = places.sandbox_dir("neighbour")
    neighbour.mkdir()
    (neighbour / "state.json").write_text("{", encoding="utf-8")
    assert 20001 in states.ports_in_use()


@pytest.mark.parametrize("name", ["../elsewhere", "", "a/b", ".hidden", "A", "-x", "a" * 41])
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(BadTopology, match="cannot name a sandbox"):
        places.sandbox_dir(name)


def test_two_commands_on_one_sandbox_wait_for_each_other() -> None:
    second = states.locked("default", timeout_s=0)
    with states.locked("default", create=True), pytest.raises(states.Busy, match="being started or stopped"), second:
        pass


def test_there_is_nothing_to_lock_without_a_sandbox() -> None:
    with states.locked("default"):
        assert not places.sandbox_dir("default").exists()


def test_a_relative_xdg_directory_is_ignored_as_the_specification_says(homes: Path) -> None:
    os.environ["XDG_STATE_HOME"] = "relative"
    assert places.sandboxes_home().is_absolute()
    assert homes not in places.sandboxes_home().parents
