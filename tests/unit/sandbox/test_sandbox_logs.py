"""What is shown of a log: its end, without the stack traces that hide the cause."""

from pathlib import Path

from fedctl.sandbox import logs

CRASH = "starting\npanic: no space left on device\n\ngoroutine 1 [running]:\nmain.main()\n\tmain.go:1 +0x1\n"


def tail_of(tmp_path: Path, text: str) -> list[str]:
    log = tmp_path / "server.log"
    log.write_text(text, encoding="utf-8")
    return logs.tail(log).split("\n")


def test_a_stack_trace_is_left_out_and_the_sentence_before_it_shown(tmp_path: Path) -> None:
    assert tail_of(tmp_path, CRASH) == ["  starting", "  panic: no space left on device"]


def test_what_comes_after_an_earlier_crash_is_shown(tmp_path: Path) -> None:
    assert tail_of(tmp_path, f"{CRASH}E1123 10:00:00.000000 1 x.go:1] again\n")[-1].endswith("again")


def test_only_the_end_is_shown_and_lines_are_cut(tmp_path: Path) -> None:
    shown = tail_of(tmp_path, "\n".join(f"{number} {'x' * 1000}" for number in range(100)))
    assert len(shown) == 15
    assert shown[-1].startswith("  99 ")
    assert max(map(len, shown)) < 400


def test_a_log_that_is_not_there_is_an_empty_one(tmp_path: Path) -> None:
    assert logs.tail(tmp_path / "nowhere") == "  (it printed nothing)"
