"""A federated namespace that belongs to one test, and what people do and see in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedctl.kinds import EVENTS, NAMESPACES
from kubefed.api.types_v1beta1 import PROPAGATION
from kubefed.core.errors import Stale
from kubefed.core.markers import MANAGED, MANAGED_LABEL
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.federated.federated_type import FederatedType
from tests.builders import kinds
from tests.builders.objects import FederatedBuilder
from tests.support.federation import MEMBERS, Federation, on_kubefeds_crds
from tests.support.kinds import PROPAGATED_VERSIONS
from tests.support.manifests import Manifest, a_deployment, field_of
from tests.support.waiting import eventually, eventually_equal

OK = ""
"""The status of a copy that is as it should be."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a federated object's status says, without times and messages."""

    reason: str
    clusters: Mapping[str, str]
    current: bool = True
    """Whether it is about the newest generation."""


def fine(*clusters: str) -> Told:
    """Every one of these clusters has its copy."""
    return Told("", dict.fromkeys(clusters, OK))


def everywhere(value: Any) -> dict[str, Any]:
    """The same in both members."""
    return dict.fromkeys(MEMBERS, value)


def troubled(**clusters: str) -> Told:
    """The statuses of clusters of which at least one has something to complain about."""
    return Told("CheckClusters", clusters)


@dataclass(frozen=True, slots=True)
class Shop:
    """One namespace of the host, federated to both members unless a test says otherwise."""

    federation: Federation
    namespace: str

    def open(self, *members: str) -> "Shop":
        """Create the namespace in the host and federate it to these members."""
        self.federation.host.create(
            NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        )
        self.create(self.fed_namespace().placed_on(*members))
        return self

    # --- what can be wished ------------------------------------------------------------------------------------

    def fed_namespace(self) -> FederatedBuilder:
        """The FederatedNamespace, placed nowhere yet."""
        return self.a(kinds.NAMESPACES, self.namespace)

    def a(self, kind: FederatedType, name: str) -> FederatedBuilder:
        """A federated object of this namespace, placed nowhere yet."""
        return FederatedBuilder(kind, ObjectKey(self.namespace, name)).without_finalizer()

    def config_map(self, name: str = "settings", **data: str) -> FederatedBuilder:
        """A FederatedConfigMap with these data, placed on every member."""
        return (
            self.a(kinds.CONFIG_MAPS, name)
            .with_template({"data": data or {"colour": "red"}})
            .placed_on(*self.federation.members)
        )

    def deployment(self, name: str = "web", *, replicas: int = 2) -> FederatedBuilder:
        """A FederatedDeployment of one container, placed on every member."""
        return (
            self.a(kinds.DEPLOYMENTS, name).with_template(a_deployment(name, replicas)).placed_on(*self.federation.members)
        )

    # --- what people do ----------------------------------------------------------------------------------------

    def create(self, wish: FederatedBuilder) -> FederatedBuilder:
        """Apply it for the first time."""
        self.federation.host.create(wish.kind.federated, wish.manifest())
        return wish

    def edit(self, wish: FederatedBuilder) -> FederatedBuilder:
        """Make the stored spec what `wish` says, whatever it was."""
        eventually(lambda: self._replaced(wish), f"{wish.key} can be written")
        return wish

    def _replaced(self, wish: FederatedBuilder) -> bool:
        host, resource = self.federation.host, wish.kind.federated
        try:
            host.replace(resource, {**host.get(resource, wish.key), "spec": wish.spec})
        except Stale:
            return False
        return True

    def annotate(self, wish: FederatedBuilder, **annotations: str) -> None:
        """Set annotations `kubefed.io/<name>` on the stored object."""
        named = {f"kubefed.io/{name}": text for name, text in annotations.items()}
        self.federation.host.merge(wish.kind.federated, wish.key, {"metadata": {"annotations": named}})

    def delete(self, wish: FederatedBuilder) -> None:
        """Ask for its deletion."""
        assert self.federation.host.delete(wish.kind.federated, wish.key)

    def change(self, wish: FederatedBuilder, member: str, patch: Manifest) -> None:
        """Change a copy, as somebody does who is at home in the member."""
        self.federation.servers[member].merge(wish.kind.target, self._copy_key(wish), patch)

    def remove(self, wish: FederatedBuilder, member: str) -> None:
        """Delete a copy, as somebody does who is at home in the member."""
        assert self.federation.servers[member].delete(wish.kind.target, self._copy_key(wish))

    def make(self, member: str, target: ResourceType, name: str, content: Manifest) -> None:
        """Create an ordinary object in a member, as somebody does who is at home there."""
        metadata = {**content.get("metadata", {}), "name": name, "namespace": self.namespace}
        manifest = {**content, "apiVersion": target.api_version, "kind": target.kind, "metadata": metadata}
        self.federation.servers[member].create(target, manifest)

    # --- what is to be seen ------------------------------------------------------------------------------------

    def stored(self, wish: FederatedBuilder) -> Manifest | None:
        """The federated object."""
        return self.federation.host.find(wish.kind.federated, wish.key)

    def copy(self, wish: FederatedBuilder, member: str) -> Manifest | None:
        """The object in a member that the federated object stands for, managed or not."""
        return self.federation.servers[member].find(wish.kind.target, self._copy_key(wish))

    def managed_copy(self, wish: FederatedBuilder, member: str) -> Manifest:
        """The copy, which must be there and labelled as one."""
        found = self.copy(wish, member)
        assert found is not None
        assert found["metadata"]["labels"][MANAGED_LABEL] == MANAGED
        return found

    def copies(self, wish: FederatedBuilder, *path: str) -> dict[str, Any]:
        """One field of each member's copy; members without a copy are left out."""
        found = {member: self.copy(wish, member) for member in self.federation.members}
        return {member: field_of(each, *path) for member, each in found.items() if each is not None}

    def told(self, wish: FederatedBuilder) -> Told | None:
        """What the status says; None while there is none."""
        stored = self.stored(wish)
        return told_by(stored) if stored is not None else None

    def recorded(self, wish: FederatedBuilder) -> dict[str, str]:
        """The recorded version of each cluster's copy."""
        name = f"{wish.kind.target.kind.lower()}-{wish.key.name}"
        record = self.federation.host.find(PROPAGATED_VERSIONS, ObjectKey(self.namespace, name))
        versions = ((record or {}).get("status") or {}).get("clusterVersions") or ()
        return {each["clusterName"]: each["version"] for each in versions}

    def events(self, reason: str) -> list[str]:
        """The messages of the namespace's Events with this reason."""
        found = self.federation.host.objects(EVENTS, self.namespace, fields=f"reason={reason}")
        return [event["message"] for event in found]

    # --- waiting -----------------------------------------------------------------------------------------------

    def await_told(self, wish: FederatedBuilder, expected: Told, *, within_s: float = 30.0) -> None:
        """Wait until the status says exactly this of the newest generation."""
        eventually_equal(lambda: self.told(wish), expected, within_s=within_s)

    def settle(self, wish: FederatedBuilder, *clusters: str) -> FederatedBuilder:
        """Create it and wait until these clusters, or all, have their copies."""
        self.create(wish)
        self.await_told(wish, fine(*(clusters or self.federation.members)))
        return wish

    def await_gone(self, wish: FederatedBuilder, *, within_s: float = 30.0) -> None:
        """Wait until the federated object is gone."""
        eventually(lambda: self.stored(wish) is None, f"{wish.key} is gone", within_s=within_s)

    def await_message(self, wish: FederatedBuilder, member: str, text: str) -> str:
        """Wait until the status explains a cluster in words that contain `text`; all of them."""
        return eventually(lambda: self._explanation(wish, member, text), f"{member} is explained with {text!r}")

    def _explanation(self, wish: FederatedBuilder, member: str, text: str) -> str:
        """From the status; on KubeFed's CRDs, which know no messages there, from the object's events."""
        if on_kubefeds_crds():
            told = (str(each.get("message")) for each in self.federation.host.objects(EVENTS, self.namespace))
            return next((message for message in told if text in message), "")
        status = (self.stored(wish) or {}).get("status") or {}
        entries = {entry["name"]: entry.get("message", "") for entry in status.get("clusters") or ()}
        message = str(entries.get(member, ""))
        return message if text in message else ""

    def _copy_key(self, wish: FederatedBuilder) -> ObjectKey:
        return wish.key if wish.kind.target.namespaced else ObjectKey("", wish.key.name)


def told_by(stored: Manifest) -> Told | None:
    """What a federated object's status says."""
    status = stored.get("status") or {}
    conditions = [each for each in status.get("conditions") or () if each["type"] == PROPAGATION]
    if not conditions:
        return None
    [condition] = conditions
    assert (condition["status"] == "True") == ("reason" not in condition)
    names = [entry["name"] for entry in status.get("clusters") or ()]
    assert names == sorted(names)
    return Told(
        condition.get("reason", ""),
        {entry["name"]: entry.get("status", OK) for entry in status.get("clusters") or ()},
        current=status["observedGeneration"] == stored["metadata"]["generation"],
    )
