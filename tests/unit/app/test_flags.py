"""Command lines that were written for KubeFed's programs work."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kubefed.app.config_file import read_config_file
from kubefed.app.klog import without_klog
from kubefed.app.main import app
from kubefed.core.errors import Misconfigured
from kubefed.version import __version__

KUBEFEDS = [
    "--kubefed-namespace=fed",
    "--kubeconfig=/etc/kubeconfig",
    "--master=https://host.example:6443",
    "--kubefed-config=/etc/kubefed.yaml",
    "--healthz-addr=:8080",
    "--metrics-addr=:9090",
    "--rest-config-qps=5.5",
    "--rest-config-burst=10",
    "--v=4",
]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["--v=4"], ["--v=4"]),
        (["-v=4"], ["--v=4"]),
        (["-v", "4"], ["--v=4"]),
        (["--logtostderr", "--v", "4"], ["--v", "4"]),
        (["--logtostderr=false", "--alsologtostderr=true", "--one-output"], []),
        (["--stderrthreshold", "WARNING", "--shadow"], ["--shadow"]),
        (["--log_file=/tmp/x", "--log-file-max-size", "10", "--vmodule=a=1"], []),
        (["--version"], ["--version"]),
        (["--kubeconfig", "--vmodule"], ["--kubeconfig"]),
        ([], []),
    ],
)
def test_klogs_flags_are_taken_in_every_spelling(given: list[str], kept: list[str]) -> None:
    assert without_klog(["controller-manager", *given]) == ["controller-manager", *kept]


@pytest.mark.parametrize("program", ["controller-manager", "webhook"])
def test_the_version_is_said_where_kubefed_said_it(program: str) -> None:
    told = CliRunner().invoke(app, [program, "--version"])
    assert (told.exit_code, told.stdout) == (0, f"KubeFed {program} version: {__version__}\n")


def test_the_controller_takes_all_of_kubefeds_flags() -> None:
    told = CliRunner().invoke(app, ["controller-manager", *KUBEFEDS, "--version"])
    assert told.exit_code == 0, told.output


@pytest.mark.parametrize("flag", ["--rest-config-qps=fast", "--rest-config-burst=1.5", "--no-such-flag"])
def test_what_is_no_flag_or_no_value_of_it_is_refused(flag: str) -> None:
    assert CliRunner().invoke(app, ["controller-manager", flag, "--version"]).exit_code == 2


CONFIG = "apiVersion: core.kubefed.io/v1beta1\nkind: KubeFedConfig\nmetadata:\n  name: mine\nspec:\n  scope: Namespaced\n"


def test_a_configuration_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "kubefed.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    assert read_config_file(file).spec.scope == "Namespaced"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no KubeFedConfig"),
        ("[]", "is no KubeFedConfig"),
        ("a: [", "cannot be read"),
        (CONFIG.replace("KubeFedConfig", "ConfigMap"), "is no KubeFedConfig of core.kubefed.io/v1beta1"),
        (CONFIG + "---\n" + CONFIG, "cannot be read"),
        ("!!python/object:os.system {}", "cannot be read"),
    ],
)
def test_a_file_that_holds_no_configuration_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "kubefed.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured, match=said) as refusal:
        read_config_file(file)
    assert str(file) in str(refusal.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="FileNotFoundError"):
        read_config_file(tmp_path / "none.yaml")
