"""One line a record, whatever is in it, and nothing that must not be seen."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest

from kubefed.core.errors import NotFound
from kubefed.core.secret import Secret
from kubefed.engine.bugs import report_bug
from kubefed.observe.logs import configure_logs

CANARY = "canary-that-must-not-show"
OURS = logging.getLogger("kubefed.sync.tests")


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("kubefed")
    handlers, levels, loud = root.handlers[:], (root.level, ours.level), logging.raiseExceptions
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    logging.raiseExceptions = loud
    for name in ("kopf", "aiohttp", "asyncio", "kubernetes", "urllib3"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def stream() -> io.StringIO:
    target = io.StringIO()
    configure_logs(2, target)
    return target


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_is_one_json_object_with_its_fields(stream: io.StringIO) -> None:
    OURS.info('Started "%s"', "x", extra={"object": "shop/web", "cluster": "eu", "failures": 3, "empty": ""})
    (line,) = lines(stream)
    assert {name: line[name] for name in ("level", "logger", "message", "object", "cluster", "failures")} == {
        "level": "info",
        "logger": "kubefed.sync.tests",
        "message": 'Started "x"',
        "object": "shop/web",
        "cluster": "eu",
        "failures": 3,
    }
    assert "empty" not in line
    assert str(line["time"]).endswith("Z")


def test_line_breaks_in_a_message_do_not_make_a_second_line(stream: io.StringIO) -> None:
    OURS.info('first\nsecond {"level": "error"}', extra={"object": "a\nb"})
    assert len(lines(stream)) == 1


@pytest.mark.parametrize("odd", ["\ud800", "\x00", 2**70, -(2**70), float("nan"), "x" * 100_000])
def test_no_value_keeps_a_line_from_being_written(
    odd: object, stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    OURS.info("odd %s", odd, extra={"object": odd})
    assert len(lines(stream)) == 1
    assert capsys.readouterr().err == ""


def test_structures_are_not_fields_and_secrets_do_not_show(stream: io.StringIO) -> None:
    OURS.info("token %s", Secret(CANARY), extra={"token": Secret(CANARY), "body": {"data": CANARY}})
    assert CANARY not in stream.getvalue()


def test_exceptions_are_told_by_kind_and_place_and_never_by_text(stream: io.StringIO) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as problem:
        report_bug("type configmaps", problem, key="shop/web")
        OURS.exception("it went wrong")
    told, _ = lines(stream)
    assert told["message"] == "unexpected ValueError"
    assert str(told["where"]).startswith("test_logs.py:")
    assert CANARY not in stream.getvalue()


def test_an_error_of_a_server_is_told_without_its_message(stream: io.StringIO) -> None:
    OURS.warning("cannot: %s", NotFound("GET /x", status=404, reason="NotFound", server_message=CANARY))
    (line,) = lines(stream)
    assert line["message"] == "cannot: GET /x: 404 NotFound"


@pytest.mark.parametrize("target", [io.StringIO, Terminal])
def test_what_other_libraries_say_is_told_by_its_place_alone(target: type[io.StringIO]) -> None:
    """asyncio, for one, prints the exception of a task that nobody awaited, text and all."""
    stream = target()
    configure_logs(10, stream)
    try:
        raise ValueError(CANARY)
    except ValueError:
        for name in ("asyncio", "kopf.activities", "aiohttp.server", "some.other"):
            logging.getLogger(name).exception("failed: %s", CANARY, extra={"body": CANARY})
    said = stream.getvalue()
    assert CANARY not in said
    assert said.count("ValueError") == 4
    assert "asyncio reports a problem" in said
    assert "test_logs:" in said


def test_a_record_with_wrong_arguments_is_dropped_and_not_printed(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    OURS.info("%d", CANARY)
    OURS.info("next")
    assert [line["message"] for line in lines(stream)] == ["next"]
    assert CANARY not in capsys.readouterr().err


def test_details_are_shown_from_verbosity_four_on() -> None:
    for verbosity, shown in ((3, 0), (4, 1)):
        stream = io.StringIO()
        configure_logs(verbosity, stream)
        OURS.debug("a detail")
        logging.getLogger("kopf").warning("chatter")
        assert len(lines(stream)) == shown


def test_a_terminal_gets_short_columns_and_no_control_characters() -> None:
    stream = Terminal()
    configure_logs(2, stream)
    OURS.info("copy \x1b[31mred\x07", extra={"object": "shop/\x1b]0;title\x07", "cluster": "eu"})
    (line,) = stream.getvalue().splitlines()
    assert line[8:].startswith(" INFO    copy ?[31mred?  object=shop/?]0;title? cluster=eu")


def test_configuring_twice_does_not_write_twice() -> None:
    stream = io.StringIO()
    configure_logs(2, io.StringIO())
    configure_logs(2, stream)
    OURS.info("once")
    assert len(lines(stream)) == 1
