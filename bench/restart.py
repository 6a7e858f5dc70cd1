"""A controller that is started again while nothing has changed: how long until it is quiet, and what it wrote meanwhile."""

import time

from bench.rig import Rig
from bench.rows import ROWS, Measured
from tests.support.audit import AuditLog
from tests.support.controller import Controller

_WATCHED_S = 6.0  # longer than the target, so that a late write is seen


def measure(rig: Rig, controller: Controller) -> list[Measured]:
    """Stop and start with everything in sync."""
    logs = [AuditLog(cluster.audit_log) for cluster in (rig.sandbox.host, *rig.sandbox.members)]
    controller.stop()
    for log in logs:
        log.mark()
    started = time.monotonic()
    controller.start()
    while controller.waiting():
        time.sleep(0.02)
    quiet_s = time.monotonic() - started
    time.sleep(max(0.0, _WATCHED_S - quiet_s))
    written = sum(log.writes()["objects"] for log in logs)
    return [Measured(ROWS["restart: quiet"], quiet_s), Measured(ROWS["restart: writes"], written)]
