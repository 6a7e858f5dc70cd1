"""One simulated cluster: its collections, and the answer to every request that a member's API server gets from us."""

from dataclasses import dataclass, field
from uuid import uuid4

import orjson

from bench.simulated.collection import Collection, Manifest, Refusal, Versions

TOKEN = "simulated"  # noqa: S105 - it opens nothing
_TYPES = (
    ("", "v1", "namespaces", "Namespace"),
    ("", "v1", "nodes", "Node"),
    ("", "v1", "configmaps", "ConfigMap"),
    ("", "v1", "secrets", "Secret"),
    ("", "v1", "services", "Service"),
    ("", "v1", "serviceaccounts", "ServiceAccount"),
    ("apps", "v1", "deployments", "Deployment"),
    ("apps", "v1", "replicasets", "ReplicaSet"),
    ("batch", "v1", "jobs", "Job"),
    ("networking.k8s.io", "v1", "ingresses", "Ingress"),
)
_CLUSTER_ROLES = ("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole")
_VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.3"}


@dataclass(frozen=True, slots=True)
class Place:
    """What a path names: a collection, a namespace in it or none, and an object or none."""

    collection: Collection
    namespace: str
    name: str


@dataclass(slots=True)
class Cluster:
    """A cluster with two nodes in a region of its own, and the namespaces that it was told to have."""

    region: str
    requests: int = 0
    """So many have been asked of it."""
    versions: Versions = field(default_factory=Versions)
    _collections: dict[str, Collection] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make what every cluster has."""
        for group, version, plural, kind in _TYPES:
            self._add(group, version, plural, kind, generations=bool(group))
        self._add(*_CLUSTER_ROLES)
        for name in ("kube-system", "default"):
            self._collections["/api/v1/namespaces"].create("", {"metadata": {"name": name}}, "apiserver")
        for zone in ("a", "b"):
            labels = {
                "topology.kubernetes.io/region": self.region,
                "topology.kubernetes.io/zone": f"{self.region}{zone}",
            }
            metadata = {"name": f"node-{zone}-{uuid4().hex[:8]}", "labels": labels}
            self._collections["/api/v1/nodes"].create("", {"metadata": metadata}, "kubelet")

    def page_without_objects(self, path: str) -> tuple[bytes, str] | None:
        """Body and content type of /healthz and /version; None for every other path."""
        if path == "/healthz":
            return b"ok", "text/plain; charset=utf-8"
        if path == "/version":
            return orjson.dumps(_VERSION), "application/json"
        return None

    def place(self, path: str) -> Place:
        """What a path names. Raises Refusal."""
        base, _, rest = path.partition("/namespaces/")
        if rest.count("/") in (1, 2):
            namespace, resource, name = (*rest.split("/"), "")[:3]
            if collection := self._collections.get(f"{base}/{resource}"):
                return Place(collection, namespace, name)
        for prefix, collection in self._collections.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                return Place(collection, "", path[len(prefix) + 1 :])
        raise Refusal(404, "NotFound", "the server could not find the requested resource")

    def count(self, resource: str, namespace: str) -> int:
        """So many objects of a core type a namespace holds."""
        return len(self._collections[f"/api/v1/{resource}"].selected(namespace, {}, ""))

    def _add(self, group: str, version: str, plural: str, kind: str, *, generations: bool = False) -> None:
        api_version = f"{group}/{version}" if group else version
        base = f"/apis/{group}/{version}" if group else f"/api/{version}"
        resource = f"{plural}.{group}" if group else plural
        self._collections[f"{base}/{plural}"] = Collection(
            api_version, kind, resource, self.versions, generations, self._has_namespace
        )

    def _has_namespace(self, name: str) -> bool:
        return ("", name) in self._collections["/api/v1/namespaces"].objects


def refused(refusal: Refusal) -> Manifest:
    """The metav1.Status of a refusal."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": str(refusal),
        "reason": refusal.reason,
        "code": refusal.code,
    }
