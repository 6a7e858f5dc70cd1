"""What a person or a test wants of a sandbox: the clusters, and which programs each of them runs. Pure."""

from collections.abc import Collection
from typing import Self

from pydantic import BaseModel, ConfigDict

from fedctl.sandbox import servers, topology
from fedctl.sandbox.errors import BadTopology
from fedctl.sandbox.topology import ClusterSpec, Topology


class Plan(BaseModel):
    """A topology and the programs of its clusters. Two sandboxes with equal plans are interchangeable.

    `controllers` names the clusters that get a kube-controller-manager; of these, the ones with nodes get a scheduler when
    `scheduler`, and nodes and pods come to life when `simulator`. Clusters in `own_etcd` do not share the common etcd.
    `isolated` pods have real addresses: whoever makes it does so in a network namespace of its own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    topology: Topology
    controllers: frozenset[str] = frozenset()
    scheduler: bool = False
    simulator: bool = False
    own_etcd: frozenset[str] = frozenset()
    isolated: bool = False

    @classmethod
    def of(cls, shape: Topology | int, *, controllers: bool | Collection[str] = True, scheduler: bool = True) -> Self:
        """The usual plan for a topology, or for a host and so many members.

        `controllers` is all, none, or the named clusters. `scheduler` brings schedulers and simulated nodes and pods; it
        needs controllers and is ignored without.
        """
        clusters = topology.of_members(shape) if isinstance(shape, int) else shape
        everywhere = frozenset(cluster.name for cluster in clusters.clusters)
        managed = (everywhere if controllers else frozenset()) if isinstance(controllers, bool) else frozenset(controllers)
        _insist_known(managed, clusters)
        pods = scheduler and bool(managed)
        return cls(topology=clusters, controllers=managed, scheduler=pods, simulator=pods)

    def with_own_etcd(self, *names: str) -> Self:
        """The same plan with an etcd of its own for each named cluster, so that its data can be set back in time."""
        _insist_known(names, self.topology)
        return self.model_copy(update={"own_etcd": frozenset(names)})

    def programs_of(self, cluster: ClusterSpec) -> tuple[str, ...]:
        """The servers that run for one cluster, in the order of their start."""
        managed = cluster.name in self.controllers
        wanted = [servers.API_SERVER]
        if managed:
            wanted.append(servers.CONTROLLER_MANAGER)
        if managed and self.scheduler and cluster.nodes:
            wanted.append(servers.SCHEDULER)
        return tuple(wanted)

    def simulated(self) -> tuple[str, ...]:
        """The clusters whose nodes and pods are brought to life."""
        if not self.simulator:
            return ()
        return tuple(
            cluster.name for cluster in self.topology.clusters if cluster.nodes and cluster.name in self.controllers
        )

    def all_programs(self) -> frozenset[str]:
        """Every program that is needed to start this."""
        return frozenset({servers.ETCD}).union(*(self.programs_of(cluster) for cluster in self.topology.clusters))


def _insist_known(names: Collection[str], clusters: Topology) -> None:
    unknown = set(names) - {cluster.name for cluster in clusters.clusters}
    if unknown:
        raise BadTopology(f"something is wanted for clusters that the topology lacks: {', '.join(sorted(unknown))}")
