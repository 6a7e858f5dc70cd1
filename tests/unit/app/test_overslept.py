"""A leader that was stopped for too long, and one that was not."""

import os
import signal
import subprocess
import sys

import pytest

SCRIPT = """
import signal, sys
from kubefed.app.overslept import ending_when_overslept

with ending_when_overslept(lambda: sys.argv[1] == "overslept"):
    print("stopping", flush=True)
    signal.raise_signal(signal.SIGSTOP)
    print("going on", flush=True)
before = signal.getsignal(signal.SIGCONT)
sys.exit(0 if before is signal.SIG_DFL else 2)
"""


@pytest.mark.parametrize(
    ("state", "said", "code"),
    [
        pytest.param("overslept", "stopping\n", 1, id="its lease is over: it does not go on"),
        pytest.param("in time", "stopping\ngoing on\n", 0, id="it still leads: it goes on"),
    ],
)
def test_a_process_that_is_continued_looks_at_its_lease_first(state: str, said: str, code: int) -> None:
    command = [sys.executable, "-c", SCRIPT, state]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        process.send_signal(signal.SIGCONT)
        output, complaint = process.communicate(timeout=20)
    assert (output, process.returncode) == (said, code)
    assert ("leader election lost" in complaint) == (code == 1)
