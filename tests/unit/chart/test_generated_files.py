"""What the chart takes from tables of this project is what those tables say."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubefed.version import __version__

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "charts" / "kubefed"


def check(chart: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fedctl.chart.generate", "--check", "--chart", str(chart)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_charts_generated_files_are_up_to_date() -> None:
    done = check(CHART)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_charts_crds_are_those_of_the_checkout_to_the_byte() -> None:
    ours, theirs = (
        {path.name: path.read_bytes() for path in folder.glob("*.yaml")} for folder in (ROOT / "crds", CHART / "crds")
    )
    assert ours == theirs


@pytest.mark.parametrize("file", ["crds/core.kubefed.io_kubefedclusters.yaml", "files/rights.yaml", "files/types.yaml"])
def test_a_drifted_file_is_found_and_named(tmp_path: Path, file: str) -> None:
    chart = tmp_path / "kubefed"
    shutil.copytree(CHART, chart)
    (chart / file).write_text((chart / file).read_text(encoding="utf-8") + "more: true\n", encoding="utf-8")
    done = check(chart)
    assert (done.returncode, done.stdout) == (1, f"not up to date in the chart: {file}\n")


def test_a_crd_too_many_is_found(tmp_path: Path) -> None:
    chart = tmp_path / "kubefed"
    shutil.copytree(CHART, chart)
    (chart / "crds" / "old.yaml").write_text("kind: CustomResourceDefinition\n", encoding="utf-8")
    assert check(chart).stdout == "not up to date in the chart: crds/old.yaml\n"


def test_the_chart_installs_the_version_that_it_lies_beside() -> None:
    described = read(CHART / "Chart.yaml")
    assert (described["version"], described["appVersion"]) == (__version__, __version__)


PROGRAM = {
    "annotations", "podAnnotations", "replicaCount", "repository", "image", "tag", "imagePullPolicy", "logLevel",
    "forceRedeployment", "env", "resources",
}  # fmt: skip
KUBEFEDS = {
    "enabled", "clusterAvailableDelay", "clusterUnavailableDelay", "cacheSyncTimeout", "leaderElectLeaseDuration",
    "leaderElectRenewDeadline", "leaderElectRetryPeriod", "leaderElectResourceLock", "clusterHealthCheckPeriod",
    "clusterHealthCheckFailureThreshold", "clusterHealthCheckSuccessThreshold", "clusterHealthCheckTimeout",
    "syncController", "statusController", "featureGates", "commonNodeSelector", "commonTolerations", "imagePullSecrets",
    "controller", "webhook", "certManager", "postInstallJob", "service",
}  # fmt: skip


def test_every_value_of_kubefeds_chart_is_listed() -> None:
    values = read(CHART / "values.yaml")
    ours = values["controllermanager"]
    assert ours.keys() >= KUBEFEDS
    assert ours["controller"].keys() == ours["webhook"].keys() == PROGRAM
    assert ours["syncController"].keys() == {"maxConcurrentReconciles", "adoptResources"}
    assert ours["statusController"].keys() == {"maxConcurrentReconciles"}
    assert ours["featureGates"].keys() == {"PushReconciler", "SchedulerPreferences", "RawResourceStatusCollection"}
    assert ours["certManager"].keys() == {"enabled", "rootCertificate"}
    assert values["global"] == {"scope": ""}
