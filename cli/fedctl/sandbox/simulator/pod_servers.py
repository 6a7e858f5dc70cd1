"""Real addresses and a real HTTP server for every simulated pod. Only in a network namespace of our own.

Each pod's address is put on the namespace's loopback device, and on each of its TCP container ports something answers any
request with one JSON document that tells which pod it was.
"""

import asyncio
import sys
from dataclasses import dataclass, field

import orjson
from aiohttp import web

from fedctl.sandbox import netlink
from fedctl.sandbox.simulator.pods import Pod


@dataclass(slots=True)
class _Reachable:
    """What was set up for one pod."""

    address: str
    is_own_address: bool
    servers: list[asyncio.Server] = field(default_factory=list)


class PodServers:
    """The pods of one cluster on the network. `zones` gives each node's zone, for the answers."""

    def __init__(self, cluster: str, zones: dict[str, str]) -> None:
        self._cluster = cluster
        self._zones = zones
        self._reachable: dict[str, _Reachable] = {}

    async def connect(self, pod: Pod, address: str) -> None:
        """Put the pod's address on loopback and listen on its ports. One that is taken is said and left out."""
        if pod.uid in self._reachable:
            return
        reached = self._reachable[pod.uid] = _Reachable(address, is_own_address=not pod.spec.host_network)
        netlink.add_address(address)
        for port in pod.ports():
            try:
                reached.servers.append(await self._listen(pod, address, port))
            except OSError as fault:
                sys.stderr.write(f"{self._cluster}: pod {pod.key} cannot listen on {address}:{port}: {fault.strerror}\n")

    async def disconnect(self, uid: str) -> None:
        """Stop answering and take the address away, connections included."""
        reached = self._reachable.pop(uid, None)
        if reached is None:
            return
        for server in reached.servers:
            server.close()
        if reached.is_own_address:
            netlink.remove_address(reached.address)

    async def _listen(self, pod: Pod, address: str, port: int) -> asyncio.Server:
        facts = identity(self._cluster, self._zones.get(pod.spec.node_name, ""), pod) | {"address": address, "port": port}

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            body = orjson.dumps(facts | {"method": request.method, "path": request.path_qs})
            return web.Response(body=body, content_type="application/json")

        protocol = web.Server(answer, access_log=None)
        return await asyncio.get_running_loop().create_server(protocol, address, port)


def identity(cluster: str, zone: str, pod: Pod) -> dict[str, object]:
    """Which pod it is, as its server tells."""
    return {
        "cluster": cluster,
        "namespace": pod.metadata.namespace,
        "pod": pod.metadata.name,
        "node": pod.spec.node_name,
        "zone": zone,
    }
