"""The parts of one controller process and how they are put together. Building opens nothing and starts nothing."""

import asyncio
import logging
import random
import socket
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from kubefed.api.allowed_ranges import allowed_ranges
from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedConfigSpec, Scope, Toggle, Trust
from kubefed.api.defaults import enabled_gates
from kubefed.api.feature_gates import FeatureGate
from kubefed.app.config import Configuration
from kubefed.app.config_watch import ConfigWatch
from kubefed.app.imagined import Imagination
from kubefed.app.namespace_limits import limits_of, unread
from kubefed.clusters.health import Thresholds
from kubefed.clusters.member import MemberState
from kubefed.clusters.registry import Registry
from kubefed.clusters.settings import RegistrySettings
from kubefed.clusters.surroundings import Surroundings as RegistrySurroundings
from kubefed.core.clock import Clock
from kubefed.core.errors import KubefedError, Retryable
from kubefed.core.markers import CONTROLLER_NAME
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.engine.lane import Lane
from kubefed.engine.priority import Priority
from kubefed.kube.addresses import AddressPolicy
from kubefed.kube.client import Client, Observe
from kubefed.kube.connection import Connection
from kubefed.kube.handshakes import Handshakes
from kubefed.kube.lease import Leadership, LeaseTimes
from kubefed.observe.clusters import ClusterState
from kubefed.observe.events import EventWriter
from kubefed.observe.metrics import Metrics
from kubefed.scheduling.controller import SchedulingController
from kubefed.scheduling.surroundings import SchedulingSettings
from kubefed.scheduling.surroundings import Surroundings as SchedulingSurroundings
from kubefed.services.controller import ServicesController
from kubefed.services.staleness import fleet_policy
from kubefed.services.surroundings import ServicesSettings
from kubefed.services.surroundings import Surroundings as ServicesSurroundings
from kubefed.sync.manager import TypeManager
from kubefed.sync.namespaces import Namespaces
from kubefed.sync.recorded import RecordedVersions
from kubefed.sync.removals import guard_settings
from kubefed.sync.surroundings import Surroundings, SyncSettings
from kubefed.version import __version__

_LOG = logging.getLogger(__name__)
_HOST = "host"
_MOST_IN_MEMBERS, _LEAST_IN_A_MEMBER = 512, 2
"""Operations at once: what one loop carries without being late for anything, and what one member gets of it at least."""
"""How metrics call the host."""


@dataclass(frozen=True, slots=True)
class Foundation:
    """What there is before anything is known of the host. `host` is not fenced: it takes and keeps the lease."""

    namespace: str
    connection: Connection
    host: Client
    clock: Clock
    rng: random.Random
    metrics: Metrics
    imagination: Imagination | None = None
    """Set in a process that must not write: it answers all writes in the servers' place."""


def lay_foundation(
    connection: Connection, namespace: str, clock: Clock, imagination: Imagination | None = None
) -> Foundation:
    """Open the way to the host. Raises Misconfigured when its certificates cannot be used."""
    metrics = Metrics()
    host = Client(
        connection,
        agent=lambda: f"kubefed/{__version__}",
        observe=_measured(metrics, _HOST),
        clock=clock,
        stand_in=imagination.of(_HOST) if imagination is not None else None,
    )
    return Foundation(namespace, connection, host, clock, random.Random(), metrics, imagination)  # noqa: S311 - jitter


class Parts:
    """Everything that runs. `leading` is set while this process may decide and write."""

    def __init__(self, base: Foundation, configuration: Configuration, host_uid: str) -> None:
        self.base = base
        self.configuration = configuration
        self.leading = asyncio.Event()
        self.lost = asyncio.Event()
        """Set when leadership, once held, is over: the process must end."""
        self.leadership = self._build_leadership()
        self.handshakes = Handshakes()
        self.host = self._open_client(_HOST, base.connection)
        self.host_lane = Lane(base.clock, base.rng, self._host_operation_ended)
        self.member_lanes: dict[ClusterName, Lane] = {}
        self.events = EventWriter(self.host, base.clock)
        self.registry = Registry(self._registry_surroundings(host_uid))
        self.config_watch = ConfigWatch(
            self.host, base.namespace, configuration.model.metadata.annotations or {}, self._freeze_changed
        )
        self.namespaces = Namespaces(self.host, base.namespace, self._namespace_changed)
        scope = Scope(configuration.spec.scope)
        self._only_namespace = base.namespace if scope is Scope.NAMESPACED else ""
        self.versions = RecordedVersions(
            self.host, base.rng, self._everything_changed, self._record_lost, self._only_namespace
        )
        self.gates = enabled_gates(configuration.model)
        self.manager = TypeManager(self._sync_surroundings(scope), scope, self.leading, base.metrics.reconcile)
        self.scheduling = SchedulingController(self._scheduling_surroundings(scope), self.leading, base.metrics.reconcile)
        self.services = ServicesController(self._services_surroundings(scope), self.leading, base.metrics.reconcile)

    @property
    def propagates(self) -> bool:
        """Whether federated objects are propagated at all."""
        return FeatureGate.PUSH_RECONCILER in self.gates

    @property
    def divides(self) -> bool:
        """Whether replicas are divided as ReplicaSchedulingPreferences ask."""
        return FeatureGate.SCHEDULER_PREFERENCES in self.gates

    @property
    def synced(self) -> bool:
        """Whether the clusters are known and the federated objects of every type have been read."""
        return self.registry.known and (self.manager.synced or not self.propagates)

    @property
    def busy(self) -> bool:
        """Whether anything is still being read, decided or done. What waits for a later attempt does not count."""
        if not self.synced:
            return True
        if self.divides and not self.scheduling.synced:
            return True
        if any(member.settling for member in self.registry.members.values()):
            return True
        queues = [self.manager.queue, self.scheduling.queue, self.services.queue]
        queues += [controller.queue for controller in self.manager.controllers]
        lanes = [self.host_lane, *(member.lane for member in self.registry.members.values())]
        return not all(queue.idle for queue in queues) or any(len(lane) for lane in lanes)

    def work(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """What runs for as long as the process does, by name. It decides and writes only while `leading` is set."""
        work: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("registry", self.registry.run),
            ("configuration", self.config_watch.reflector.run),
            ("services", self.services.run),
        ]
        if self.divides:
            work.append(("scheduling", self.scheduling.run))
        if not self.propagates:
            return work
        if not self._only_namespace:  # whoever serves one namespace need not know of others, and may not list them
            work.append(("namespaces", self.namespaces.reflector.run))
        return [*work, ("versions", self.versions.run), ("types", self.manager.run)]

    def measure(self) -> None:
        """Bring the metrics of states to those of the moment."""
        metrics = self.base.metrics
        metrics.show_members(
            ClusterState(name, member.ready, member.state is MemberState.OFFLINE, len(member.lane))
            for name, member in self.registry.members.items()
        )
        metrics.show_frozen(self._frozen())
        metrics.show_held({(cause.kind, cause.name): held.copies for cause, held in self.manager.guard.held().items()})
        metrics.workqueue.show("federatedtypeconfig", self.manager.queue)
        metrics.workqueue.show("replicaschedulingpreference", self.scheduling.queue)
        metrics.workqueue.show("services", self.services.queue)
        for controller in self.manager.controllers:
            metrics.workqueue.show(controller.kind.federated.kind.lower(), controller.queue)

    def _frozen(self) -> Iterator[tuple[str, str]]:
        """Scope and name of all that is frozen."""
        if self.config_watch.freeze.writes:
            yield "all", ""
        if self.config_watch.freeze.removals:
            yield "removals", ""
        yield from (("cluster", name) for name, member in self.registry.members.items() if member.frozen)
        yield from (("type", controller.kind.name) for controller in self.manager.controllers if controller.frozen)

    def configuring_object_changed(self, resource: ResourceType, name: str) -> None:
        """The frame saw a change of an object that configures the federation: make sure that nobody missed it."""
        if resource == FederatedTypeConfig.resource_type:
            self.manager.queue.add(ObjectKey(self.base.namespace, name), Priority.EDIT)
        else:
            self.registry.look()

    def _build_leadership(self) -> Leadership:
        election = self.configuration.spec.leader_elect
        times = LeaseTimes()
        if election and election.lease_duration and election.renew_deadline and election.retry_period:
            times = LeaseTimes(
                election.lease_duration.seconds, election.renew_deadline.seconds, election.retry_period.seconds
            )
        return Leadership(
            self.base.host,
            ObjectKey(self.base.namespace, CONTROLLER_NAME),
            identity=f"{socket.gethostname()}_{uuid.uuid4()}",
            times=times,
            clock=self.base.clock,
            on_change=self._leadership_changed,
        )

    def _leadership_changed(self, leading: bool) -> None:
        self.base.metrics.leader.set(1 if leading else 0)
        if leading:
            self.leading.set()
        elif self.leading.is_set():
            self.leading.clear()
            self.lost.set()

    def _open_client(self, name: str, connection: Connection) -> Client:
        """A client whose every write is fenced by our lease and says under which leadership it was made."""
        return Client(
            connection,
            agent=lambda: f"kubefed/{__version__} leader={self.leadership.epoch}",
            fence=self.leadership.fence,
            observe=_measured(self.base.metrics, name),
            clock=self.base.clock,
            stand_in=self.base.imagination.of(name) if self.base.imagination is not None else None,
            handshakes=self.handshakes,
        )

    def _open_member_client(self, name: ClusterName, connection: Connection) -> Client:
        started = self.base.clock.monotonic()
        client = self._open_client(name, connection)
        self.base.metrics.clusters.connected(self.base.clock.monotonic() - started)
        return client

    def _open_member_lane(self, name: ClusterName) -> Lane:
        ended = partial(self._member_operation_ended, name)
        lane = self.member_lanes[name] = Lane(self.base.clock, self.base.rng, ended, share=self._share_of_a_member)
        return lane

    def _share_of_a_member(self) -> int:
        """So many operations may run in one member at once: the more members, the fewer, and none lives off another's."""
        return max(_LEAST_IN_A_MEMBER, _MOST_IN_MEMBERS // max(1, len(self.registry.members)))

    def _host_operation_ended(self, verb: str, error: KubefedError | None, seconds: float) -> None:  # noqa: ARG002
        self.base.metrics.operation(_HOST, verb, error)

    def _member_operation_ended(self, name: ClusterName, verb: str, error: KubefedError | None, seconds: float) -> None:
        self.base.metrics.operation(name, verb, error)
        self.base.metrics.clusters.dispatched(verb, seconds)
        if isinstance(error, Retryable) and not error.status:
            self.registry.suspect(name)

    def _registry_surroundings(self, host_uid: str) -> RegistrySurroundings:
        base, spec = self.base, self.configuration.spec
        settings = RegistrySettings(
            namespace=base.namespace,
            host_uid=host_uid,
            trust=self.configuration.trust,
            addresses=AddressPolicy.of(allowed_ranges(self.configuration.model)),
        )
        return RegistrySurroundings(
            settings=_with_health_check(settings, spec),
            host=self.host,
            host_lane=self.host_lane,
            open_client=self._open_member_client,
            open_lane=self._open_member_lane,
            clock=base.clock,
            rng=base.rng,
            probed=base.metrics.clusters.probed,
        )

    def _sync_surroundings(self, scope: Scope) -> Surroundings:
        base, spec = self.base, self.configuration.spec
        adopt = spec.sync_controller is None or spec.sync_controller.adopt_resources != Toggle.DISABLED
        return Surroundings(
            settings=SyncSettings(
                namespace=base.namespace,
                owner=self.configuration.federation_id,
                adopt=adopt,
                namespace_required=scope is Scope.CLUSTER,
                version_may_change=self.configuration.trust is Trust.COMPATIBLE,
                raw_statuses=FeatureGate.RAW_RESOURCE_STATUS_COLLECTION in self.gates,
                guard=guard_settings(spec.deletion_guard, self.configuration.trust),
            ),
            host=self.host,
            host_lane=self.host_lane,
            registry=self.registry,
            namespaces=self.namespaces,
            versions=self.versions,
            events=self.events,
            freeze=lambda: self.config_watch.freeze,
            clock=base.clock,
            rng=base.rng,
        )

    def _scheduling_surroundings(self, scope: Scope) -> SchedulingSurroundings:
        settings = SchedulingSettings(self.base.namespace, scope)
        durations = self.configuration.spec.controller_duration
        if durations is not None and durations.unavailable_delay is not None:
            settings = replace(settings, unavailable_delay_s=durations.unavailable_delay.seconds)
        return SchedulingSurroundings(
            settings=settings,
            host=self.host,
            host_lane=self.host_lane,
            registry=self.registry,
            limit_of_namespace=limits_of(self.namespaces, scope) if self.propagates else unread,
            events=self.events,
            clock=self.base.clock,
            rng=self.base.rng,
        )

    def _services_surroundings(self, scope: Scope) -> ServicesSurroundings:
        services = self.configuration.spec.services
        settings = ServicesSettings(
            namespace=self.base.namespace,
            owner=self.configuration.federation_id,
            host_server=self.base.connection.server,
            scope=scope,
            staleness=fleet_policy(services.staleness if services is not None else None),
        )
        return ServicesSurroundings(
            settings, self.registry, self.base.clock, self.base.rng, freeze=lambda: self.config_watch.freeze
        )

    def _namespace_changed(self, namespace: str) -> None:
        self.manager.namespace_changed(namespace)
        self.scheduling.namespace_changed(namespace)

    def _record_lost(self, record: ObjectKey) -> None:
        self.manager.record_lost(record)

    def _freeze_changed(self) -> None:
        freeze = self.config_watch.freeze
        _LOG.warning("%s", freeze.writes or freeze.removals or "nothing is frozen any more")
        self.manager.freeze_changed()

    def _everything_changed(self) -> None:
        self.manager.resync_objects()


def _with_health_check(settings: RegistrySettings, spec: KubeFedConfigSpec) -> RegistrySettings:
    """KubeFedConfig's probing and patience, which are complete once defaults are filled in."""
    check, durations = spec.cluster_health_check, spec.controller_duration
    if durations is not None and durations.unavailable_delay is not None:
        settings = replace(settings, unavailable_delay_s=durations.unavailable_delay.seconds)
    if check is None or check.period is None or check.timeout is None:
        return settings
    return replace(
        settings,
        probe_period_s=check.period.seconds,
        probe_timeout_s=check.timeout.seconds,
        thresholds=Thresholds(check.failure_threshold or 1, check.success_threshold or 1),
    )


def _measured(metrics: Metrics, name: str) -> Observe:
    def observe(verb: str, status: int, seconds: float) -> None:
        metrics.request(name, verb, status, seconds)

    return observe
