"""What every type's controller shares with the process around it. A bundle, so that nobody passes nine parameters."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from kubefed.clusters.registry import Registry
from kubefed.core.clock import Clock
from kubefed.engine.lane import Lane
from kubefed.federated.freezes import Freeze
from kubefed.kube.client import Client
from kubefed.observe.events import EventSink
from kubefed.sync.namespaces import Namespaces
from kubefed.sync.recorded import RecordedVersions
from kubefed.sync.removals import GuardSettings


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """`owner` is this federation's mark on copies; all else is KubeFedConfig's."""

    namespace: str
    owner: str
    adopt: bool = True
    namespace_required: bool = True
    version_may_change: bool = False
    raw_statuses: bool = False
    guard: GuardSettings = field(default_factory=GuardSettings)

    @property
    def only_namespace(self) -> str:
        """The one namespace that is federated under KubeFedConfig `spec.scope` Namespaced; empty: all of them are."""
        return "" if self.namespace_required else self.namespace


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`freeze` says what may not be written to any member at the moment, and why."""

    settings: SyncSettings
    host: Client
    host_lane: Lane
    registry: Registry
    namespaces: Namespaces
    versions: RecordedVersions
    events: EventSink
    freeze: Callable[[], Freeze]
    clock: Clock
    rng: random.Random
