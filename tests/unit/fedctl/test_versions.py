"""Which builds are at work, as far as the host knows."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from fedctl.version.versions import controller_line, controller_of
from kubefed.version import __version__
from tests.support.inprocess import fedctl

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DEPLOYMENT = {"spec": {"template": {"spec": {"containers": [{"image": "example.com/kubefed:1"}]}}}}


def a_lease(holder: str, renewed_at: str) -> dict[str, Any]:
    return {"spec": {"holderIdentity": holder, "renewTime": renewed_at}}


@pytest.mark.parametrize(
    ("lease", "running", "line"),
    [
        (None, False, "controller not running: nobody leads"),
        (a_lease("", "2026-01-02T03:04:04.000000Z"), False, "controller not running: nobody leads"),
        (a_lease("pod-1", "2026-01-02T03:04:00.000000Z"), True, "controller running, version unknown: pod-1 leads"),
        (
            a_lease("pod-1", "2026-01-02T03:02:05.000000Z"),
            False,
            "controller not running: its leader was last heard of 2m ago",
        ),
        (a_lease("pod-1", "nonsense"), False, "controller not running: its leader was last heard of - ago"),
    ],
)
def test_a_controller_runs_while_its_leader_renews_the_lease(lease: Any, running: bool, line: str) -> None:
    controller = controller_of(lease, None, NOW)
    assert controller.running is running
    assert controller_line(controller, NOW) == line


def test_the_image_of_an_installed_controller_is_named() -> None:
    controller = controller_of(a_lease("pod-1", "2026-01-02T03:04:00Z"), DEPLOYMENT, NOW)
    assert controller_line(controller, NOW) == "controller running, image example.com/kubefed:1: pod-1 leads"


def test_the_client_alone_asks_nobody() -> None:
    said = fedctl("version", "--client")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"fedctl {__version__} (Python 3")


def test_a_host_that_cannot_be_asked_leaves_the_client_known(tmp_path: Path) -> None:
    said = fedctl("version", kubeconfig=tmp_path / "none")
    assert said.code == 0
    assert said.out.startswith(f"fedctl {__version__}")
    assert "The host could not be asked" in said.err


def test_forms_for_programs() -> None:
    as_json = json.loads(fedctl("version", "--client", "--output", "json").out)
    assert as_json["client"]["version"] == __version__
    assert as_json["host"] is None
    assert yaml.safe_load(fedctl("version", "--client", "-o", "yaml").out) == as_json
