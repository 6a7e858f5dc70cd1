"""A pytest plugin: writes down how each test ended, and whether it had a real API server in its hands."""

import json
from collections.abc import Generator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from fedctl.apiserver import ApiServer
from fedctl.sandbox.running import Sandbox

_DEPTH = 4
Ended = dict[str, dict[str, Any]]
ended = pytest.StashKey[Ended]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to write."""
    parser.addoption("--endings", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Nothing has ended yet."""
    config.stash[ended] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note a failure in whatever phase, and what the test was given."""
    report: Any = yield
    entry = item.config.stash[ended].setdefault(item.nodeid, {"passed": True, "on_servers": False})
    entry["passed"] = entry["passed"] and report.passed
    given = getattr(item, "funcargs", {}).values()
    entry["on_servers"] = entry["on_servers"] or any(holds_a_server(value, _DEPTH) for value in given)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write it all."""
    session.config.option.endings.write_text(json.dumps(session.config.stash[ended]))


def holds_a_server(value: object, depth: int) -> bool:
    """Whether a fixture's value is, or leads to, a cluster that really runs."""
    if isinstance(value, ApiServer | Sandbox):
        return True
    if depth == 0:
        return False
    if isinstance(value, dict):
        return any(holds_a_server(each, depth - 1) for each in value.values())
    if is_dataclass(value) and not isinstance(value, type):
        return any(holds_a_server(getattr(value, each.name, None), depth - 1) for each in fields(value))
    return False
