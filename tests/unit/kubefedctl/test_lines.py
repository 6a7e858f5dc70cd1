"""What kubefedctl prints and how it ends, as far as that takes no cluster."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kubefed.version import __version__
from kubefedctl.flags import LOGGING
from kubefedctl.main import ROOT, run
from tests.support.inprocess import Said

HEADER = re.compile(r"^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ [a-z_]+\.py:\d+\] ")
FATAL, MISTYPED = 255, 1
CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: hours, namespace: shop, labels: {app: shop}, annotations: {note: hidden}}
data: {open: "9", days: weekdays}
---
apiVersion: example.com/v1
kind: Policy
metadata: {name: strict}
"""
FEDERATED = """\
---
apiVersion: types.kubefed.io/v1beta1
kind: FederatedConfigMap
metadata:
  name: hours
  namespace: shop
spec:
  placement:
    clusterSelector:
      matchLabels: {}
  template:
    data:
      days: weekdays
      open: "9"
    metadata:
      labels:
        app: shop
---
apiVersion: types.kubefed.io/v1beta1
kind: FederatedPolicy
metadata:
  name: strict
spec:
  placement:
    clusterSelector:
      matchLabels: {}
  template: {}
"""

Cli = Callable[..., Said]


@dataclass(frozen=True, slots=True)
class Nowhere:
    """No kubeconfig leads anywhere."""

    capture: pytest.CaptureFixture[str]

    def __call__(self, *typed: str) -> Said:
        code = run(typed)
        captured = self.capture.readouterr()
        return Said(code, captured.out, captured.err)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("KUBECONFIG", "/nonexistent")
    return Nowhere(capsys)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("join", "NAME is required"),
        ("unjoin --force", "NAME is required"),
        ("join a --host-cluster-name a/b", 'host-cluster-name may not contain "/" or ":"'),
        ("unjoin a --host-cluster-name=a:b", 'host-cluster-name may not contain "/" or ":"'),
        ("enable", "NAME is required"),
        ("enable a -o json", "Invalid value for --output: json"),
        ("disable", "NAME is required"),
        ("disable a --version v1", "--version flag valid only with --delete-crd"),
        ("disable a --federated-group x.io", "--federated-group flag valid only with --delete-crd"),
        ("federate", "TYPE-NAME is required"),
        ("federate ns", "RESOURCE-NAME is required"),
        ("federate a b -o=json", "Invalid value for --output: json"),
        ("federate a b -t -o yaml", "Flag '--enable-type' cannot be used with '--output [yaml]'"),
        ("federate a b -f c", "Flag '--filename' does not take any args. Got args: [a b]"),
        ("orphaning-deletion enable", "resource type is required"),
        ("orphaning-deletion status fdeploy", "resource name is required"),
        ("get clusters -o table", "Invalid value for --output: table"),
        ("get deploy -n a -A", "--namespace and --all-namespaces exclude each other"),
    ],
)
def test_an_error_is_a_fatal_line_and_exit_code_255(cli: Cli, line: str, sentence: str) -> None:
    said = cli(*line.split())
    assert (said.code, said.out) == (FATAL, "")
    assert HEADER.match(said.err), said.err
    assert said.err.startswith("F")
    assert HEADER.sub("", said.err) == f"Error: {sentence}\n"


@pytest.mark.parametrize(
    "line",
    [
        "join a --cluster-context b --host-cluster-context c --v=2",
        "unjoin a",
        "enable configmaps",
        "disable configmaps --dry-run",
        "federate ns shop --contents -s pods,rs",
        "orphaning-deletion disable fdeploy web -n shop --kubefed-namespace x --dry-run",
        "get clusters --all-namespaces",
    ],
)
def test_a_cluster_that_cannot_be_found_is_an_error_as_well(cli: Cli, line: str) -> None:
    said = cli(*line.split())
    assert (said.code, said.out) == (FATAL, "")
    assert "] Error: kubeconfig /nonexistent cannot be used" in said.err


@pytest.mark.parametrize(("line", "known"), [("joi x", "join"), ("vesion", "version"), ("--v=2 federated", "federate")])
def test_an_unknown_command_is_answered_with_what_may_be_meant(cli: Cli, line: str, known: str) -> None:
    word = line.rsplit(maxsplit=1)[-1] if "=" in line else line.split(maxsplit=1)[0]
    said = cli(*line.split())
    assert (said.code, said.out) == (MISTYPED, "")
    sentence = f'unknown command "{word}" for "kubefedctl"\n\nDid you mean this?\n\t{known}\n'
    assert said.err == f"Error: {sentence}\nRun 'kubefedctl --help' for usage.\n{sentence}\n"


def test_an_unknown_flag_is_answered_with_the_commands_usage(cli: Cli) -> None:
    said = cli("join", "a", "--bogus")
    assert (said.code, said.out) == (MISTYPED, "")
    assert said.err.startswith("Error: unknown flag: --bogus\nUsage:\n  kubefedctl join CLUSTER_NAME")
    assert said.err.endswith("\nunknown flag: --bogus\n")


def test_what_was_typed_cannot_act_on_the_terminal(cli: Cli) -> None:
    for typed in (["\x1b[31mjoin"], ["join", "--\x1b[31m"]):
        assert "\x1b" not in cli(*typed).all


@pytest.mark.parametrize("typed", [[], ["-h"], ["--help"], ["help"]])
def test_the_root_shows_every_command(cli: Cli, typed: list[str]) -> None:
    said = cli(*typed)
    assert (said.code, said.err) == (0, "")
    for command in ROOT.commands:
        assert f"\n  {command.name} " in said.out
    for flag in LOGGING:
        assert f"--{flag.name}" in said.out


@pytest.mark.parametrize(
    ("command", "flags"),
    [
        ("join", "cluster-context host-cluster-name secret-name error-on-existing"),
        ("unjoin", "cluster-context host-cluster-name force"),
        ("enable", "federated-group federated-version version output filename"),
        ("disable", "delete-crd federated-group version"),
        ("federate", "namespace output enable-type contents filename skip-api-resources"),
        ("orphaning-deletion enable", "namespace"),
        ("orphaning-deletion disable", "namespace"),
        ("orphaning-deletion status", "namespace"),
        ("version", "help"),
    ],
)
def test_help_names_kubefeds_flags(cli: Cli, command: str, flags: str) -> None:
    said = cli(*command.split(), "--help")
    assert (said.code, said.err) == (0, "")
    assert said == cli("help", *command.split())
    common = "" if command == "version" else "kubeconfig host-cluster-context"
    for name in f"{flags} {common} v logtostderr".split():
        assert f"--{name}" in said.out, name
    hides_them = command.startswith(("orphaning", "version"))
    assert ("--kubefed-namespace" in said.out, "--dry-run" in said.out) == (not hides_them, not hides_them)


@pytest.mark.parametrize("typed", [["orphaning-deletion"], ["orphaning-deletion", "enabl", "a", "b"]])
def test_a_group_of_commands_shows_itself(cli: Cli, typed: list[str]) -> None:
    said = cli(*typed)
    assert said.code == 0
    assert "Available Commands:\n  disable " in said.out


def test_the_version_is_printed_as_a_go_struct(cli: Cli) -> None:
    said = cli("--v=2", "version", "--logtostderr=false", "-v", "4")
    names = ["Version", "GitCommit", "GitTreeState", "BuildDate", "GoVersion", "Compiler", "Platform"]
    fields = (f'{name}:"[^"]+"' for name in names)
    assert re.fullmatch(rf"kubefedctl version: version\.Info{{{', '.join(fields)}}}\n", said.out)
    assert f'Version:"v{__version__}"' in said.out
    assert (said.code, said.err) == (0, "")


def test_a_file_is_federated_without_any_cluster_in_kubefeds_order_of_fields(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "objects.yaml"
    path.write_text(CONFIG_MAP)
    said = cli("federate", "-f", str(path), "--dry-run", "-t")
    assert (said.code, said.out) == (0, FEDERATED)
    assert HEADER.match(said.err)
    assert said.err.startswith("W")
    assert "shop/hours will not have its annotations: note." in said.err


def test_headers_of_messages_can_be_left_out(cli: Cli) -> None:
    assert cli("join", "--skip-headers").err == "Error: NAME is required\n"
    assert " kubefedctl/main.py:" in cli("join", "--add-dir-header").err


def test_messages_go_to_a_file_when_that_is_wanted(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "objects.yaml"
    path.write_text(CONFIG_MAP)
    typed = ["federate", "-f", str(path), "--logtostderr=false", f"--log-file={tmp_path / 'log'}"]
    assert cli(*typed).err == ""
    assert cli(*typed, "--stderrthreshold=WARNING").err.startswith("W")
    assert cli(*typed, "--alsologtostderr").err.startswith("W")
    assert len((tmp_path / "log").read_text().splitlines()) == 3
    said = cli("join", "--logtostderr=false", "--log-dir", str(tmp_path / "missing"))
    assert said.code == FATAL
    assert "Traceback" not in said.err
