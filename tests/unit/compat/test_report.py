"""A row of the compatibility report is matched by tests that ran, passed and had a server, and by nothing less."""

import pytest

from fedctl.apiserver import ApiServer
from tests.compat.plugin import holds_a_server
from tests.compat.report import Verdict, belongs, explained, verdict
from tests.compat.rows import ROWS, Row
from tests.compat.runs import OURS, Ending, Endings
from tests.support.federation import KUBEFEDS

ROW = Row(1, "a row", ("tests/a.py",), ("tests/unit/v.py",))
GOOD = Ending(passed=True, on_servers=True)
VECTOR = Ending(passed=True, on_servers=False)


def judged(ours: Endings, kubefeds: Endings, row: Row = ROW) -> Verdict:
    return verdict(row, {OURS: ours, KUBEFEDS: kubefeds})


def test_a_row_whose_tests_pass_on_both_sets_of_crds_is_matched() -> None:
    found = judged({"tests/a.py::test_x": GOOD, "tests/unit/v.py::test_y[1]": VECTOR}, {"tests/a.py::test_x": GOOD})
    assert found.matched
    assert (found.passed, found.vectors) == ({OURS: 1, KUBEFEDS: 1}, 1)


@pytest.mark.parametrize(
    ("ours", "kubefeds", "said"),
    [
        (
            {"tests/a.py::test_x": Ending(False, True)},
            {"tests/a.py::test_x": GOOD},
            "ours: tests/a.py::test_x did not pass",
        ),
        ({"tests/a.py::test_x": GOOD}, {}, "kubefed: tests/a.py did not run"),
        ({"tests/a.py::test_x": GOOD}, {"tests/a.py::test_x": VECTOR}, "kubefed: tests/a.py::test_x touched no API server"),
    ],
)
def test_a_row_is_unmatched_when_a_test(ours: Endings, kubefeds: Endings, said: str) -> None:
    found = judged({**ours, "tests/unit/v.py::test_y": VECTOR}, kubefeds)
    assert found.problems == [said]


def test_a_row_without_a_test_on_a_server_is_unmatched() -> None:
    row = Row(2, "vectors alone", (), ("tests/unit/v.py",))
    assert not judged({"tests/unit/v.py::test_y": VECTOR}, {}, row).matched


def test_a_name_stands_for_itself_its_parameters_and_what_is_in_it() -> None:
    assert belongs("tests/a.py::test_x[1]", "tests/a.py::test_x")
    assert belongs("tests/a/b.py::test_x", "tests/a")
    assert not belongs("tests/a.py::test_xy", "tests/a.py::test_x")
    assert not belongs("tests/ab.py::test_x", "tests/a")


def test_only_the_section_for_it_excuses_a_row() -> None:
    guide = (
        "| 1 | no |\n\n## Rows that are not matched\n\n| row | why |\n|---|---|\n| 3 | because |\n\n## Else\n| 4 | no |\n"
    )
    assert explained(guide) == {3}


def test_the_checklist_has_every_row_once() -> None:
    assert [row.number for row in ROWS] == list(range(1, 20))


def test_a_server_is_found_inside_of_what_a_fixture_gives() -> None:
    assert holds_a_server({"host": object.__new__(ApiServer)}, 2)
    assert not holds_a_server({"host": "https://192.0.2.1"}, 2)
