"""V2: every object with our mark belongs to a federated object that wants it there."""

from kubefed.core.markers import MANAGED, MANAGED_LABEL
from tests.chaos.validators.world import World


def nothing_orphaned(world: World) -> list[str]:
    """Marked objects that nobody wants, in the members that can be reached."""
    found = []
    for member, copies in world.copies.items():
        for named, copy in copies.items():
            marked = (copy["metadata"].get("labels") or {}).get(MANAGED_LABEL) == MANAGED
            if not marked or member in world.silent:
                continue
            if named not in world.federated:
                found.append(f"V2 {named}: {member} holds a copy of nothing")
            elif member not in world.selection(named):
                found.append(f"V2 {named}: {member} holds a copy that is not wanted there")
    return found
