"""What things are called: clusters, objects, resource types. No behaviour beyond spelling."""

from dataclasses import dataclass
from typing import NewType
from urllib.parse import quote

ClusterName = NewType("ClusterName", str)
"""The name of a KubeFedCluster, and so of a member cluster. Never the host's name."""


@dataclass(frozen=True, slots=True, order=True)
class ObjectKey:
    """An object's place within one resource type of one cluster. `namespace` is empty for cluster-scoped objects."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True, order=True)
class ResourceType:
    """One served API resource: where its objects live in URLs and what their manifests say.

    `group` is empty for the core group. `plural` is the URL's word, `kind` the manifest's.
    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool

    @property
    def api_version(self) -> str:
        """The manifest's `apiVersion`: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified_plural(self) -> str:
        """The group-qualified plural, as FederatedTypeConfigs and CRDs are named: `configmaps`, `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def collection_path(self, namespace: str = "") -> str:
        """The URL path of the collection; of all namespaces when `namespace` is empty."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return f"{root}/namespaces/{namespace}/{self.plural}" if namespace else f"{root}/{self.plural}"

    def object_path(self, key: ObjectKey, subresource: str = "") -> str:
        """The URL path of one object, or of its `subresource`."""
        path = f"{self.collection_path(key.namespace)}/{quote(key.name, safe=':')}"
        return f"{path}/{subresource}" if subresource else path

    def __str__(self) -> str:
        return self.qualified_plural
