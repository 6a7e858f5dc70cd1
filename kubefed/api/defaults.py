"""What a missing field means. KubeFed filled in KubeFedConfigs in a webhook; here that is done in process as well."""

from typing import TypeVar

from kubefed.api.core_v1beta1 import (
    APIResource,
    ClusterHealthCheck,
    ControllerDurations,
    FeatureGateSetting,
    FederatedTypeConfig,
    KubeFedConfig,
    KubeFedConfigSpec,
    LeaderElection,
    ResourceLock,
    Scope,
    StatusControllerConfig,
    SyncControllerConfig,
    Toggle,
)
from kubefed.api.durations import Duration
from kubefed.api.feature_gates import GATES, FeatureGate
from kubefed.api.model import ApiModel
from kubefed.core.names import ResourceType

Section = TypeVar("Section", bound=ApiModel)

_DURATIONS = ControllerDurations(
    available_delay=Duration.of(seconds=20),
    unavailable_delay=Duration.of(seconds=60),
    cache_sync_timeout=Duration.of(seconds=300),
)
_LEADER_ELECTION = LeaderElection(
    lease_duration=Duration.of(seconds=15),
    renew_deadline=Duration.of(seconds=10),
    retry_period=Duration.of(seconds=5),
    resource_lock=ResourceLock.CONFIG_MAPS,
)
_HEALTH_CHECK = ClusterHealthCheck(
    period=Duration.of(seconds=10), failure_threshold=3, success_threshold=1, timeout=Duration.of(seconds=3)
)
_SYNC_CONTROLLER = SyncControllerConfig(max_concurrent_reconciles=1, adopt_resources=Toggle.ENABLED)
_STATUS_CONTROLLER = StatusControllerConfig(max_concurrent_reconciles=1)


def with_config_defaults(config: KubeFedConfig) -> KubeFedConfig:
    """The configuration with every field of KubeFed's filled in, except for the scope, which nobody may guess.

    This is what KubeFed's mutating webhook did on creation: durations come out in Go's canonical form, gates sorted by
    name. Fields that kubefed adds stay as they are.
    """
    spec = config.spec
    return config.with_fields(
        spec=spec.with_fields(
            controller_duration=_completed(spec.controller_duration, _DURATIONS),
            leader_elect=_completed(spec.leader_elect, _LEADER_ELECTION),
            feature_gates=_completed_gates(spec),
            cluster_health_check=_completed(spec.cluster_health_check, _HEALTH_CHECK),
            sync_controller=_completed(spec.sync_controller, _SYNC_CONTROLLER),
            status_controller=_completed(spec.status_controller, _STATUS_CONTROLLER),
        )
    )


def _completed(section: Section | None, defaults: Section) -> Section:
    """A section whose missing and null fields are those of `defaults`."""
    if section is None:
        return defaults
    missing = {name: default for name, default in defaults if getattr(section, name) is None}
    return section.with_fields(**missing)


def _completed_gates(spec: KubeFedConfigSpec) -> list[FeatureGateSetting]:
    """The configured gates, unknown ones included, and those that are not mentioned."""
    configured = spec.feature_gates or []
    mentioned = {setting.name for setting in configured}
    unmentioned = [
        FeatureGateSetting(name=gate, configuration=Toggle.ENABLED if default.enabled else Toggle.DISABLED)
        for gate, default in GATES.items()
        if gate not in mentioned
    ]
    return sorted([*configured, *unmentioned], key=lambda setting: setting.name)


def enabled_gates(config: KubeFedConfig) -> frozenset[FeatureGate]:
    """The gates that are on, whether by configuration or by default."""
    settings = {setting.name: setting.configuration for setting in _completed_gates(config.spec)}
    return frozenset(gate for gate in GATES if settings[gate] == Toggle.ENABLED)


def with_type_config_defaults(type_config: FederatedTypeConfig) -> FederatedTypeConfig:
    """The type configuration as the controller understands it; never written back.

    Plural and group of the target come from the object's name, the federated plural from the kind, and the status type
    follows the federated type.
    """
    plural, _, group = type_config.metadata.name.partition(".")
    spec = type_config.spec
    federated = _filled(spec.federated_type, plural_name=plural_of(spec.federated_type.kind))
    status = spec.status_type and _filled(
        spec.status_type,
        plural_name=plural_of(spec.status_type.kind),
        group=federated.group,
        version=federated.version,
    )
    target = _filled(spec.target_type, plural_name=plural, group=group)
    return type_config.with_fields(spec=spec.with_fields(target_type=target, federated_type=federated, status_type=status))


def _filled(resource: APIResource, **defaults: str) -> APIResource:
    """The resource with defaults for what is empty."""
    return resource.with_fields(**{name: text for name, text in defaults.items() if not getattr(resource, name)})


def plural_of(kind: str) -> str:
    """KubeFed's guess at the plural of a kind."""
    word = kind.lower()
    if word.endswith(("s", "x", "ch", "sh", "z", "o")):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def target_type(type_config: FederatedTypeConfig) -> ResourceType:
    """The type whose objects are copied, of a type configuration with defaults."""
    return _resource_type(type_config.spec.target_type, type_config.spec.target_type.scope == Scope.NAMESPACED)


def federated_type(type_config: FederatedTypeConfig) -> ResourceType:
    """The federated type, of a type configuration with defaults.

    Its objects are where the target's objects are; a FederatedNamespace lives in the namespace that it federates.
    """
    namespaced = type_config.spec.target_type.scope == Scope.NAMESPACED or type_config.metadata.name == NAMESPACES
    return _resource_type(type_config.spec.federated_type, namespaced)


def status_type(type_config: FederatedTypeConfig) -> ResourceType | None:
    """The type that statuses are collected in, of a type configuration with defaults; None unless one is given."""
    resource = type_config.spec.status_type
    namespaced = type_config.spec.target_type.scope == Scope.NAMESPACED
    return _resource_type(resource, namespaced) if resource is not None else None


NAMESPACES = "namespaces"
"""The name of the type configuration for namespaces, on which every namespaced type depends."""
SERVICES = "services"
"""The name of the type configuration for Services, the one type whose statuses may be collected in a type of their own."""


def _resource_type(resource: APIResource, namespaced: bool) -> ResourceType:
    return ResourceType(resource.group, resource.version, resource.plural_name, resource.kind, namespaced)


def is_sensitive(type_config: FederatedTypeConfig) -> bool:
    """Whether what objects of the type contain must not be shown; of a type configuration with defaults.

    Unless it says so itself: Secrets are, and types that are not Kubernetes' own, because nobody knows what is in them.
    """
    if type_config.spec.sensitive is not None:
        return type_config.spec.sensitive
    target = type_config.spec.target_type
    is_kubernetes_own = "." not in target.group or target.group.endswith(".k8s.io")
    return not is_kubernetes_own or (target.group, target.kind) == ("", "Secret")
