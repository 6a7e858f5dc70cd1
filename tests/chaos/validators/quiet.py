"""V6: once everything is as it should be, nothing is written any more."""

from datetime import datetime

from tests.chaos.validators.history import History
from tests.support.audit import CONTROLLER


def quiet(history: History, since: datetime) -> list[str]:
    """What the controllers asked to be changed after that moment, but for Leases, Events and the health of clusters."""
    return [
        f"V6 {cluster}: {each.verb} {each.resource} {each.namespace}/{each.name} ({each.code}) at {each.received_at:%X.%f}"
        for cluster, requests in {"host": history.host, **history.members}.items()
        for each in requests
        if each.agent.startswith(CONTROLLER) and each.writes and each.column == "objects" and each.received_at > since
        if not each.resource.endswith("reviews") and each.subresource != "token"
    ]
