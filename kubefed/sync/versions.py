"""What is recorded of a federated object's copies: KubeFed's PropagatedVersion, its names, its rules. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kubefed.api.core_v1alpha1 import ClusterPropagatedVersion, PropagatedVersion
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.wire import Object
from kubefed.sync.intent import Versions

PROPAGATED_VERSIONS = PropagatedVersion.resource_type
CLUSTER_PROPAGATED_VERSIONS = ClusterPropagatedVersion.resource_type


@dataclass(frozen=True, slots=True)
class Recorded:
    """One record: the hashes of what was wanted, and the version that each cluster's copy had when it was written."""

    versions: Versions
    clusters: Mapping[ClusterName, str] = field(default_factory=dict)

    def valid_for(self, versions: Versions) -> Mapping[ClusterName, str]:
        """The versions that count: all while both hashes are the same, none otherwise."""
        return self.clusters if self.versions == versions else {}

    def carried_to(self, versions: Versions) -> Mapping[ClusterName, str]:
        """What to record under these hashes: the versions that count, and the empty version where another one was recorded.

        A cluster that is out of reach while the object is edited still holds a copy. KubeFed updates on an empty version.
        """
        return self.clusters if self.versions == versions else dict.fromkeys(self.clusters, "")


class _WireCluster(msgspec.Struct, rename="camel"):
    cluster_name: str = ""
    version: str = ""


class _WireStatus(msgspec.Struct, rename="camel"):
    template_version: str = ""
    overrides_version: str = ""
    cluster_versions: list[_WireCluster] | None = None


_DECODER = msgspec.json.Decoder(_WireStatus)


def resource_for(kind: FederatedType) -> ResourceType:
    """Which of the two kinds holds the records of a federated type."""
    return PROPAGATED_VERSIONS if kind.federated.namespaced else CLUSTER_PROPAGATED_VERSIONS


def key_for(kind: FederatedType, federated: ObjectKey) -> ObjectKey:
    """Where the record of a federated object is: `<target kind>-<name>` beside it."""
    return ObjectKey(federated.namespace, f"{kind.target.kind.lower()}-{federated.name}")


def federated_key(kind: FederatedType, record: ObjectKey) -> ObjectKey | None:
    """Whose record this is: the opposite of `key_for`. None when it is of another type."""
    prefix = f"{kind.target.kind.lower()}-"
    if bool(record.namespace) != kind.federated.namespaced or not record.name.startswith(prefix):
        return None
    return ObjectKey(record.namespace, record.name.removeprefix(prefix))


def read_recorded(record: Object) -> Recorded | None:
    """Read a record's status; None while it has none, or one that makes no sense."""
    if not record.status:
        return None
    try:
        wire = _DECODER.decode(record.status)
    except msgspec.DecodeError:
        return None
    clusters = {ClusterName(entry.cluster_name): entry.version for entry in wire.cluster_versions or ()}
    return Recorded(Versions(wire.template_version, wire.overrides_version), clusters)


def status_of(recorded: Recorded) -> dict[str, Any]:
    """The record's status, sorted by cluster."""
    return {
        "templateVersion": recorded.versions.template,
        "overridesVersion": recorded.versions.overrides,
        "clusterVersions": [
            {"clusterName": cluster, "version": recorded.clusters[cluster]} for cluster in sorted(recorded.clusters)
        ],
    }


def new_record(kind: FederatedType, federated: Object) -> dict[str, Any]:
    """A record without status, owned by its federated object, so that the API server collects it."""
    resource, key = resource_for(kind), key_for(kind, federated.key)
    owner = {
        "apiVersion": kind.federated.api_version,
        "kind": kind.federated.kind,
        "name": federated.name,
        "uid": federated.metadata.uid,
    }
    metadata: dict[str, Any] = {"name": key.name, "ownerReferences": [owner]}
    if key.namespace:
        metadata["namespace"] = key.namespace
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
