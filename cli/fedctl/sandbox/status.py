"""How a sandbox is, now: facts about each cluster, asked of its processes and its API server."""

from dataclasses import dataclass
from typing import Literal

from fedctl.sandbox import probes, processes, servers
from fedctl.sandbox.processes import ProcessId
from fedctl.sandbox.servers import ClusterLayout
from fedctl.sandbox.state import State

ProgramState = Literal["running", "paused", "stopped"]


@dataclass(frozen=True, slots=True)
class ProgramStatus:
    """One server: whether it runs, and what it occupies."""

    name: str
    pid: int
    state: ProgramState
    memory_mib: int


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """One cluster. `nodes` are (ready, all), None when nobody could be asked; `here` says whether it is in our network."""

    name: str
    role: str
    region: str
    endpoint: str
    version: str
    ready: bool
    programs: tuple[ProgramStatus, ...]
    nodes: tuple[int, int] | None
    here: bool = True

    @property
    def memory_mib(self) -> int:
        """What all its servers occupy."""
        return sum(program.memory_mib for program in self.programs)


def of_cluster(state: State, name: str) -> ClusterStatus:
    """Look at one cluster. A server that does not answer costs up to two seconds, once."""
    layout = state.layout(name)
    spec = state.plan.topology.cluster(name)
    programs = tuple(of_program(program, process) for program, process in state.clusters[name].processes.items())
    serves = any(program.name == servers.API_SERVER and program.state == "running" for program in programs)
    here = processes.shares_our_network(state.clusters[name].processes[servers.API_SERVER])
    ready = serves and here and probes.is_ready(layout)
    return ClusterStatus(
        name=name,
        role=spec.role,
        region=spec.region or "",
        endpoint=layout.endpoint,
        version=probes.version(layout) if ready else "",
        ready=ready,
        programs=programs,
        nodes=_count_nodes(layout) if ready else None,
        here=here,
    )


def of_program(name: str, process: ProcessId) -> ProgramStatus:
    """Look at one process."""
    state: ProgramState = "stopped"
    if processes.is_alive(process):
        state = "paused" if processes.is_paused(process) else "running"
    return ProgramStatus(name, process.pid, state, processes.memory_bytes(process) // 2**20)


def shared_programs(state: State) -> tuple[ProgramStatus, ...]:
    """The processes that belong to no single cluster: etcd and the simulator."""
    stores = [
        of_program(f"etcd {name}", store.process) for name, store in state.stores.items() if store.process is not None
    ]
    simulator = [] if state.simulator is None else [of_program("simulator", state.simulator)]
    return (*stores, *simulator)


def _count_nodes(layout: ClusterLayout) -> tuple[int, int] | None:
    nodes = probes.nodes(layout)
    return None if nodes is None else (sum(map(probes.is_ready_node, nodes)), len(nodes))
