"""V9: what is wrong with one member costs the others nothing, and never the process."""

import statistics
from collections.abc import Sequence
from datetime import datetime

from tests.chaos.validators.history import History
from tests.chaos.validators.world import Named
from tests.support.audit import CONTROLLER

LARGEST_RATIO = 1.2
LEAST_SAMPLES = 20


def latencies_ms(history: History, member: str) -> list[float]:
    """How long each edit of a federated object by a person took to be written in a member, in the order of the edits."""
    written: dict[Named, list[datetime]] = {}
    for named, request in history.writes_of_copies(member):
        if named is not None:
            written.setdefault(named, []).append(request.answered_at)
    found = []
    for each in history.host:
        named = history.federated(each)
        if named is None or not each.changed or each.agent.startswith(CONTROLLER) or each.subresource:
            continue
        arrivals = [at for at in written.get(named, ()) if at > each.received_at]
        if arrivals:
            found.append((min(arrivals) - each.received_at).total_seconds() * 1000)
    return found


def blast_radius(before_ms: Sequence[float], during_ms: Sequence[float], *, noise_ms: float, ends: int = 0) -> list[str]:
    """What the others notice. `ends`: how often the controller ended by itself; `noise_ms`: what the machine adds."""
    found = [f"V9 the controller ended {ends} times"] if ends else []
    if min(len(before_ms), len(during_ms)) < LEAST_SAMPLES:
        return [*found, f"V9 cannot be judged by {len(before_ms)} edits before and {len(during_ms)} during the fault"]
    before, during = (statistics.quantiles(times, n=100)[-1] for times in (before_ms, during_ms))
    if during > before * LARGEST_RATIO + noise_ms:
        found.append(f"V9 the p99 of the others went from {before:.0f} to {during:.0f} ms")
    return found
