"""Which servers are taken: named ones, those of $KUBEBUILDER_ASSETS, the cached build."""

import os
from pathlib import Path

import pytest

from fedctl.sandbox import installed, programs, sources
from fedctl.sandbox.errors import NoServers
from fedctl.sandbox.programs import Programs


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def cached() -> Path:
    return executable(installed.cached_binary(sources.find(), sources.this_machine()))


def test_a_multi_call_binary_gets_the_program_as_its_first_argument(tmp_path: Path) -> None:
    binary = executable(tmp_path / "servers")
    assert programs.at(binary).command("etcd") == [str(binary), "etcd"]


def test_a_directory_of_programs_is_used_file_by_file(tmp_path: Path) -> None:
    executable(tmp_path / "etcd")
    assert programs.at(tmp_path).command("etcd") == [str(tmp_path / "etcd")]


def test_a_directory_with_the_binary_means_the_binary(tmp_path: Path) -> None:
    binary = executable(tmp_path / "kubefed-sandbox")
    assert programs.at(tmp_path) == Programs(binary)


def test_missing_programs_are_named(tmp_path: Path) -> None:
    executable(tmp_path / "etcd")
    executable(tmp_path / "kube-apiserver")
    with pytest.raises(NoServers, match="no executable kube-controller-manager, kube-scheduler") as caught:
        programs.at(tmp_path).require(["etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager"])
    assert "--no-controllers" in caught.value.todo


def test_a_file_that_cannot_be_executed_is_missing(tmp_path: Path) -> None:
    binary = tmp_path / "servers"
    binary.touch()
    with pytest.raises(NoServers):
        programs.at(binary).require(["etcd"])


def test_a_place_that_is_not_there_is_refused() -> None:
    with pytest.raises(NoServers, match="no servers at /nowhere"):
        programs.at(Path("/nowhere"))


def test_named_servers_come_before_the_environments_and_those_before_the_cached_build(tmp_path: Path) -> None:
    build, assets, named = cached(), tmp_path / "assets", executable(tmp_path / "named")
    assets.mkdir()
    assert installed.find() == Programs(build)
    os.environ["KUBEBUILDER_ASSETS"] = str(assets)
    assert installed.find() == Programs(assets)
    assert installed.find(named) == Programs(named)


def test_without_any_servers_it_says_how_to_build_them() -> None:
    with pytest.raises(NoServers) as caught:
        installed.find()
    assert "fedctl sandbox build" in caught.value.todo
