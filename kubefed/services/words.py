"""What the objects, labels and annotations are called that services are made of. Pure."""

import base64
import hashlib

from kubefed.api.about_v1alpha1 import ClusterProperty
from kubefed.api.multicluster import ServiceExport, ServiceImport
from kubefed.core.names import ClusterName, ObjectKey, ResourceType

EXPORTS = ServiceExport.resource_type
IMPORTS = ServiceImport.resource_type
PROPERTIES = ClusterProperty.resource_type
SERVICES = ResourceType("", "v1", "services", "Service", namespaced=True)
SLICES = ResourceType("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", namespaced=True)
NAMESPACES = ResourceType("", "v1", "namespaces", "Namespace", namespaced=False)

OF_SERVICE = "kubernetes.io/service-name"
"""On EndpointSlices: the Service of the same cluster that they belong to."""
OF_IMPORT = "multicluster.kubernetes.io/service-name"
"""On what is made for an import: the import's name."""
OF_CLUSTER = "multicluster.kubernetes.io/source-cluster"
"""On EndpointSlices: the cluster that the endpoints are in."""
DERIVED_SERVICE = "multicluster.kubernetes.io/derived-service"
"""On imports: the Service that holds the import's address."""
SLICE_MANAGER = "endpointslice.kubernetes.io/managed-by"
MANAGED_BY = "services.kubefed.io"
STALENESS = "services.kubefed.io/staleness"
"""On exports: what happens to their endpoints when the cluster cannot be read: `Remove,after=10m,keepAtLeast=2`."""
SHOWN_LABELS = "services.kubefed.io/exported-labels"
SHOWN_ANNOTATIONS = "services.kubefed.io/exported-annotations"
"""On imports: which of their labels and annotations came from exports, so that they can go again."""

_DERIVED_LETTERS = 10
_SLICE_LETTERS = 6


def derived_name(key: ObjectKey) -> str:
    """The name of the Service that holds an import's address, as the API's reference implementation makes it."""
    return f"derived-{_digest(f'{key.namespace}/{key.name}', _DERIVED_LETTERS)}"


def slice_prefix(key: ObjectKey, source: ClusterName) -> str:
    """How the names of the EndpointSlices begin that carry one cluster's endpoints; a number follows."""
    return f"imported-{key.name}-{source}-{_digest(f'{key.name}/{source}', _SLICE_LETTERS)}-"


def _digest(text: str, letters: int) -> str:
    return base64.b32hexencode(hashlib.sha256(text.encode()).digest()).decode().lower()[:letters]
