"""types.kubefed.io/v1beta1: the shape that every Federated<Kind> has, whatever its kind.

The sync controller reads these objects as plain JSON; the models serve the CRDs, admission and the command line.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, WithJsonSchema

from kubefed.api.model import ApiModel, Int64, ObjectMeta, OpaqueObject, OpaqueValue, Sentence, Time, required

GROUP = "types.kubefed.io"
VERSION = "v1beta1"

PROPAGATION = "Propagation"
"""The only type of condition that a federated object has."""


class PropagationReason(StrEnum):
    """Why the Propagation condition is False. It is True exactly when there is no reason."""

    CHECK_CLUSTERS = "CheckClusters"
    CLUSTER_RETRIEVAL_FAILED = "ClusterRetrievalFailed"
    COMPUTE_PLACEMENT_FAILED = "ComputePlacementFailed"
    NAMESPACE_NOT_FEDERATED = "NamespaceNotFederated"


class PropagationStatus(StrEnum):
    """How the copy in one cluster is; `status` of an entry in `status.clusters`."""

    OK = ""
    """The copy is as it should be. The field is left out then."""
    WAITING_FOR_REMOVAL = "WaitingForRemoval"
    CLUSTER_NOT_READY = "ClusterNotReady"
    CACHED_RETRIEVAL_FAILED = "CachedRetrievalFailed"
    COMPUTE_RESOURCE_FAILED = "ComputeResourceFailed"
    APPLY_OVERRIDES_FAILED = "ApplyOverridesFailed"
    CREATION_FAILED = "CreationFailed"
    UPDATE_FAILED = "UpdateFailed"
    DELETION_FAILED = "DeletionFailed"
    LABEL_REMOVAL_FAILED = "LabelRemovalFailed"
    RETRIEVAL_FAILED = "RetrievalFailed"
    ALREADY_EXISTS = "AlreadyExists"
    FIELD_RETENTION_FAILED = "FieldRetentionFailed"
    VERSION_RETRIEVAL_FAILED = "VersionRetrievalFailed"
    CLIENT_RETRIEVAL_FAILED = "ClientRetrievalFailed"
    MANAGED_LABEL_FALSE = "ManagedLabelFalse"
    CREATION_TIMED_OUT = "CreationTimedOut"
    UPDATE_TIMED_OUT = "UpdateTimedOut"
    DELETION_TIMED_OUT = "DeletionTimedOut"
    LABEL_REMOVAL_TIMED_OUT = "LabelRemovalTimedOut"


RETRIED = frozenset(
    {
        PropagationStatus.CREATION_FAILED,
        PropagationStatus.UPDATE_FAILED,
        PropagationStatus.DELETION_FAILED,
        PropagationStatus.LABEL_REMOVAL_FAILED,
        PropagationStatus.RETRIEVAL_FAILED,
        PropagationStatus.CLIENT_RETRIEVAL_FAILED,
        PropagationStatus.CREATION_TIMED_OUT,
        PropagationStatus.UPDATE_TIMED_OUT,
        PropagationStatus.DELETION_TIMED_OUT,
        PropagationStatus.LABEL_REMOVAL_TIMED_OUT,
    }
)
"""The statuses that are tried again after a while; all others wait for something to happen."""


class ClusterReference(ApiModel):
    """A member cluster."""

    name: str = required("")
    """The name of its KubeFedCluster."""


class LabelSelectorRequirement(ApiModel):
    """A condition on one label."""

    key: str = required("")
    """The label."""
    operator: str = required("")
    """In, NotIn, Exists or DoesNotExist."""
    values: list[str] | None = None
    """The values for In and NotIn."""


class LabelSelector(ApiModel):
    """Conditions on labels, all of which must hold. Without conditions it selects everything."""

    match_labels: dict[str, str] | None = None
    """Labels and the values they must have."""
    match_expressions: list[LabelSelectorRequirement] | None = None
    """Further conditions."""


class Placement(ApiModel):
    """Which clusters get a copy. No list and no selector: none; a list, even an empty one, has the last word."""

    clusters: list[ClusterReference] | None = None
    """The clusters by name. If there is a list, the selector is not looked at."""
    cluster_selector: LabelSelector | None = None
    """The clusters by the labels of their KubeFedClusters. The empty selector selects all."""


class ClusterOverride(ApiModel):
    """One change to the copy in a cluster."""

    op: Annotated[str | None, WithJsonSchema({"type": "string", "pattern": "^(add|remove|replace)?$"})] = None
    """add, remove or replace; replace unless given."""
    path: str = required("")
    """Where, as a JSON pointer: /spec/replicas."""
    value: OpaqueValue = Field(default=None, repr=False)
    """What is to be there."""


class ImageOverride(ApiModel):
    """Another image for a container, or another part of it."""

    container: str = ""
    """The container; all of them unless given."""
    image: str = ""
    """The whole image, instead of its parts."""
    registry: str = ""
    """The registry: registry.example.com:5000."""
    repository: str = ""
    """The repository: team/web."""
    tag: str = ""
    """The tag. A digest that was there goes."""
    digest: str = ""
    """The digest: sha256:..."""


class EnvOverride(ApiModel):
    """Other environment variables for a container."""

    container: str = ""
    """The container; all of them unless given."""
    set: list[OpaqueObject] | None = Field(default=None, repr=False)
    """Variables as in a container's env: a name with a value, or with valueFrom."""
    remove: list[str] | None = None
    """The names of variables that are not wanted."""


class WordsOverride(ApiModel):
    """Other words on a container's command line."""

    container: str = ""
    """The container; all of them unless given."""
    set: list[str] | None = None
    """All words, instead of those of the template."""
    add: list[str] | None = None
    """Words behind those that are there."""
    remove: list[str] | None = None
    """Words that are not wanted, as they are written."""


class MapOverride(ApiModel):
    """Other labels or annotations of the copy."""

    set: dict[str, str] | None = None
    """Keys and their values."""
    remove: list[str] | None = None
    """Keys that are not wanted."""


class OverrideItem(ApiModel):
    """The changes for one cluster, or for several. Entries for all come first, then selectors, then names."""

    cluster_name: str = ""
    """The member cluster."""
    cluster_selector: LabelSelector | None = None
    """The clusters by the labels of their KubeFedClusters, instead of a name. Added by kubefed."""
    all_clusters: bool | None = Field(default=None, alias="all")
    """true: every cluster, instead of a name. Added by kubefed."""
    images: list[ImageOverride] | None = None
    """Other images. Added by kubefed, as are the fields below."""
    env: list[EnvOverride] | None = None
    """Other environment variables."""
    command: list[WordsOverride] | None = None
    """Other commands of containers."""
    args: list[WordsOverride] | None = None
    """Other arguments of containers."""
    labels: MapOverride | None = None
    """Other labels of the copy."""
    annotations: MapOverride | None = None
    """Other annotations of the copy."""
    cluster_overrides: list[ClusterOverride] | None = None
    """Any changes, in the order in which they are made, after those above."""


class FederatedSpec(ApiModel):
    """What is copied, where, and with which differences."""

    template: OpaqueObject | None = Field(default=None, repr=False)
    """The object to be copied, without its name and namespace."""
    placement: Placement | None = None
    """Which clusters get a copy."""
    overrides: list[OverrideItem] | None = None
    """How copies differ between clusters."""
    retain_replicas: bool | None = None
    """Whether spec.replicas stays what it is in each cluster, for autoscalers there."""


class PropagationCondition(ApiModel):
    """Whether every selected cluster has its copy."""

    type: str = required("")
    """Propagation."""
    status: str = required("")
    """True or False."""
    reason: str | None = None
    """Why the status is False."""
    last_update_time: Time | None = None
    """When the controller last changed something about the copies."""
    last_transition_time: Time | None = None
    """When status or reason last changed."""


class ClusterPropagation(ApiModel):
    """The copy in one cluster."""

    name: str = required("")
    """The member cluster."""
    status: str | None = None
    """What is wrong with the copy; absent when nothing is."""
    message: Sentence | None = None
    """What a person needs to know about the status, in words without values. Added by kubefed."""
    remote_status: OpaqueObject | None = Field(default=None, repr=False)
    """The status of the copy, where statuses are collected."""


class FederatedStatus(ApiModel):
    """How the copies are."""

    observed_generation: Int64 | None = None
    """The generation that this status is about."""
    conditions: list[PropagationCondition] | None = None
    """The Propagation condition."""
    clusters: list[ClusterPropagation] | None = None
    """The clusters that have or should have a copy, sorted by name."""


class FederatedObject(ApiModel):
    """Any object of a federated kind."""

    api_version: str = ""
    kind: str = ""
    metadata: ObjectMeta = ObjectMeta()
    spec: FederatedSpec = required(FederatedSpec())
    status: FederatedStatus | None = None
