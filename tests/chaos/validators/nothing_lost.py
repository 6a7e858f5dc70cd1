"""V1: every selected, reachable member holds what the federated object says."""

from kubefed.core.markers import MANAGED, MANAGED_LABEL
from tests.chaos.validators.world import World, differences, rendered


def nothing_lost(world: World) -> list[str]:
    """Copies that are missing, unmarked, or different from what is wanted."""
    found = []
    for named, federated in world.wanted():
        if named in world.excused:
            continue
        for member in sorted(world.selection(named) - world.silent):
            copy = world.copy(member, named)
            if copy is None:
                found.append(f"V1 {named}: {member} has no copy")
            elif (copy["metadata"].get("labels") or {}).get(MANAGED_LABEL) != MANAGED:
                found.append(f"V1 {named}: what {member} has is not marked as a copy")
            elif wrong := differences(rendered(federated, member), copy):
                found.append(f"V1 {named}: the copy in {member} differs at {', '.join(wrong)}")
    return found
