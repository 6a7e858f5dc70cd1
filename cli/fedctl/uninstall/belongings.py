"""What an installation consists of, in the order in which it is taken away. Pure.

First nobody is asked about writes any more, then nobody writes, then nobody may.
"""

from collections.abc import Iterable

from fedctl.install.deployment import DEPLOYMENT
from fedctl.kinds import DEPLOYMENTS, SECRETS, type_of
from fedctl.manifests import key_of
from fedctl.rights.controller import rights
from fedctl.rights.credentials import credential_rights
from fedctl.rights.federated_types import type_rights
from fedctl.rights.webhook import SERVING_CERTIFICATE, webhook_rights
from fedctl.webhooks.installation import SERVICES
from kubefed.admission.configurations import SERVICE_NAME, Installation, configurations
from kubefed.api import core_v1alpha1, core_v1beta1, scheduling_v1alpha1, types_v1beta1
from kubefed.api.core_v1beta1 import Scope
from kubefed.core.markers import CONTROLLER_NAME
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.federated.federated_type import FederatedType

LEASES = ResourceType("coordination.k8s.io", "v1", "leases", "Lease", namespaced=True)
_GROUPS = frozenset({core_v1alpha1.GROUP, core_v1beta1.GROUP, scheduling_v1alpha1.GROUP, types_v1beta1.GROUP})

Belonging = tuple[ResourceType, ObjectKey]


def belongings(namespace: str, scope: Scope) -> list[Belonging]:
    """What `fedctl install --image` makes and its processes add, beside CRDs, configuration and types."""
    asked = [
        (resource, ObjectKey("", manifest["metadata"]["name"]))
        for resource, manifest in configurations(Installation(namespace, scope))
    ]
    run = [
        (DEPLOYMENTS, ObjectKey(namespace, SERVICE_NAME)),
        (SERVICES, ObjectKey(namespace, SERVICE_NAME)),
        (SECRETS, ObjectKey(namespace, SERVING_CERTIFICATE)),
        (DEPLOYMENTS, ObjectKey(namespace, DEPLOYMENT)),
        (LEASES, ObjectKey(namespace, CONTROLLER_NAME)),
    ]
    granted = [
        *rights(namespace, scope),
        *type_rights(namespace, scope, ()),
        *credential_rights(namespace, ()),
        *webhook_rights(namespace, scope),
    ]
    return [*asked, *run, *((type_of(manifest), key_of(manifest)) for manifest in reversed(granted))]


def crd_is_ours(name: str, federated: Iterable[FederatedType]) -> bool:
    """Whether a CRD is of kubefed's groups or of a federated type; the types' own CRDs are not."""
    return name.partition(".")[2] in _GROUPS or name in {kind.federated.qualified_plural for kind in federated}
