"""V4: what is written in a member has namespace, name and kind of a federated object of the host, and nothing else is."""

from tests.chaos.validators.history import History


def tenant_isolation(history: History, *, beside: frozenset[tuple[str, str]] = frozenset()) -> list[str]:
    """Writes of objects that no federated object stands for. `beside`: namespace and resource of kubefed's own objects."""
    ever, found = history.ever_federated(), []
    for member in history.members:
        for named, request in history.writes_of_copies(member):
            if (request.namespace, request.resource) in beside or _is_a_question(request.resource, request.subresource):
                continue
            if named is None:
                what = f"{request.resource}/{request.subresource}".rstrip("/")
                found.append(f"V4 {member}: {request.verb} {what} {request.namespace}/{request.name}, of no federated type")
            elif named not in ever and request.name:
                found.append(f"V4 {named}: {request.verb} in {member} without such a federated object")
            elif not request.name and not any(
                (kind, key.namespace) == (named[0], named[1].namespace) for kind, key in ever
            ):
                found.append(f"V4 {named[0]}: {request.verb} in {member} in the namespace {request.namespace} of nobody")
    return found


def _is_a_question(resource: str, subresource: str) -> bool:
    """What is POSTed and changes no object: tokens and reviews."""
    return subresource == "token" or resource.endswith("reviews")
