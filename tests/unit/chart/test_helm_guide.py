"""The guide to the chart names every value that the chart has, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "guides" / "install-with-helm.md"
VALUES = ROOT / "charts" / "kubefed" / "values.yaml"
PROGRAMS = ("controller", "webhook")
WHOLE = ("resources",)
"""Values whose parts are Kubernetes' business."""


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every value by its dotted name, without `controllermanager`; `*` stands for both programs."""
    if isinstance(value, dict) and value and path[-1:] != WHOLE:
        for name, part in value.items():
            yield from leaves(part, (*path, "*" if not path and name in PROGRAMS else name))
    else:
        yield ".".join(path)


def test_every_value_is_in_a_table_and_every_name_in_a_table_is_a_value() -> None:
    values = yaml.safe_load(VALUES.read_text())
    rows = re.findall(r"^\| (`[^|]+`) \|", GUIDE.read_text(), re.MULTILINE)
    told = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert len(told) == len(set(told))
    assert set(told) == {*leaves(values["controllermanager"]), "global.scope"}
