"""The image's definition holds together. It is read here and its Python steps are taken; no image is built."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from kubefed.version import __version__
from tests.unit.chart.containerfile import Instruction, Stage, read

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "deploy" / "Containerfile"


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    return read(FILE)


def from_the_checkout(stages: list[Stage]) -> list[Instruction]:
    return [each for stage in stages for each in stage.all("COPY") if "from" not in each.flags]


def test_every_source_that_is_copied_exists_and_is_let_into_the_build(stages: list[Stage]) -> None:
    ignored = FILE.with_name("Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    assert "*" in ignored
    sources = [source for copy in from_the_checkout(stages) for source in copy.arguments[:-1]]
    assert sources
    assert not [source for source in sources if not (ROOT / source).exists()]
    assert not [source for source in sources if not any(fnmatch(source, pattern) for pattern in allowed)]


def test_several_sources_go_into_a_directory(stages: list[Stage]) -> None:
    assert all(len(copy.arguments) == 2 or copy.arguments[-1].endswith("/") for copy in from_the_checkout(stages))


def test_stages_copy_from_stages_before_them_and_all_have_the_same_base(stages: list[Stage]) -> None:
    assert len(stages) > 1
    assert {stage.base for stage in stages} == {"${BASE}"}
    for number, stage in enumerate(stages):
        earlier = {each.name for each in stages[:number]}
        assert {copy.flags["from"] for copy in stage.all("COPY") if "from" in copy.flags} <= earlier


def test_what_is_installed_is_pinned_by_hash_and_the_index_is_the_builders_own(stages: list[Stage]) -> None:
    runs = [run.rest for stage in stages for run in stage.all("RUN")]
    installing = [step for run in runs for step in run.split("&&") if re.search(r"\bpip (install|wheel)\b", step)]
    assert len(installing) == 4
    for step in installing:
        assert "--require-hashes" in step or "--no-deps" in step, step
    assert not re.search(r"index-url|find-links|://", "\n".join(runs))
    assert not re.search(r"\b(apt|apk|curl|wget|git)\b", "\n".join(runs))


def test_what_runs_is_nobody_in_an_image_without_tools_to_build(stages: list[Stage]) -> None:
    last = stages[-1]
    assert last.all("RUN") == []
    assert [user.rest for user in last.all("USER")] == ["65532:65532"]
    assert all("from" in copy.flags for copy in last.all("COPY"))


def test_what_starts_is_a_program_of_ours_with_the_ports_of_the_chart(stages: list[Stage]) -> None:
    last = stages[-1]
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    [entry] = last.all("ENTRYPOINT")
    assert json.loads(entry.rest)[0] in scripts
    ports = {port for exposed in last.all("EXPOSE") for port in exposed.arguments}
    chart = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "charts/kubefed/templates").glob("*.yaml"))
    assert ports >= set(re.findall(r"containerPort: (\d+)", chart)) | {"8081"}


def test_what_is_copied_is_all_that_a_working_package_needs(stages: list[Stage], tmp_path: Path) -> None:
    source, wheels, installed = tmp_path / "source", tmp_path / "wheels", tmp_path / "installed"
    [packing] = [stage for stage in stages if stage.name == "wheel"]
    for copy in from_the_checkout([packing]):
        *given, target = copy.arguments
        for each in given:
            goal = source / target / Path(each).name if target.endswith("/") else source / target
            goal.parent.mkdir(parents=True, exist_ok=True)
            place = shutil.copytree if (ROOT / each).is_dir() else shutil.copy2
            place(ROOT / each, goal)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, source], check=True, timeout=120
    )
    [wheel] = wheels.iterdir()
    subprocess.run([*pip, "install", "--no-index", "--no-deps", "--target", installed, wheel], check=True, timeout=120)
    told = subprocess.run(
        [sys.executable, "-c", "from kubefed.app.main import main; main()", "version"],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
    )
    assert told.stdout == f"kubefed version: {__version__}\n", told.stderr
