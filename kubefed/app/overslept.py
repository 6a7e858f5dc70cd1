"""Ends a leader that was stopped for longer than its lease lasts, before it goes on with what it had begun.

The fence is asked just before a request is handed to the network, but the event loop sends it a moment later, together with
others. A process that SIGSTOP catches in that moment would send them after SIGCONT, when somebody else leads. A handler of
the signal runs before the loop gets that far. What freezes a process without a signal, such as a suspended machine, is
left with requests that name a uid or a resourceVersion, which API servers refuse when somebody else has written since.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_LAST_WORDS = b"leader election lost: the process was stopped for longer than its lease lasts\n"
_STANDARD_ERROR = 2


@contextmanager
def ending_when_overslept(overslept: Callable[[], bool]) -> Iterator[None]:
    """While the context is open, each SIGCONT that finds `overslept` true ends the process with exit code 1.

    To be entered in the main thread. `overslept` must neither wait nor log.
    """

    def go_on(_number: int, _frame: FrameType | None) -> None:
        if overslept():
            os.write(_STANDARD_ERROR, _LAST_WORDS)
            os._exit(1)

    before = signal.signal(signal.SIGCONT, go_on)
    try:
        yield
    finally:
        signal.signal(signal.SIGCONT, before)
