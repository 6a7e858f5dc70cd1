"""Members that die and come back."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from fedctl.federation import CLUSTERS
from kubefed.core.names import ObjectKey
from tests.support.federation import SYSTEM, Federation
from tests.support.waiting import eventually_equal


@contextmanager
def dead(federation: Federation, member: str) -> Iterator[None]:
    """The member's servers are killed, and the federation knows; they are back afterwards, and it knows."""
    cluster = federation.sandbox.cluster(member)
    cluster.kill()
    try:
        eventually_equal(partial(conditions, federation, member), {"Offline": "True"})
        yield
    finally:
        cluster.start()
    eventually_equal(partial(conditions, federation, member), {"Ready": "True"})


def conditions(federation: Federation, member: str) -> dict[str, str]:
    """The conditions of a member's record."""
    status = federation.host.get(CLUSTERS, ObjectKey(SYSTEM, member)).get("status") or {}
    return {each["type"]: each["status"] for each in status.get("conditions", ())}
