"""Types that the tests federate beside those of `tests.builders.kinds`, and the CRDs of those that are made up."""

from kubefed.api.core_v1alpha1 import PropagatedVersion
from kubefed.core.names import ResourceType
from tests.builders.kinds import a_type
from tests.support.manifests import Manifest

GROUP = "tests.example.com"

PROPAGATED_VERSIONS = PropagatedVersion.resource_type
REPLICA_SETS = ResourceType("apps", "v1", "replicasets", "ReplicaSet", namespaced=True)
WIDGETS = a_type(ResourceType(GROUP, "v1", "widgets", "Widget", namespaced=True))


def a_crd(target: ResourceType) -> Manifest:
    """A CRD that takes any spec, whose numbers must be positive where they are called `size`."""
    size = {"type": "integer", "minimum": 1}
    spec = {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"size": size}}
    version = {
        "name": target.version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": target.qualified_plural},
        "spec": {
            "group": target.group,
            "scope": "Namespaced" if target.namespaced else "Cluster",
            "names": {"kind": target.kind, "plural": target.plural, "singular": target.kind.lower()},
            "versions": [version],
        },
    }
