"""What the services controller shares with the process around it. A bundle, so that nobody passes nine parameters."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from kubefed.api.core_v1beta1 import Scope
from kubefed.clusters.member import Member
from kubefed.clusters.registry import Registry
from kubefed.core.clock import Clock
from kubefed.federated.freezes import NO_FREEZE, Freeze
from kubefed.services.damping import Damping
from kubefed.services.staleness import Policy


@dataclass(frozen=True, slots=True)
class ServicesSettings:
    """`namespace` is the system namespace, `owner` the mark of this federation, `host_server` the host's URL."""

    namespace: str
    owner: str
    host_server: str = ""
    scope: Scope = Scope.CLUSTER
    staleness: Policy = field(default_factory=Policy)
    damping: Damping = field(default_factory=Damping)

    @property
    def only_namespace(self) -> str:
        """The one namespace that is served under KubeFedConfig `spec.scope` Namespaced; empty: all of them are."""
        return self.namespace if self.scope is Scope.NAMESPACED else ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The registry of members, and time."""

    settings: ServicesSettings
    registry: Registry
    clock: Clock
    rng: random.Random
    freeze: Callable[[], Freeze] = lambda: NO_FREEZE

    def holds(self, member: Member, *, removes: bool = False) -> bool:
        """Whether a write to this member must wait until an administrator lets it go on."""
        freeze = self.freeze()
        return bool(freeze.writes or member.frozen or (removes and freeze.removals))
