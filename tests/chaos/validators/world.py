"""Everything there is at one moment, in the host and in its members, and what of it should be there. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kubefed.core.names import ObjectKey
from kubefed.federated.federated_type import FederatedType

Manifest = dict[str, Any]
Named = tuple[str, ObjectKey]
"""The name of a federated type, and the key of one of its federated objects."""

NAMESPACES = "namespaces"
UNREAD: Manifest = {}
"""A cluster's record of which nothing is known: its labels may be any, and meet every selector."""


@dataclass(frozen=True, slots=True)
class World:
    """`federated` and each member's `copies` go by the federated object that they are, or would be, of.

    `copies` are all objects that a federated object could stand for, managed or not. `namespaces` are the host's.
    `silent` members cannot be reached at the moment, and what they hold is not known.
    """

    types: tuple[FederatedType, ...]
    federated: Mapping[Named, Manifest]
    clusters: Mapping[str, Manifest]
    namespaces: frozenset[str]
    copies: Mapping[str, Mapping[Named, Manifest]]
    silent: frozenset[str] = frozenset()
    excused: frozenset[Named] = field(default_factory=frozenset)
    """Federated objects that cannot be propagated whatever happens, because of what a person wrote."""

    def wanted(self) -> Iterator[tuple[Named, Manifest]]:
        """The federated objects that are not being deleted."""
        for named, federated in self.federated.items():
            if "deletionTimestamp" not in federated["metadata"]:
                yield named, federated

    def selection(self, named: Named) -> frozenset[str]:
        """The members in which a federated object is wanted."""
        return selection(named, self.federated[named], self.namespace_of(named), self.clusters)

    def namespace_of(self, named: Named) -> Manifest | None:
        """The FederatedNamespace around an object."""
        return self.federated.get((NAMESPACES, ObjectKey(named[1].namespace, named[1].namespace)))

    def copy(self, member: str, named: Named) -> Manifest | None:
        """What a member holds in a federated object's place."""
        return self.copies.get(member, {}).get(named)


def selection(
    named: Named, federated: Manifest, namespace: Manifest | None, clusters: Mapping[str, Manifest]
) -> frozenset[str]:
    """The registered clusters that an object selects, within those of its namespace."""
    own = _selected(federated, clusters)
    if named[0] == NAMESPACES:
        return own
    return own & _selected(namespace, clusters) if namespace is not None else frozenset()


def _selected(federated: Manifest, clusters: Mapping[str, Manifest]) -> frozenset[str]:
    placement = federated.get("spec", {}).get("placement") or {}
    if placement.get("clusters") is not None:
        return frozenset(each["name"] for each in placement["clusters"]) & clusters.keys()
    selector = placement.get("clusterSelector")
    if selector is None:
        return frozenset()
    wanted = (selector.get("matchLabels") or {}).items()
    return frozenset(name for name, record in clusters.items() if record == UNREAD or wanted <= _labels(record).items())


def _labels(manifest: Manifest) -> dict[str, str]:
    return manifest["metadata"].get("labels") or {}


def rendered(federated: Manifest, member: str) -> Manifest:
    """What the copy in a member has to say: the template, with the member's overrides."""
    wish: Manifest = _cloned(federated["spec"].get("template") or {})
    for override in federated["spec"].get("overrides") or ():
        if override["clusterName"] == member:
            for operation in override.get("clusterOverrides") or ():
                _apply(wish, operation)
    return wish


def differences(wish: Any, found: Any, path: str = "") -> list[str]:
    """Where an object does not say what is wished. What the wish is silent about may be anything, but for `data`.

    What is false, zero or empty need not be said: API servers leave it out.
    """
    if isinstance(wish, list) and isinstance(found, list) and len(wish) == len(found):
        pairs = enumerate(zip(wish, found, strict=True))
        return [each for number, (one, other) in pairs for each in differences(one, other, f"{path}/{number}")]
    if not isinstance(wish, dict) or not isinstance(found, dict):
        return [] if wish == found or not (wish or found) else [path or "/"]
    unwanted = found.keys() - wish.keys() if path == "/data" else set()
    wrong = [f"{path}/{name}" for name in sorted(unwanted)]
    for name, value in wish.items():
        wrong += differences(value, found.get(name), f"{path}/{name}")
    return wrong


def _apply(wish: Manifest, operation: Manifest) -> None:
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].lstrip("/").split("/")]
    for part in way:
        wish = wish.setdefault(part, {})
    if operation.get("op", "replace") == "remove":
        wish.pop(last, None)
    else:
        wish[last] = operation["value"]


def _cloned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cloned(each) for name, each in value.items()}
    return [_cloned(each) for each in value] if isinstance(value, list) else value
