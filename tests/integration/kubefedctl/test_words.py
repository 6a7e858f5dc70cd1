"""What was typed is read, refused and explained by KubeFed's kubefedctl and by ours in the same way."""

import re

import pytest

from tests.integration.kubefedctl.sidebyside import FATAL, MISTYPED, Sides


@pytest.mark.parametrize(
    "line",
    [
        "bogus",
        "joi",
        "--bogus",
        "join a --bogus",
        "join a -x",
        "join a --v",
        "join a --v=x",
        "join a --dry-run=maybe",
        "unjoin a --=x",
        "enable a -o",
        "disable ---x",
        "federate -tc -n",
        "version --stderrthreshold=BAD",
        "version --log-flush-frequency=5",
        "version --vmodule=x",
        "version --log-file-max-size=-1",
        "orphaning-deletion --bogus",
        "--kubeconfig f version",
    ],
)
def test_what_cannot_be_read_is_answered_in_the_same_words(sides: Sides, line: str) -> None:
    both = sides.run(line)
    assert both.same.code == MISTYPED
    assert both.new.err.splitlines()[0] == both.old.err.splitlines()[0]
    assert both.new.err.splitlines()[-1] == both.old.err.splitlines()[-1]


@pytest.mark.parametrize(
    "line",
    [
        "join",
        "join a --host-cluster-name a/b",
        "unjoin",
        "enable",
        "enable a -o json",
        "disable",
        "disable a --version v1",
        "federate",
        "federate a",
        "federate a b -o json",
        "federate a b -t -o yaml",
        "federate a b --filename c",
        "orphaning-deletion enable",
        "orphaning-deletion status a",
    ],
)
def test_what_is_missing_is_said_in_the_same_fatal_line(sides: Sides, line: str) -> None:
    both = sides.run(line)
    assert both.same.code == FATAL
    old, new = (done.err.splitlines()[0].partition("] ")[2] for done in (both.old, both.new))
    assert new == old
    assert new.startswith("Error: ")


@pytest.mark.parametrize("line", ["", "help", "-h", "orphaning-deletion", "orphaning-deletion bogus a b", "help bogus"])
def test_help_is_no_error(sides: Sides, line: str) -> None:
    both = sides.run(f"{line} --v=2")
    assert (both.old.code, both.new.code) == (0, 0)


@pytest.mark.parametrize(
    "command",
    [
        "join",
        "unjoin",
        "enable",
        "disable",
        "federate",
        "orphaning-deletion enable",
        "orphaning-deletion status",
        "version",
    ],
)
def test_every_flag_is_shown_with_the_same_type_and_default(sides: Sides, command: str) -> None:
    both = sides.run(f"{command} --help")
    old, new = (
        {match.group(1): match.group(2) for match in _FLAG_LINE.finditer(done.out)} for done in (both.old, both.new)
    )
    assert new == old
    old, new = ({match.group(1): match.group(2) for match in _DEFAULT.finditer(done.out)} for done in (both.old, both.new))
    assert new == old


_FLAG_LINE = re.compile(r"^ +(?:-\w, )?--([a-z-]+) ?(\w*)  ", re.MULTILINE)
_DEFAULT = re.compile(r"^ +(?:-\w, )?--([a-z-]+) .*\(default (.*)\)$", re.MULTILINE)


@pytest.mark.parametrize("line", ["version", "--v=2 version", "version -v 3 --log_dir=/tmp --logtostderr", "version a b"])
def test_the_version_has_kubefeds_fields(sides: Sides, line: str) -> None:
    both = sides.run(line)
    assert (both.old.code, both.new.code) == (0, 0)
    old, new = (re.sub(r'"[^"]*"', "", done.out) for done in (both.old, both.new))
    assert new == old
