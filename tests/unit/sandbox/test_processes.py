"""Detached processes: started, recognised again, never mistaken for others, ended."""

import dataclasses
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedctl.sandbox import processes
from fedctl.sandbox.processes import ProcessId

SLEEP = "/bin/sleep"


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[ProcessId]:
    process = processes.spawn([SLEEP, "60"], log=tmp_path / "log")
    yield process
    processes.end([process], grace_s=0)


def test_a_started_process_is_alive_until_it_is_ended(sleeper: ProcessId) -> None:
    assert processes.is_alive(sleeper)
    assert processes.end([sleeper], grace_s=0) == []
    assert not processes.is_alive(sleeper)


def test_a_process_that_nobody_waited_for_counts_as_ended(tmp_path: Path) -> None:
    process = processes.spawn(["/bin/true"], log=tmp_path / "log")
    assert processes.wait_until(lambda: not processes.is_alive(process), 5)


def test_another_process_with_the_same_id_is_not_taken_for_it_nor_signalled(sleeper: ProcessId) -> None:
    impostor = dataclasses.replace(sleeper, started="another time")
    assert not processes.is_alive(impostor)
    processes.send(impostor, signal.SIGKILL)
    assert processes.end([impostor], grace_s=0) == []
    assert processes.is_alive(sleeper)


def test_a_frozen_process_is_told_from_a_running_one_and_can_still_be_ended(sleeper: ProcessId) -> None:
    assert not processes.is_paused(sleeper)
    processes.send(sleeper, signal.SIGSTOP)
    assert processes.wait_until(lambda: processes.is_paused(sleeper), 5)
    assert processes.is_alive(sleeper)
    assert processes.end([sleeper], grace_s=0) == []


def test_a_process_that_ignores_a_polite_end_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    stubborn = processes.spawn(["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"], log=log)
    assert processes.wait_until(lambda: "ready" in log.read_text(), 5)
    assert processes.end([stubborn], grace_s=0.1) == []
    assert not processes.is_alive(stubborn)


def test_it_has_a_session_of_its_own_so_that_ctrl_c_does_not_reach_it(sleeper: ProcessId) -> None:
    assert os.getsid(sleeper.pid) == sleeper.pid


def test_what_it_prints_is_appended_to_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for _ in range(2):
        process = processes.spawn(["/bin/sh", "-c", "echo out; echo err >&2"], log=log)
        assert processes.wait_until(lambda process=process: not processes.is_alive(process), 5)  # type: ignore[misc]
    assert log.read_text().split() == ["out", "err"] * 2


def test_a_program_that_is_not_there_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        processes.spawn(["/nowhere/at-all"], log=tmp_path / "log")


def test_its_memory_and_its_arguments_can_be_read(sleeper: ProcessId) -> None:
    assert processes.wait_until(lambda: processes.all_with_arguments().get(sleeper.pid) == [SLEEP, "60"], 5)
    assert processes.memory_bytes(sleeper) > 0
    assert processes.identify(sleeper.pid) == sleeper


def test_a_condition_that_never_holds_is_given_up() -> None:
    began = time.monotonic()
    assert not processes.wait_until(lambda: False, 0.1)
    assert time.monotonic() - began < 5
