"""Running the tests of rows, once for each set of CRDs."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.compat.rows import Row
from tests.support.federation import CRDS_VARIABLE, KUBEFEDS, TRUST_VARIABLE

OURS = "ours"
CRD_SETS = (OURS, KUBEFEDS)


@dataclass(frozen=True, slots=True)
class Ending:
    """How one test ended."""

    passed: bool
    on_servers: bool


Endings = dict[str, Ending]
"""By the node id of the test."""


def run(crds: str, rows: Sequence[Row]) -> Endings:
    """Run all tests of these rows; vectors only once, with our CRDs. What pytest says goes to stderr."""
    wanted = [each for row in rows for each in (row.on_servers + (row.vectors if crds == OURS else ()))]
    with tempfile.TemporaryDirectory(prefix="compat-") as directory:
        endings = Path(directory, "endings.json")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.compat.plugin", f"--endings={endings}"]
        environment = {**os.environ, CRDS_VARIABLE: crds, TRUST_VARIABLE: "Compatible"}
        print(f"Running the tests on CRDs of {crds} ...", file=sys.stderr, flush=True)
        subprocess.run([*command, *dict.fromkeys(wanted)], env=environment, stdout=sys.stderr, check=False)
        found = json.loads(endings.read_text()) if endings.exists() else {}
    return {test: Ending(**ending) for test, ending in found.items()}
