"""Numbers and texts keep being what they are on their way through YAML, whoever wrote it."""

from pathlib import Path

import pytest
import yaml

from fedctl.manifests import as_yaml
from fedctl.yamlfiles import read_documents


@pytest.mark.parametrize(
    "text", ["1e5", "7e10", "1E+21", "12345e67", "0e0", "1.5e3", "yes", "2026-01-02", "0x10", "1:30", ""]
)
def test_a_text_that_looks_like_something_else_stays_a_text(text: str, tmp_path: Path) -> None:
    path = tmp_path / "document.yaml"
    path.write_text(as_yaml({"value": text}))
    assert list(read_documents(str(path))) == [{"value": text}]


@pytest.mark.parametrize(
    ("written", "meant"), [("1e+21", 1e21), ("1e-07", 1e-7), ("-5e3", -5000.0), ("0.5", 0.5), ("1.5e+300", 1.5e300)]
)
def test_numbers_are_read_as_go_writes_them(written: str, meant: float, tmp_path: Path) -> None:
    path = tmp_path / "document.yaml"
    path.write_text(f"value: {written}\n")
    [document] = read_documents(str(path))
    assert (document["value"], type(document["value"])) == (meant, float)


@pytest.mark.parametrize("number", [1e21, 1e-7, 0.5, 3, -2.0])
def test_numbers_that_are_printed_are_read_as_such_by_others_too(number: float) -> None:
    assert yaml.safe_load(as_yaml({"value": number})) == {"value": number}
