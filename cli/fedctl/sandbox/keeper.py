"""The keeper: a small process beside a sandbox that removes it when the process it belongs to goes away, kill -9 included.

It holds the reading end of a pipe whose writing end only the owner has. The owner's death, however it came, closes
the pipe; `RELEASE` through it means that the sandbox has become independent. Run as a module, with the directory.
Standard library only until it acts: it waits for hours and should cost nothing.
"""

import os
import sys
from pathlib import Path

RELEASE = b"release"


def main() -> None:
    """Wait on standard input for the owner's end, then remove the sandbox."""
    said = os.read(sys.stdin.fileno(), len(RELEASE))
    if said != RELEASE:
        from fedctl.sandbox import lifecycle  # see above

        lifecycle.down(Path(sys.argv[1]).name)


if __name__ == "__main__":
    main()
