"""Takes down what there is and what was asked for, from the servers themselves, for the judges."""

from collections.abc import Iterable, Mapping

from fedctl.apiserver import ApiServer
from fedctl.federation import CLUSTERS
from fedctl.kinds import NAMESPACES
from kubefed.core.names import ObjectKey
from kubefed.federated.federated_type import FederatedType
from tests.chaos.arena import ALL, Arena
from tests.chaos.validators.history import History
from tests.chaos.validators.world import Manifest, Named, World
from tests.support.audit import AuditLog
from tests.support.federation import HOST, SYSTEM

EVERYBODY = ""


def look_at(
    arena: Arena,
    types: tuple[FederatedType, ...],
    namespaces: Iterable[str],
    *,
    silent: Iterable[str] = (),
    excused: Iterable[Named] = (),
) -> World:
    """Everything of these types in these namespaces, now. Members that are `silent` are not asked."""
    wanted, servers = frozenset(namespaces), arena.federation.servers
    records = servers[HOST].objects(CLUSTERS, SYSTEM)
    return World(
        types=types,
        federated={
            (kind.name, key): each
            for kind in types
            for namespace in wanted
            for key, each in _by_key(servers[HOST].objects(kind.federated, namespace))
        },
        clusters={each["metadata"]["name"]: each for each in records},
        namespaces=wanted,
        copies={member: _copies(servers[member], types, wanted) for member in ALL if member not in set(silent)},
        silent=frozenset(silent),
        excused=frozenset(excused),
    )


def _copies(server: ApiServer, types: tuple[FederatedType, ...], namespaces: frozenset[str]) -> dict[Named, Manifest]:
    found: dict[Named, Manifest] = {}
    for kind in types:
        if kind.target == NAMESPACES:
            inside = [each for each in server.objects(NAMESPACES) if each["metadata"]["name"] in namespaces]
            found |= {(kind.name, ObjectKey(key.name, key.name)): each for key, each in _by_key(inside)}
        else:
            for namespace in namespaces:
                found |= {(kind.name, key): each for key, each in _by_key(server.objects(kind.target, namespace))}
    return found


def _by_key(objects: Iterable[Manifest]) -> Iterable[tuple[ObjectKey, Manifest]]:
    for each in objects:
        yield ObjectKey(each["metadata"].get("namespace", ""), each["metadata"]["name"]), each


def history_of(logs: Mapping[str, AuditLog], types: tuple[FederatedType, ...]) -> History:
    """What the audit logs hold since their marks."""
    by_cluster = {name: list(log.requests(agent=EVERYBODY)) for name, log in logs.items()}
    return History(types, by_cluster.pop(HOST), by_cluster)
