"""A namespace that members share, and what people do with services in it and see of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fedctl.apiserver import ApiServer
from fedctl.kinds import DEPLOYMENTS, NAMESPACES
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.services.words import EXPORTS, IMPORTS, OF_CLUSTER, OF_IMPORT, OF_SERVICE, SERVICES, SLICES, derived_name
from tests.support.federation import MEMBERS, Federation
from tests.support.manifests import Manifest, a_deployment, field_of
from tests.support.waiting import eventually, eventually_equal

WEB = {"name": "http", "port": 80, "targetPort": 8080}
"""The port that services have unless a test says otherwise."""


@dataclass(frozen=True, slots=True)
class Clusterset:
    """One namespace of the members."""

    federation: Federation
    namespace: str

    def open(self, *members: str) -> "Clusterset":
        """Create the namespace in these members, or in all."""
        for member in members or MEMBERS:
            self.server(member).create(
                NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
            )
        return self

    def server(self, member: str) -> ApiServer:
        """A member, as its administrator sees it."""
        return self.federation.servers[member]

    def key(self, name: str = "web") -> ObjectKey:
        """An object of the namespace."""
        return ObjectKey(self.namespace, name)

    # --- what people do ----------------------------------------------------------------------------------------

    def run(self, member: str, name: str = "web", *, pods: int = 2, **spec: Any) -> None:
        """A Deployment and its Service."""
        manifest = a_deployment(name, pods)
        self.make(member, DEPLOYMENTS, name, {"spec": manifest["spec"]})
        self.serve(member, name, **spec)

    def serve(self, member: str, name: str = "web", **spec: Any) -> None:
        """A Service of one port for the pods of that name."""
        self.make(member, SERVICES, name, {"spec": {"selector": {"app": name}, "ports": [WEB], **spec}})

    def export(self, member: str, name: str = "web", **content: Any) -> None:
        """A ServiceExport."""
        self.make(member, EXPORTS, name, content)

    def unexport(self, member: str, name: str = "web") -> None:
        """Take it back."""
        assert self.server(member).delete(EXPORTS, self.key(name))

    def scale(self, member: str, pods: int, name: str = "web") -> None:
        """Let another number of pods run."""
        self.server(member).merge(DEPLOYMENTS, self.key(name), {"spec": {"replicas": pods}})

    def make(self, member: str, resource: ResourceType, name: str, content: Mapping[str, Any]) -> None:
        """Create an object, as somebody does who is at home in the member."""
        metadata = {**content.get("metadata", {}), "name": name, "namespace": self.namespace}
        manifest = {**content, "apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
        self.server(member).create(resource, manifest)

    # --- what people see ---------------------------------------------------------------------------------------

    def imported(self, member: str, name: str = "web") -> Manifest | None:
        """A member's import."""
        return self.server(member).find(IMPORTS, self.key(name))

    def exporters(self, member: str, name: str = "web") -> list[ClusterName]:
        """The exporting clusters, as the status of a member's import has them."""
        clusters = field_of(self.imported(member, name) or {}, "status", "clusters") or ()
        return [ClusterName(each["cluster"]) for each in clusters]

    def port_numbers(self, member: str, name: str = "web") -> list[int]:
        """The ports of a member's import."""
        return [each["port"] for each in field_of(self.imported(member, name) or {}, "spec", "ports") or ()]

    def address(self, member: str, name: str = "web") -> str:
        """The address of a member's import; empty when it has none."""
        return str((field_of(self.imported(member, name) or {}, "spec", "ips") or [""])[0])

    def derived(self, member: str, name: str = "web") -> Manifest | None:
        """The Service that holds the import's address."""
        return self.server(member).find(SERVICES, self.key(derived_name(self.key(name))))

    def slices(self, member: str, name: str = "web") -> list[Manifest]:
        """The slices of a member's import."""
        return list(self.server(member).objects(SLICES, self.namespace, labels=f"{OF_IMPORT}={name}"))

    def endpoints(self, member: str, name: str = "web") -> dict[str, set[str]]:
        """The ready addresses of a member's import, by the cluster where they are."""
        found: dict[str, set[str]] = {}
        for slice_ in self.slices(member, name):
            held = found.setdefault(slice_["metadata"]["labels"][OF_CLUSTER], set())
            held |= {each["addresses"][0] for each in slice_["endpoints"] or () if each["conditions"]["ready"]}
        return found

    def own_endpoints(self, member: str, name: str = "web") -> set[str]:
        """The ready addresses of a member's own Service, by its endpoint controller."""
        labels = f"{OF_SERVICE}={name}"
        return {
            each["addresses"][0]
            for slice_ in self.server(member).objects(SLICES, self.namespace, labels=labels)
            for each in slice_["endpoints"] or ()
            if each["conditions"].get("ready")
        }

    def conditions(self, member: str, name: str = "web") -> dict[str, tuple[str, str]]:
        """Status and reason of an export's conditions."""
        stored = self.server(member).get(EXPORTS, self.key(name))
        return {each["type"]: (each["status"], each["reason"]) for each in field_of(stored, "status", "conditions") or ()}

    def condition(self, member: str, kind: str, name: str = "web") -> tuple[str, str] | None:
        """Status and reason of one condition of an export."""
        return self.conditions(member, name).get(kind)

    def message(self, member: str, kind: str, name: str = "web") -> str:
        """The message of one condition of an export."""
        stored = self.server(member).get(EXPORTS, self.key(name))
        conditions = field_of(stored, "status", "conditions") or ()
        return next((str(each["message"]) for each in conditions if each["type"] == kind), "")

    # --- waiting -----------------------------------------------------------------------------------------------

    def await_pods(self, member: str, count: int, name: str = "web") -> set[str]:
        """Wait until so many pods are ready; their addresses."""
        eventually(lambda: len(self.own_endpoints(member, name)) == count, f"{count} pods of {name} are ready in {member}")
        return self.own_endpoints(member, name)

    def await_endpoints(self, name: str = "web", **by_source: set[str]) -> None:
        """Wait until every member's import has exactly these ready endpoints."""
        for member in MEMBERS:
            eventually_equal(partial(self.endpoints, member, name), by_source)

    def await_imported(self, name: str = "web") -> dict[str, str]:
        """Wait until every member has an import with an address; the addresses."""
        for member in MEMBERS:
            eventually(partial(self.address, member, name), f"{member} has an import with an address")
        return {member: self.address(member, name) for member in MEMBERS}

    def await_gone(self, name: str = "web") -> None:
        """Wait until nothing is left of an import anywhere."""
        for member in MEMBERS:
            eventually_equal(partial(self._left, member, name), (None, None, []))

    def _left(self, member: str, name: str) -> tuple[Manifest | None, Manifest | None, list[Manifest]]:
        return self.imported(member, name), self.derived(member, name), self.slices(member, name)


def exported() -> dict[str, tuple[str, str]]:
    """The conditions of an export that nobody disagrees with."""
    return {"Valid": ("True", "Valid"), "Ready": ("True", "Exported"), "Conflict": ("False", "NoConflicts")}
