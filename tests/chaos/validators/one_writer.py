"""V5: what two leaders write never interleaves for one object."""

from collections import defaultdict

from tests.chaos.validators.history import History
from tests.support.audit import CONTROLLER, Request


def one_writer(history: History) -> list[str]:
    """Writes under a leadership that came after a write of the same object under a later one."""
    found = []
    for cluster, requests in {"host": history.host, **history.members}.items():
        latest: dict[tuple[str, ...], int] = defaultdict(int)
        for each in sorted(requests, key=lambda request: request.received_at):
            if not (each.changed and each.leadership and each.agent.startswith(CONTROLLER)):
                continue
            target = _target(each)
            if each.leadership < latest[target]:
                what = f"{each.verb} {'/'.join(target)}"
                found.append(f"V5 {cluster}: {what} under leadership {each.leadership} after {latest[target]}")
            latest[target] = max(latest[target], each.leadership)
    return found


def _target(request: Request) -> tuple[str, ...]:
    return request.group, request.resource, request.namespace, request.name
