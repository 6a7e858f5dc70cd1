"""The simulator's process: one per sandbox, for all its clusters with nodes. Its argument is the sandbox's directory."""

import asyncio
import sys
from pathlib import Path

from fedctl.sandbox import access, addresses, netlink, pki
from fedctl.sandbox import state as states
from fedctl.sandbox.simulator.allocation import Allocation
from fedctl.sandbox.simulator.cluster import Machines, SimulatedCluster
from fedctl.sandbox.simulator.network import NoNetwork, PodNetwork
from fedctl.sandbox.simulator.nodes import SimulatedNode
from fedctl.sandbox.simulator.pod_servers import PodServers
from fedctl.sandbox.state import State
from kubefed.core.secret import Secret
from kubefed.kube.client import Client
from kubefed.kube.connection import Connection, Credentials

_AGENT = "kubefed-sandbox-simulator"


def main() -> None:
    """Simulate until we are ended."""
    state = states.load(Path(sys.argv[1]).name)
    if state is not None:
        asyncio.run(_simulate(state))


async def _simulate(state: State) -> None:
    async with asyncio.TaskGroup() as tasks:
        for name in state.plan.simulated():
            client = Client(_connection(state, name), agent=lambda: _AGENT)
            machines = _machines(state, name)
            tasks.create_task(SimulatedCluster(client, machines, _network(state, machines)).run())


def _connection(state: State, name: str) -> Connection:
    found = access.of_user(state, name, pki.SIMULATOR)
    identity = Credentials(
        client_certificate_pem=found.client.certificate.decode(), client_key_pem=Secret(found.client.key.decode())
    )
    return Connection(server=found.server, ca_pem=found.authority.decode(), credentials=identity)


def _machines(state: State, name: str) -> Machines:
    spec = state.plan.topology.cluster(name)
    range_ = state.clusters[name].pods
    nodes = tuple(
        SimulatedNode(name=node.name, address=address, region=spec.region or "", zone=node.zone or "")
        for node, address in zip(spec.nodes, addresses.node_addresses(range_, len(spec.nodes)), strict=True)
    )
    return Machines(cluster=name, nodes=nodes, allocation=Allocation(range_, addresses.reserved_for_nodes(range_)))


def _network(state: State, machines: Machines) -> PodNetwork:
    if not state.plan.isolated:
        return NoNetwork()
    for node in machines.nodes:
        netlink.add_address(node.address)
    return PodServers(machines.cluster, {node.name: node.zone for node in machines.nodes})


if __name__ == "__main__":
    main()
