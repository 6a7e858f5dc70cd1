"""The course in examples/tutorial does what it says, line by line."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from fedctl.sandbox import installed
from fedctl.sandbox.errors import NotRunning
from fedctl.sandbox.ports import free_ports
from fedctl.sandbox.running import Sandbox
from tests.e2e.course import Shell, Step, a_shell, blocks_of, follow, steps_of
from tests.e2e.newcomer import ROOT, path_with_kubectl
from tests.support.controller import BIN

TUTORIAL = ROOT / "examples" / "tutorial"
SANDBOX = "tutorial"
PAGE = (TUTORIAL / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """In a copy of the tutorial's directory. The sandbox that is started there does not outlive the test."""
    directory = shutil.copytree(TUTORIAL, tmp_path / "tutorial")
    path = path_with_kubectl(installed.find(None), tmp_path)
    _on_free_ports(tmp_path / "kubefed")
    with a_shell(directory, {"PATH": path, "KUBECONFIG": os.devnull}) as shell:
        try:
            yield shell
        finally:
            with suppress(NotRunning):
                Sandbox.attach(SANDBOX).down()


def _on_free_ports(shim: Path) -> None:
    """The controller of a course on a machine where others run as well."""
    names = ("--healthz-addr", "--metrics-addr", "--liveness-addr")
    flags = " ".join(f"{name}=127.0.0.1:{port}" for name, port in zip(names, free_ports(len(names)), strict=True))
    shim.write_text(f'#!/bin/sh\nexec {BIN / "kubefed"} "$@" {flags}\n', encoding="utf-8")
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)


@pytest.mark.timeout(600)
def test_every_command_of_the_course_does_what_the_page_shows(shell: Shell) -> None:
    for step in steps_of(PAGE):
        follow(shell, step)


def test_every_block_of_the_course_is_either_typed_or_needs_docker() -> None:
    names = [name for name, _ in blocks_of(PAGE)]
    assert set(names) == {"console", "docker"}
    for name, text in blocks_of(PAGE):
        if name == "docker":
            assert all("scripts/kind-up.sh" in line for line in text.splitlines())
    assert len(steps_of(PAGE)) == PAGE.count("\n$ ")


def test_the_lines_for_docker_make_and_remove_clusters_of_those_names() -> None:
    lines = [line for name, text in blocks_of(PAGE) if name == "docker" for line in text.splitlines()]
    for line in lines:
        command = line.replace("kind-up.sh", "kind-up.sh --dry-run").split()
        done = subprocess.run(command, cwd=TUTORIAL, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        for name in ("primary", "dc1", "dc2"):
            assert name in done.stdout


def test_the_course_uses_every_file_beside_it() -> None:
    typed = " ".join(step.command for step in steps_of(PAGE))
    for path in TUTORIAL.glob("*.yaml"):
        assert path.name in typed
        assert list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("page", "output", "shown"),
    [
        ("NAME AGE\nweb ...", "NAME   AGE\nweb    3s\n", True),
        ("a\n...\nz", "a\nb\nc\nz\n", True),
        ("a\n...\nz", "a\nz\n", True),
        ("", "", True),
        ("", "something", False),
        ("web 2/2", "web 1/2", False),
        ("web", "web\nmore", False),
    ],
)
def test_a_page_is_held_against_what_is_printed(page: str, output: str, *, shown: bool) -> None:
    assert Step("true", page).shows(output) is shown
