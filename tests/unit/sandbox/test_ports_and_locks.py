"""Ports that are free, and locks that nothing is left of."""

import socket
import threading
from contextlib import closing
from pathlib import Path

import pytest

from fedctl.sandbox import locks, ports


def test_ports_are_different_and_free_and_below_those_of_outgoing_connections() -> None:
    found = ports.free_ports(20)
    assert len(set(found)) == 20
    assert all(ports.LOWEST <= port < ports.HIGHEST <= 32768 and ports.is_free(port) for port in found)


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        assert not ports.is_free(server.getsockname()[1])


def test_a_port_that_somebody_listens_on_everywhere_is_not_free() -> None:
    with closing(socket.create_server(("", 0))) as server:
        assert not ports.is_free(server.getsockname()[1])


def test_ports_to_avoid_are_avoided() -> None:
    wanted = range(20000, 20500)
    (found,) = ports.free_ports(1, avoid=set(range(ports.LOWEST, ports.HIGHEST)) - set(wanted))
    assert found in wanted


def test_only_one_holds_a_lock(tmp_path: Path) -> None:
    told: list[str] = []
    second = locks.exclusive(tmp_path, timeout_s=0, waiting=lambda: told.append("waiting"))
    with locks.exclusive(tmp_path, timeout_s=5), pytest.raises(locks.Busy), second:
        pass
    assert told == ["waiting"]
    with locks.exclusive(tmp_path, timeout_s=0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_who_waits_gets_the_lock_when_it_is_given_back(tmp_path: Path) -> None:
    got_it, waits = threading.Event(), threading.Event()

    def second() -> None:
        with locks.exclusive(tmp_path, timeout_s=30, waiting=waits.set):
            got_it.set()

    thread = threading.Thread(target=second)
    with locks.exclusive(tmp_path, timeout_s=5):
        thread.start()
        assert waits.wait(10)
        assert not got_it.is_set()
    assert got_it.wait(10)
    thread.join()


def test_a_lock_on_a_directory_that_goes_is_no_lock(tmp_path: Path) -> None:
    directory = tmp_path / "sandbox"
    directory.mkdir()
    outcome: list[type[BaseException]] = []
    waits = threading.Event()

    def second() -> None:
        try:
            with locks.exclusive(directory, timeout_s=30, waiting=waits.set):
                pass
        except FileNotFoundError as fault:
            outcome.append(type(fault))

    thread = threading.Thread(target=second)
    with locks.exclusive(directory, timeout_s=5):
        thread.start()
        assert waits.wait(10)
        directory.rmdir()
    thread.join(10)
    assert outcome == [FileNotFoundError]
