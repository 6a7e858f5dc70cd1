"""What the scheduling controller shares with the process around it. A bundle, so that nobody passes nine parameters."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from kubefed.api.core_v1beta1 import Scope
from kubefed.clusters.registry import Registry
from kubefed.core.clock import Clock
from kubefed.engine.lane import Lane
from kubefed.kube.client import Client
from kubefed.observe.events import EventSink
from kubefed.scheduling.facts import NamespaceLimit


@dataclass(frozen=True, slots=True)
class SchedulingSettings:
    """`namespace` is the system namespace. A cluster that is not ready for `unavailable_delay_s` is given up."""

    namespace: str
    scope: Scope = Scope.CLUSTER
    unavailable_delay_s: float = 60.0

    @property
    def only_namespace(self) -> str:
        """The one namespace that is federated under KubeFedConfig `spec.scope` Namespaced; empty: all of them are."""
        return self.namespace if self.scope is Scope.NAMESPACED else ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`limit_of_namespace` says where the objects of a namespace may go, as its FederatedNamespace has it."""

    settings: SchedulingSettings
    host: Client
    host_lane: Lane
    registry: Registry
    limit_of_namespace: Callable[[str], NamespaceLimit]
    events: EventSink
    clock: Clock
    rng: random.Random
