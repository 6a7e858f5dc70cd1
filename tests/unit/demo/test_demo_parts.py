"""The demo's parts that need no server: its checks, its record, finding its controller, what it prints at its end."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedctl.demo import closing, controller, record
from fedctl.demo.checks import NotShown, eventually
from fedctl.demo.kind import KindBreaker
from fedctl.demo.own_clusters import named
from fedctl.demo.record import Record
from fedctl.demo.stage import Clusters
from fedctl.sandbox import processes
from fedctl.sandbox.processes import ProcessId
from kubefed.core.errors import Misconfigured, Unreachable


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path))
        patch.delenv("KUBECONFIG", raising=False)
        yield tmp_path


def test_a_promise_that_is_not_kept_ends_the_demo_with_what_was_found() -> None:
    with pytest.raises(NotShown, match=r"(?s)the copy is back: still not so.*wanted: 2.*found:  9"):
        eventually(lambda: 9, 2, "the copy is back", within_s=0)


def test_a_server_that_does_not_answer_now_may_answer_later() -> None:
    answers: list[object] = [Unreachable("GET /version", reason="ConnectionRefused"), "v1.36.3"]

    def ask() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    eventually(ask, "v1.36.3", "member2 answers")
    assert answers == []


def test_the_record_is_read_as_it_was_written_and_goes_without_a_trace(state_home: Path) -> None:
    written = Record(contexts=("a", "b", "c"), ports=(1, 2, 3), controller=ProcessId(4, "then"))
    with record.only_one():
        assert record.load() is None
        record.save(written)
        assert record.load() == written
    record.remove()
    assert list(state_home.iterdir()) == []


def test_two_demos_do_not_work_at_the_same_time() -> None:
    with record.only_one(), pytest.raises(Misconfigured, match="another `fedctl demo`"), record.only_one():
        pass


def test_a_damaged_record_is_named() -> None:
    with record.only_one():
        (record.directory() / "demo.json").write_text("{", encoding="utf-8")
        with pytest.raises(Misconfigured, match=r"demo\.json is damaged"):
            record.load()


def test_a_controller_that_was_never_recorded_is_found_by_its_ports_and_ended(tmp_path: Path) -> None:
    script = "import time; time.sleep(60)"
    flag = "--healthz-addr=127.0.0.1:9"
    stray = processes.spawn([sys.executable, "-c", script, "controller-manager", flag], log=tmp_path / "log")
    demo = Record(ports=(9, 10, 11))
    assert processes.wait_until(lambda: controller.find(demo) == [stray], 10)
    assert controller.stop(demo)
    assert not processes.is_alive(stray)
    assert not controller.stop(demo)


def test_another_process_with_the_recorded_id_is_left_alone() -> None:
    stale = Record(controller=ProcessId(os.getpid(), "before the last reboot"), ports=(9, 10, 11))
    assert controller.find(stale) == []


def a_stage(**others: object) -> Clusters:
    fields: dict[str, object] = {
        "host": "host",
        "host_is_current": True,
        "members": {"member1": "member1", "member2": "member2"},
        "kubectl": ("/servers", "kubectl"),
        "spoken": "kubectl",
        "breaker": None,
        "allowed_ranges": (),
    }
    return Clusters(**{**fields, **others})  # type: ignore[arg-type]


def test_commands_to_try_name_everything_that_a_shell_lacks() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", "/with blank/config")
        patch.setenv("PATH", "/nowhere")
        found = closing.next_commands(a_stage(), "/venv/bin/fedctl")
    assert found == [
        "/venv/bin/fedctl get deployments -n shop --kubeconfig '/with blank/config'",
        "/servers kubectl --kubeconfig '/with blank/config' --context member2 -n shop scale deployment web --replicas=7",
        "/venv/bin/fedctl describe deployment web -n shop --kubeconfig '/with blank/config'",
    ]


def test_commands_to_try_name_a_host_that_is_not_the_current_context() -> None:
    found = closing.next_commands(a_stage(host="kind-a", host_is_current=False), "fedctl")
    assert found[0] == "fedctl get deployments -n shop --host-cluster-context kind-a"


def test_several_kubeconfigs_are_handed_on_as_they_are() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", "/a:/b")
        assert closing.next_commands(a_stage(), "fedctl")[0] == "env KUBECONFIG=/a:/b fedctl get deployments -n shop"


@pytest.mark.parametrize("contexts", [["host"], ["host", "member"], ["host", "member", "member"]])
def test_a_host_and_two_members_are_needed(contexts: list[str]) -> None:
    with pytest.raises(Misconfigured, match="a host and at least two members, each once"):
        named(contexts)


def test_a_kind_cluster_is_frozen_and_let_go_by_the_name_of_its_container(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\necho "$@" >>{calls}\n', encoding="utf-8")
    docker.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        assert KindBreaker.knows(["kind-host", "kind-member1"])
        assert not KindBreaker.knows(["kind-host", "production"])
        KindBreaker().take_away("kind-member1")
        KindBreaker().bring_back("kind-member1")
    assert calls.read_text(encoding="utf-8") == "pause member1-control-plane\nunpause member1-control-plane\n"
