"""The command line is read as Go's pflag reads it, and its mistakes are said in pflag's sentences."""

import pytest

from kubefedctl.pflag import BadFlag, Flag, Kind, Parsed, command_word, parse

FLAGS = (
    Flag("namespace", "", short="n", default="default"),
    Flag("dry-run", "", Kind.SWITCH),
    Flag("enable-type", "", Kind.SWITCH, short="t"),
    Flag("contents", "", Kind.SWITCH, short="c"),
    Flag("error-on-existing", "", Kind.SWITCH, default="true"),
    Flag("v", "", Kind.LEVEL, short="v"),
    Flag("skip", "", Kind.WORDS, short="s"),
    Flag("threshold", "", Kind.SEVERITY, default="2"),
    Flag("frequency", "", Kind.DURATION, default="5s"),
    Flag("size", "", Kind.UNSIGNED, default="1800"),
    Flag("vmodule", "", Kind.PATTERNS),
)


def read(line: str) -> Parsed:
    return parse(line.split(), FLAGS)


@pytest.mark.parametrize("line", ["--namespace shop", "--namespace=shop", "-n shop", "-n=shop", "-nshop", "-ctnshop"])
def test_a_value_is_given_in_any_of_pflags_ways(line: str) -> None:
    assert read(line).text("namespace") == "shop"


@pytest.mark.parametrize(
    "line", ["x --dry-run y", "--dry-run=true x y", "--dry-run=1 x y", "x y --dry_run", "--dry-run=T x y"]
)
def test_a_switch_takes_no_word_after_it_and_may_stand_anywhere(line: str) -> None:
    parsed = read(line)
    assert parsed.switch("dry-run")
    assert parsed.arguments == ["x", "y"]


def test_a_switch_can_be_turned_off() -> None:
    assert read("").switch("error-on-existing")
    assert not read("--error-on-existing=false").switch("error-on-existing")
    assert not read("--dry-run --dry-run=false").switch("dry-run")


def test_the_last_value_counts_and_lists_grow() -> None:
    assert read("-n a -n b").text("namespace") == "b"
    assert read('-s a,b --skip c --skip="d"').words("skip") == ("a", "b", "c", "d")
    assert read("").words("skip") == ()


def test_what_follows_two_dashes_is_no_flag() -> None:
    assert read("a -- --bogus -n").arguments == ["a", "--bogus", "-n"]


@pytest.mark.parametrize(("line", "number"), [("--v=2", 2), ("-v 3", 3), ("-v4", 4), ("-v=5", 5), ("", 0), ("--v=-1", -1)])
def test_verbosity_is_a_whole_number(line: str, number: int) -> None:
    assert read(line).number("v") == number


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--bogus", "unknown flag: --bogus"),
        ("-x", "unknown shorthand flag: 'x' in -x"),
        ("-tx", "unknown shorthand flag: 'x' in -x"),
        ("--v", "flag needs an argument: --v"),
        ("-tn", "flag needs an argument: 'n' in -n"),
        ("--=x", "bad flag syntax: --=x"),
        ("---x", "bad flag syntax: ---x"),
        (
            "--dry-run=maybe",
            'invalid argument "maybe" for "--dry-run" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
        ),
        ("--v=x", 'invalid argument "x" for "-v, --v" flag: strconv.ParseInt: parsing "x": invalid syntax'),
        ("-v=", 'invalid argument "=" for "-v, --v" flag: strconv.ParseInt: parsing "=": invalid syntax'),
        (
            "--v=99999999999",
            'invalid argument "99999999999" for "-v, --v" flag: '
            'strconv.ParseInt: parsing "99999999999": value out of range',
        ),
        (
            "--threshold=BAD",
            'invalid argument "BAD" for "--threshold" flag: strconv.ParseInt: parsing "BAD": invalid syntax',
        ),
        ("--frequency=5", 'invalid argument "5" for "--frequency" flag: time: missing unit in duration "5"'),
        ("--size=-1", 'invalid argument "-1" for "--size" flag: parse error'),
        (
            "--vmodule=x",
            'invalid argument "x" for "--vmodule" flag: syntax error: expect comma-separated list of filename=N',
        ),
    ],
)
def test_a_mistake_is_said_as_pflag_says_it(line: str, sentence: str) -> None:
    with pytest.raises(BadFlag) as mistake:
        read(line)
    assert str(mistake.value) == sentence


@pytest.mark.parametrize(
    "line", ["--threshold=warning", "--threshold=3", "--frequency=1m30s", "--size=0", "--vmodule=a=1,b*=2"]
)
def test_klogs_own_kinds_of_values_are_taken(line: str) -> None:
    assert read(line).arguments == []


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("join x", 0),
        ("--v=2 join x", 1),
        ("-v 2 join x", 2),
        ("-v2 join", 1),
        ("--dry-run join", 1),
        ("--unknown value join", 2),
        ("-n shop join", 2),
        ("--v=2", None),
        ("-- join", None),
        ("", None),
    ],
)
def test_the_command_is_the_first_word_that_is_neither_flag_nor_value(line: str, at: int | None) -> None:
    assert command_word(line.split(), FLAGS) == at
