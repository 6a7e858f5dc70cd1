"""about.k8s.io/v1alpha1: what a cluster says about itself. These CRDs are for members."""

from typing import Annotated, ClassVar

from pydantic import WithJsonSchema

from kubefed.api.model import ApiModel, Resource, required
from kubefed.core.names import ResourceType

GROUP = "about.k8s.io"
VERSION = "v1alpha1"
CLUSTER_ID = "cluster.clusterset.k8s.io"
"""The property that holds the cluster's id within its clusterset."""
CLUSTERSET_ID = "clusterset.k8s.io"
"""The property that names the clusterset."""


class ClusterPropertySpec(ApiModel):
    """The property's value."""

    value: Annotated[str, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 128000})] = required("")
    """Any text."""


class ClusterProperty(Resource):
    """ClusterProperty is one fact about the cluster it is in. Its name says which."""

    resource_type: ClassVar = ResourceType(GROUP, VERSION, "clusterproperties", "ClusterProperty", namespaced=False)

    spec: ClusterPropertySpec = required(ClusterPropertySpec())
