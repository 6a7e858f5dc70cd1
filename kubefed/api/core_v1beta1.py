"""core.kubefed.io/v1beta1: which clusters there are, which types are federated, and how the controller is configured.

The schemas of these kinds state types and required fields only: which words a field may hold is checked by
`kubefed.api.validation`, in the webhook and at start-up, and what a missing field means is in `kubefed.api.defaults`.
"""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from kubefed.api.durations import Duration
from kubefed.api.model import ApiModel, Bytes, Int64, Resource, Sentence, Time, Word, required, schema
from kubefed.core.names import ResourceType

GROUP = "core.kubefed.io"
VERSION = "v1beta1"


class Scope(StrEnum):
    """Where the objects of a type live; of a control plane, which namespaces it serves."""

    CLUSTER = "Cluster"
    NAMESPACED = "Namespaced"


class Toggle(StrEnum):
    """KubeFed's spelling of yes and no."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"


class ResourceLock(StrEnum):
    """Where KubeFed kept its leader election. Read and validated, but leaders are elected with a Lease."""

    CONFIG_MAPS = "configmaps"
    ENDPOINTS = "endpoints"


class Trust(StrEnum):
    """How much of what KubeFed allowed is allowed."""

    STRICT = "Strict"
    COMPATIBLE = "Compatible"


class ControllerState(StrEnum):
    """Whether the controller of a federated type works."""

    RUNNING = "Running"
    NOT_RUNNING = "NotRunning"


class ApplyStrategy(StrEnum):
    """How copies are written: whole objects with PUT, as KubeFed did, or owned fields with server-side apply."""

    UPDATE = "Update"
    SERVER_SIDE_APPLY = "ServerSideApply"


class Authorization(StrEnum):
    """By whose rights the objects of a type reach the members."""

    REQUESTER = "Requester"
    EXECUTOR = "Executor"
    PLATFORM = "Platform"


class TLSValidation(StrEnum):
    """A check of a member's certificate that a record may switch off."""

    ALL = "*"
    SUBJECT_NAME = "SubjectName"
    VALIDITY_PERIOD = "ValidityPeriod"


class GuardMode(StrEnum):
    """What becomes of an act that would remove more than the limits allow."""

    HOLD = "Hold"
    WARN = "Warn"
    OFF = "Off"


class StalenessPolicy(StrEnum):
    """What happens to endpoints that cannot be looked after any more."""

    KEEP = "Keep"
    DRAIN = "Drain"
    REMOVE = "Remove"


class ClusterConditionType(StrEnum):
    """What a condition of a KubeFedCluster is about."""

    READY = "Ready"
    OFFLINE = "Offline"
    CONFIG_MALFORMED = "ConfigMalformed"


class LocalSecretReference(ApiModel):
    """A Secret in the same namespace."""

    name: str = required("")
    """Name of a Secret in the same namespace."""


class ClusterPlace(ApiModel):
    """Where a member cluster is, for names and meshes that prefer what is near. Added by kubefed."""

    region: Word | None = None
    """The region. Unless given: the one that most of the member's nodes name."""
    zone: Word | None = None
    """The zone, for a cluster that is in one. Unless given: the nodes' own, if all are in one."""
    network: Word | None = None
    """The network of the member's pods. Pods of clusters in one network reach each other directly."""
    gateways: Annotated[list[Sentence] | None, schema(maxItems=16)] = None
    """Where the member's services are reached from other networks: host:port, each."""
    endpoint_ranges: Annotated[list[Sentence] | None, schema(maxItems=64)] = None
    """The address ranges (CIDR) of the member's pods. Endpoints outside of them are not exported, nor those inside of them
    from any other member."""


class KubeFedClusterSpec(ApiModel):
    """How the member cluster is reached."""

    api_endpoint: str = required("")
    """The API server of the member cluster: a URL, or a host with or without a port. Without a scheme https is meant."""
    ca_bundle: Bytes | None = None
    """The certificate authorities that the API server's certificate may come from, as PEM."""
    secret_ref: LocalSecretReference = required(LocalSecretReference())
    """The Secret that holds the credentials for the member cluster; KubeFed's have a bearer token under the key token."""
    disabled_tls_validations: list[str] | None = Field(default=None, alias="disabledTLSValidations")
    """Checks of the member's certificate that are left out: *, SubjectName or ValidityPeriod; * stands alone. Takes effect
    only under trust Compatible."""
    proxy_url: str | None = Field(default=None, alias="proxyURL", repr=False)
    """A proxy on the way to the member cluster: an http, https or socks5 URL. Takes effect only under trust Compatible."""
    place: ClusterPlace | None = None


class ClusterCondition(ApiModel):
    """One aspect of the state of a member cluster."""

    type: str = required("")
    """Ready, Offline or ConfigMalformed."""
    status: str = required("")
    """True, False or Unknown."""
    last_probe_time: Time = required("")
    """When the condition was last checked."""
    last_transition_time: Time | None = None
    """When the status last changed."""
    reason: str | None = None
    """A word for why the status is what it is."""
    message: str | None = None
    """A sentence for people."""


class ClusterWarning(ApiModel):
    """Something about a member cluster that works but should be changed. Added by kubefed."""

    reason: Word = required("")
    """A word for what should be changed, such as TLSValidationDisabled."""
    message: Sentence | None = None
    """What to do about it."""


class ClusterDetails(ApiModel):
    """What kubefed knows about a member cluster beyond KubeFed's conditions. Added by kubefed."""

    state: Word | None = None
    """The state of the connection: Joining, Ready, Degraded, Offline or Malformed."""
    since: Time | None = None
    """When the connection came into that state."""
    message: Sentence | None = None
    """Why the connection is in that state, and what to do, in kubefed's own words."""
    last_contact: Time | None = None
    """When the member cluster last answered. Refreshed at most every five minutes while nothing else changes."""
    uid: Word | None = None
    """The uid of the member's kube-system namespace: by it a cluster is known to be the one that was joined."""
    token_expires_at: Time | None = None
    """When the token for the member cluster expires, if it does."""
    certificate_expires_at: Time | None = None
    """When the first of the certificates involved expires: the client's, the authorities', or the API server's."""
    features: Annotated[list[Word] | None, schema(maxItems=32)] = None
    """What the member's API server can do that kubefed makes use of, sorted."""
    warnings: Annotated[list[ClusterWarning] | None, schema(maxItems=16)] = None
    """What works but should be changed."""


class KubeFedClusterStatus(ApiModel):
    """What the controller last saw of the member cluster."""

    conditions: list[ClusterCondition] = required([])
    """The current conditions."""
    kubernetes_version: str | None = None
    """The version of the member's API server."""
    zones: list[str] | None = None
    """The zones of the member's nodes."""
    region: str | None = None
    """The region of the member's nodes."""
    details: ClusterDetails | None = None
    """More about the connection than the conditions say. Added by kubefed."""


class KubeFedCluster(Resource):
    """KubeFedCluster makes a member cluster known and says how to talk to it.

    Only those in the system namespace count.
    """

    resource_type: ClassVar = ResourceType(GROUP, VERSION, "kubefedclusters", "KubeFedCluster", namespaced=True)

    spec: KubeFedClusterSpec = required(KubeFedClusterSpec())
    status: KubeFedClusterStatus | None = None


class ControllerDurations(ApiModel):
    """Waiting times of the controller."""

    available_delay: Duration | None = None
    """How long to wait before acting on a cluster that became ready."""
    unavailable_delay: Duration | None = None
    """How long to wait before giving up on a cluster that is not ready."""
    cache_sync_timeout: Duration | None = None
    """How long KubeFed waited for its caches before it exited. kubefed never exits for a cluster that does not answer."""


class LeaderElection(ApiModel):
    """How one of several controller processes becomes the one that writes."""

    lease_duration: Duration | None = None
    """How long the others wait for a leader that no longer renews. Must be greater than renewDeadline."""
    renew_deadline: Duration | None = None
    """How long the leader tries to renew before it stops leading. Must be greater than 1.2 times retryPeriod."""
    retry_period: Duration | None = None
    """How long to wait between attempts to become or stay the leader."""
    resource_lock: str | None = None
    """configmaps or endpoints. Kept for KubeFed's sake: leaders are elected with a Lease."""


class FeatureGateSetting(ApiModel):
    """One feature gate."""

    name: str = required("")
    """The gate: PushReconciler, RawResourceStatusCollection or SchedulerPreferences."""
    configuration: str = required("")
    """Enabled or Disabled."""


class ClusterHealthCheck(ApiModel):
    """How the health of member clusters is checked."""

    period: Duration | None = None
    """How often every cluster is probed."""
    failure_threshold: Int64 | None = None
    """Failures in a row after which a healthy cluster counts as failed."""
    success_threshold: Int64 | None = None
    """Successes in a row after which a failed cluster counts as healthy."""
    timeout: Duration | None = None
    """How long one probe may take."""


class SyncControllerConfig(ApiModel):
    """The part of the controller that writes copies into members."""

    max_concurrent_reconciles: Int64 | None = None
    """How many objects of one type are worked on at the same time."""
    adopt_resources: str | None = None
    """Whether objects that are in a member already become copies: Enabled or Disabled."""


class StatusControllerConfig(ApiModel):
    """The part of the controller that collects statuses from members."""

    max_concurrent_reconciles: Int64 | None = None
    """How many objects of one type are worked on at the same time."""


class StalenessConfig(ApiModel):
    """What happens to the endpoints of a member that cannot be read any more. Added by kubefed."""

    policy: Annotated[str | None, schema(enum=[*StalenessPolicy])] = None
    """Keep, the default: as they were last known. Drain: after a while they get traffic only if no others are ready.
    Remove: after a while they are removed, except for the last ones."""
    after: Duration | None = None
    """How long a member must be out of reach; five minutes unless given."""
    keep_at_least: Int64 | None = None
    """So many ready endpoints of a service stay in any case; one unless given."""


class DeletionGuardConfig(ApiModel):
    """How much one act may remove from members before a person has to approve. Added by kubefed."""

    mode: Annotated[str | None, schema(enum=[*GuardMode])] = None
    """Hold, the default: more than the limits waits for `fedctl approve`. Warn: it is done, and told. Off: not counted."""
    max_objects: Int64 | None = None
    """So many federated objects may lose copies by one act; 20 unless given."""
    max_percent: Int64 | None = None
    """So many percent of a member's copies, counted when more than ten go; 25 unless given."""
    max_clusters: Int64 | None = None
    """So many clusters may lose copies by one act; 5 unless given."""


class ServicesConfig(ApiModel):
    """Services of the clusterset. Added by kubefed."""

    staleness: StalenessConfig | None = None


class KubeFedConfigSpec(ApiModel):
    """The configuration; what is missing has a default, but for the scope."""

    scope: str = required("")
    """Cluster: all namespaces are federated. Namespaced: the system namespace only. Cannot be changed."""
    controller_duration: ControllerDurations | None = None
    leader_elect: LeaderElection | None = None
    feature_gates: list[FeatureGateSetting] | None = None
    cluster_health_check: ClusterHealthCheck | None = None
    sync_controller: SyncControllerConfig | None = None
    status_controller: StatusControllerConfig | None = None
    trust: Annotated[str | None, schema(enum=[*Trust])] = None
    """Strict refuses what KubeFed allowed but nobody should use: relaxed TLS, proxies in cluster records, authorities of
    the system, other API versions in templates. Compatible honours these with a warning. Decided at the first start.
    Added by kubefed."""
    allowed_endpoint_ranges: Annotated[list[str] | None, schema(maxItems=64)] = None
    """Address ranges (CIDR) in which API servers of members may be although trust Strict refuses them, such as loopback
    or link-local addresses. Added by kubefed."""
    services: ServicesConfig | None = None
    deletion_guard: DeletionGuardConfig | None = None


class KubeFedConfig(Resource):
    """KubeFedConfig configures a control plane. Only the one named kubefed in the system namespace counts."""

    resource_type: ClassVar = ResourceType(GROUP, VERSION, "kubefedconfigs", "KubeFedConfig", namespaced=True)

    spec: KubeFedConfigSpec = required(KubeFedConfigSpec())


class APIResource(ApiModel):
    """A served API resource."""

    group: str = ""
    """The group; empty for the core group."""
    version: str = required("")
    """The version."""
    kind: str = required("")
    """The kind, as in manifests: ConfigMap."""
    plural_name: str = required("")
    """The plural, as in URLs: configmaps."""
    scope: str = required("")
    """Cluster or Namespaced."""

    @property
    def qualified_plural(self) -> str:
        """The plural with its group, if it has one."""
        return f"{self.plural_name}.{self.group}" if self.group else self.plural_name


class FederatedTypeConfigSpec(ApiModel):
    """Which type is federated, by which federated type, and how."""

    target_type: APIResource = required(APIResource())
    """The type whose objects are copied into the members."""
    propagation: str = required("")
    """Whether copies are written: Enabled or Disabled."""
    federated_type: APIResource = required(APIResource())
    """The type whose objects hold template, placement and overrides."""
    status_type: APIResource | None = None
    """The type that collects statuses of services. Group and version are those of the federated type unless given."""
    status_collection: str | None = None
    """Whether statuses of the copies are collected: Enabled or Disabled."""
    apply_strategy: Annotated[str | None, schema(enum=[*ApplyStrategy])] = None
    """How copies are written. Update, the default, replaces whole objects and keeps what KubeFed kept; ServerSideApply owns
    the fields of the template and leaves all others alone. Added by kubefed."""
    sensitive: bool | None = None
    """Whether the contents of objects are secret and never shown. Unless given: yes for Secrets and for types that are not
    Kubernetes' own. Added by kubefed."""
    authorization: Annotated[str | None, schema(enum=[*Authorization])] = None
    """By whose rights objects reach the members. Requester: whoever writes the federated object must be allowed to create
    the plain object. Executor: an account per namespace. Platform: the controller's own. Added by kubefed."""


class FederatedTypeConfigStatus(ApiModel):
    """What the controller makes of the type."""

    observed_generation: Int64 = required(0)
    """The generation that this status is about."""
    propagation_controller: str = required("")
    """Running or NotRunning."""
    status_controller: str | None = None
    """Running or NotRunning."""


class FederatedTypeConfig(Resource):
    """FederatedTypeConfig makes a type of objects federated.

    Its name is the plural of the target type, followed by a dot and the group unless that is the core group.
    """

    resource_type: ClassVar = ResourceType(GROUP, VERSION, "federatedtypeconfigs", "FederatedTypeConfig", namespaced=True)

    spec: FederatedTypeConfigSpec = required(FederatedTypeConfigSpec())
    status: FederatedTypeConfigStatus | None = None


class EnableTypeDirectiveSpec(ApiModel):
    """What is to be enabled."""

    model_config = ConfigDict(extra="forbid")

    target_version: str = ""
    """The version of the target type; the server's preferred one unless given."""
    federated_group: str = "types.kubefed.io"
    """The group of the federated type."""
    federated_version: str = "v1beta1"
    """The version of the federated type."""


class EnableTypeDirective(Resource):
    """A file that says which type is to be federated: its metadata.name is the type. Never an object in a cluster."""

    model_config = ConfigDict(extra="forbid")

    resource_type: ClassVar = ResourceType(GROUP, VERSION, "enabletypedirectives", "EnableTypeDirective", namespaced=True)

    api_version: str = ""
    kind: str = ""
    spec: EnableTypeDirectiveSpec = EnableTypeDirectiveSpec()
