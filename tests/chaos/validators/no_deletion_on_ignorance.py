"""V3: before anything is taken away from a member, the host was asked, consistently and a moment ago, and said so."""

from collections.abc import Mapping
from datetime import timedelta

from kubefed.api.core_v1beta1 import KubeFedCluster
from kubefed.core.names import ObjectKey
from tests.chaos.validators.history import History
from tests.chaos.validators.world import NAMESPACES, UNREAD, Manifest, Named, selection
from tests.support.audit import CONTROLLER, Request

FRESH = timedelta(seconds=5)
"""How old an answer of the host may be. It serves for two seconds; the rest is for a machine that is busy with a test."""
_CLUSTERS = KubeFedCluster.resource_type


def no_deletion_on_ignorance(history: History, *, fresh: timedelta = FRESH) -> list[str]:
    """Removals from members that nothing which the host had just said explains, or that could have met another object."""
    found = []
    for member in history.members:
        for named, request in history.writes_of_copies(member):
            if not _removes(request):
                continue
            if request.verb == "delete" and not (request.sent.get("preconditions") or {}).get("uid"):
                found.append(f"V3 {named}: deleted in {member} without naming a uid")
            if named is None:
                found.append(f"V3 {request.resource} {request.name}: removed from {member}, of no federated type")
            elif objection := _objection(history, named, member, request, fresh):
                found.append(f"V3 {named}: {request.verb} in {member} at {request.received_at:%X.%f}: {objection}")
    return found


def _removes(request: Request) -> bool:
    """A patch takes our mark off a copy; one that applies a whole object writes it."""
    return request.verb in ("delete", "deletecollection") or (request.verb == "patch" and "force=" not in request.uri)


def _objection(history: History, named: Named, member: str, request: Request, fresh: timedelta) -> str:
    """Why the removal is not explained; empty when it is."""
    just_said = [
        each
        for each in history.host
        if each.verb == "get"
        and each.agent.startswith(CONTROLLER)
        and "resourceVersion=" not in each.uri
        and request.received_at - fresh <= each.answered_at <= request.received_at
    ]
    own = _newest(history, just_said, named)
    if own is None:
        return "the host had not been asked about the federated object"
    if _is_absent(own) or "deletionTimestamp" in (own.answer.get("metadata") or {}):
        return ""
    if own.code != 200:
        return f"the host had answered {own.code}"
    everywhere = _records(just_said, member)
    around = _newest(history, just_said, (NAMESPACES, ObjectKey(named[1].namespace, named[1].namespace)))
    if named[0] != NAMESPACES and around is None:
        around_it: Manifest | None = _EVERYWHERE
    else:
        around_it = around.answer if around is not None and around.code == 200 else None
    if member in selection(named, own.answer, around_it, everywhere):
        return "by what the host had said, it is wanted there"
    return ""


_EVERYWHERE: Manifest = {"spec": {"placement": {"clusterSelector": {}}}}


def _newest(history: History, requests: list[Request], named: Named) -> Request | None:
    return next((each for each in reversed(requests) if history.federated(each) == named), None)


def _records(requests: list[Request], member: str) -> Mapping[str, Manifest]:
    """The member's record as the host told it."""
    for each in reversed(requests):
        if (each.group, each.resource, each.name) == (_CLUSTERS.group, _CLUSTERS.plural, member):
            return {member: each.answer} if each.code == 200 else {}
    return {member: UNREAD}


def _is_absent(answer: Request) -> bool:
    """No such object, rather than no such type."""
    return answer.code == 404 and answer.answer.get("reason") == "NotFound" and bool(answer.answer.get("details"))
