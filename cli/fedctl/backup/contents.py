"""What a backup consists of, and what of an object is kept in one. Pure."""

from collections.abc import Collection, Iterable, Mapping
from enum import IntEnum
from typing import Any

from fedctl.kinds import CRDS, NAMESPACES, SECRETS
from fedctl.manifests import Manifest
from kubefed.api.core_v1alpha1 import ClusterPropagatedVersion, FederatedServiceStatus, PropagatedVersion
from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedCluster, KubeFedConfig
from kubefed.api.scheduling_v1alpha1 import ReplicaSchedulingPreference
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ResourceType
from kubefed.federated.federated_type import FederatedType


class Turn(IntEnum):
    """When an object is restored: after what it needs, and records before what they are about.

    A controller that meets a federated object without its record would write every copy anew.
    """

    CRD = 0
    NAMESPACE = 1
    CONFIG = 2
    TYPE = 3
    CREDENTIAL = 4
    RECORD = 5
    CLUSTER = 6
    FEDERATED = 7
    PREFERENCE = 8


FIXED: dict[ResourceType, Turn] = {
    CRDS: Turn.CRD,
    NAMESPACES: Turn.NAMESPACE,
    KubeFedConfig.resource_type: Turn.CONFIG,
    FederatedTypeConfig.resource_type: Turn.TYPE,
    SECRETS: Turn.CREDENTIAL,
    PropagatedVersion.resource_type: Turn.RECORD,
    ClusterPropagatedVersion.resource_type: Turn.RECORD,
    FederatedServiceStatus.resource_type: Turn.RECORD,
    KubeFedCluster.resource_type: Turn.CLUSTER,
    ReplicaSchedulingPreference.resource_type: Turn.PREFERENCE,
}
"""Every kind that is part of each federation's backup."""

_OF_THE_SERVER = ("managedFields", "resourceVersion", "selfLink")
_OF_ONE_LIFE = (
    *_OF_THE_SERVER,
    *("uid", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences"),
)


class Kinds:
    """The kinds of one federation: those that all have, and its federated ones."""

    def __init__(self, federated: Iterable[FederatedType]) -> None:
        turns = FIXED | dict.fromkeys((kind.federated for kind in federated), Turn.FEDERATED)
        self._turns = {(resource.api_version, resource.kind): (resource, turn) for resource, turn in turns.items()}

    def of(self, manifest: Mapping[str, Any]) -> tuple[ResourceType, Turn] | None:
        """The resource type and turn of a manifest; None for what is no part of a federation."""
        return self._turns.get((str(manifest.get("apiVersion")), str(manifest.get("kind"))))


def kept(resource: ResourceType, found: Mapping[str, Any]) -> Manifest:
    """An object as a backup holds it: as the server gave it, without what means nothing to anybody else."""
    fields = {name: value for name, value in found.items() if name not in ("apiVersion", "kind", "metadata")}
    if resource == CRDS:
        fields.pop("status", None)
    metadata = _without(found["metadata"], _OF_THE_SERVER)
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata, **fields}


def to_create(backed_up: Mapping[str, Any]) -> Manifest:
    """What is sent to a server for an object of a backup: what people and controllers had set in it."""
    return _without(backed_up, ("status",)) | {"metadata": _without(backed_up["metadata"], _OF_ONE_LIFE)}


def status_of(backed_up: Mapping[str, Any], generation: int) -> Manifest | None:
    """The status of an object of a backup, for its next life, which is at this generation; None when it has none.

    An observed generation stays as far behind the object's as it was.
    """
    status = backed_up.get("status")
    if not isinstance(status, dict) or not status:
        return None
    observed, former = status.get("observedGeneration"), backed_up["metadata"].get("generation")
    if not isinstance(observed, int) or not isinstance(former, int):
        return status
    return {**status, "observedGeneration": max(0, generation - max(0, former - observed))}


def _without(fields: Mapping[str, Any], names: Collection[str]) -> Manifest:
    return {name: value for name, value in fields.items() if name not in names}


def checked(document: Mapping[str, Any], where: str) -> Manifest:
    """The document, if it is an object with a kind and a name. Raises Misconfigured saying where it stands."""
    metadata = document.get("metadata")
    if not (document.get("apiVersion") and document.get("kind")):
        raise Misconfigured(f"{where} has no apiVersion and kind")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str) or not metadata["name"]:
        raise Misconfigured(f"{where}, a {document['kind']}, has no metadata.name")
    return dict(document)


def owners_of(backed_up: Mapping[str, Any], lives: Mapping[str, str]) -> tuple[list[Manifest], list[str]]:
    """An object's owner references by the uids of now, and the names of the owners of whom none is known.

    `lives` leads from the uid in the backup to the one that the server gave. Garbage collection deletes an object whose
    owners do not exist, so that a reference that cannot be rewritten must not be written.
    """
    rewritten, lost = [], []
    for reference in backed_up["metadata"].get("ownerReferences") or ():
        uid = lives.get(str(reference.get("uid")))
        if uid:
            rewritten.append({**reference, "uid": uid})
        else:
            lost.append(f"{reference.get('kind')} {reference.get('name')}")
    return rewritten, lost
