"""One federation as its host describes it: configuration, enabled types, records of clusters. Reads only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.dnsnames import require_label
from fedctl.manifests import Manifest
from fedctl.options import HostOptions
from fedctl.telling import warn
from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedCluster, KubeFedConfig, Scope, Toggle, Trust
from kubefed.api.defaults import federated_type as federated_type_of
from kubefed.api.defaults import is_sensitive, target_type, with_type_config_defaults
from kubefed.app.config import TRUST_ANNOTATION
from kubefed.core.errors import Misconfigured, NotFound
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from kubefed.federated.federated_type import FederatedType

TYPE_CONFIGS = FederatedTypeConfig.resource_type
CLUSTERS = KubeFedCluster.resource_type
CONFIGS = KubeFedConfig.resource_type


@dataclass(frozen=True, slots=True)
class Federation:
    """The host, and the system namespace in it."""

    host: ApiServer
    namespace: str

    @classmethod
    @contextmanager
    def opened(cls, options: HostOptions) -> Iterator[Self]:
        """Reach the host. Raises Misconfigured for a bad context, Unreachable for a host that does not answer."""
        require_label("--kubefed-namespace", options.namespace)
        with ApiServer.opened(open_context(options.kubeconfig, options.context)) as host:
            yield cls(host, options.namespace)

    def config(self) -> KubeFedConfig:
        """The KubeFedConfig that counts. Raises Misconfigured when there is none: nothing is installed."""
        try:
            return KubeFedConfig.read(self.host.get(CONFIGS, ObjectKey(self.namespace, CONFIG_NAME)))
        except NotFound:
            raise Misconfigured(
                f"no federation is installed in namespace {self.namespace} of context {self.host.context.name}: "
                "run `fedctl install`, or name another place with --kubefed-namespace and --host-cluster-context"
            ) from None

    def type_configs(self) -> list[FederatedTypeConfig]:
        """Every FederatedTypeConfig, with defaults, sorted by name. One that cannot be read is left out, and said."""
        found = []
        for manifest in self.host.objects(TYPE_CONFIGS, self.namespace):
            try:
                found.append(with_type_config_defaults(FederatedTypeConfig.read(manifest)))
            except Misconfigured as problem:
                warn(f"FederatedTypeConfig {manifest['metadata']['name']} is left out: {problem}")
        return sorted(found, key=lambda config: config.metadata.name)

    def installed_type_configs(self) -> list[FederatedTypeConfig]:
        """The same. Raises Misconfigured when nothing is installed."""
        try:
            return self.type_configs()
        except NotFound:
            raise Misconfigured(
                f"context {self.host.context.name} has no FederatedTypeConfig CRD: run `fedctl install` first, or name "
                "the host with --host-cluster-context"
            ) from None

    def clusters(self) -> list[Manifest]:
        """Every KubeFedCluster, sorted by name."""
        return sorted(self.host.objects(CLUSTERS, self.namespace), key=lambda record: str(record["metadata"]["name"]))


def trust_of(config: KubeFedConfig) -> Trust:
    """How much is allowed; Strict unless it says Compatible, where KubeFed's own CRD drops the field in its annotation."""
    said = config.spec.trust or (config.metadata.annotations or {}).get(TRUST_ANNOTATION)
    return Trust.COMPATIBLE if said == Trust.COMPATIBLE else Trust.STRICT


def scope_of(config: KubeFedConfig) -> Scope:
    """Which namespaces are federated."""
    return Scope.NAMESPACED if config.spec.scope == Scope.NAMESPACED else Scope.CLUSTER


def is_enabled(type_config: FederatedTypeConfig) -> bool:
    """Whether copies of the type are written."""
    return type_config.spec.propagation == Toggle.ENABLED


def federated_type(type_config: FederatedTypeConfig) -> FederatedType:
    """What the controller makes of a type configuration with defaults."""
    return FederatedType(
        type_config.metadata.name,
        federated_type_of(type_config),
        target_type(type_config),
        is_sensitive(type_config),
    )
