"""V7: what a federated object's status says of each cluster is so."""

from kubefed.api.types_v1beta1 import PROPAGATION
from tests.chaos.validators.world import Manifest, Named, World, differences, rendered


def status_tells_truth(world: World) -> list[str]:
    """Statuses that are old, name other clusters than those selected, or say of a copy what it is not."""
    found = []
    for named, federated in world.wanted():
        if named not in world.excused:
            found += [f"V7 {named}: {what}" for what in _untruths(world, named, federated)]
    return [*found, *_untruths_of_records(world)]


def _untruths(world: World, named: Named, federated: Manifest) -> list[str]:
    status, selected = federated.get("status") or {}, world.selection(named)
    told = {each["name"]: each.get("status", "") for each in status.get("clusters") or ()}
    found = []
    if status.get("observedGeneration") != federated["metadata"]["generation"]:
        found.append(f"is about generation {status.get('observedGeneration')}, not {federated['metadata']['generation']}")
    if told.keys() != selected:
        found.append(f"names {sorted(told)}, but selected are {sorted(selected)}")
    for member, word in sorted(told.items()):
        copy = world.copy(member, named)
        is_right = copy is not None and not differences(rendered(federated, member), copy)
        if member in world.silent and not word:
            found.append(f"says that all is well in {member}, which cannot be reached")
        elif member not in world.silent and is_right == bool(word):
            found.append(f"says {word or 'OK'!r} of {member}, whose copy is {'right' if is_right else 'wrong or missing'}")
    conditions = {each["type"]: each["status"] for each in status.get("conditions") or ()}
    all_well = not any(told.values())
    if conditions.get(PROPAGATION) != str(all_well):
        found.append(f"condition {PROPAGATION} is {conditions.get(PROPAGATION)}, clusters say {all_well}")
    return found


def _untruths_of_records(world: World) -> list[str]:
    found = []
    for name, record in sorted(world.clusters.items()):
        conditions = {each["type"]: each["status"] for each in (record.get("status") or {}).get("conditions") or ()}
        ready = conditions.get("Ready") == "True"
        if ready == (name in world.silent):
            found.append(f"V7 KubeFedCluster {name}: {conditions}, but it can{'not' if ready else ''} be reached")
    return found
