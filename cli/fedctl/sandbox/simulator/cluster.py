"""The simulator's shell around one cluster: watches its pods, writes what the rules say, keeps its nodes alive."""

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from fedctl.sandbox.simulator import nodes, rules
from fedctl.sandbox.simulator.allocation import Allocation
from fedctl.sandbox.simulator.network import PodNetwork
from fedctl.sandbox.simulator.nodes import LEASE_NAMESPACE, LEASES, NODES, SimulatedNode
from fedctl.sandbox.simulator.pods import PODS, Pod, decode
from fedctl.sandbox.simulator.rules import Place, Step
from kubefed.core.errors import AlreadyExists, ApiError, NotFound, Stale
from kubefed.core.names import ObjectKey
from kubefed.kube.client import Client
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store

_HEARTBEAT_S = 10.0  # as kubelets renew their leases; the node controller gives up after 50
_RETRY_S = 1.0
_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Machines:
    """One cluster's nodes and the addresses of its pods."""

    cluster: str
    nodes: tuple[SimulatedNode, ...]
    allocation: Allocation


class SimulatedCluster:
    """Plays all kubelets of one cluster, for as long as `run` runs. Survives whatever its API server does."""

    def __init__(self, client: Client, machines: Machines, network: PodNetwork) -> None:
        self._client = client
        self._machines = machines
        self._network = network
        self._nodes: Mapping[str, SimulatedNode] = {node.name: node for node in machines.nodes}
        self._due: asyncio.Queue[ObjectKey] = asyncio.Queue()
        self._gone: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[ObjectKey] = set()
        self._later: dict[ObjectKey, asyncio.TimerHandle] = {}
        self._store: Store[Pod] = Store(self._changed)
        bound = Selection(PODS, field_selector="spec.nodeName!=")
        self._pods: Reflector[Pod] = Reflector(client, bound, decode, self._store)

    async def run(self) -> None:
        """Keep nodes alive and pods moving until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_nodes_alive())
            tasks.create_task(self._pods.run())
            tasks.create_task(self._disconnect_gone())
            for _ in range(_WORKERS):
                tasks.create_task(self._work())

    # --- pods --------------------------------------------------------------------------------------------------

    def _changed(self, key: ObjectKey, old: Pod | None, new: Pod | None) -> None:
        if old is not None and (new is None or new.uid != old.uid):
            self._machines.allocation.release(old.uid)
            self._gone.put_nowait(old.uid)
        if new is None or new.spec.node_name not in self._nodes:
            return
        if new.status.pod_ip and not new.spec.host_network:
            self._machines.allocation.note(new.uid, new.status.pod_ip)
        self._enqueue(key)

    def _enqueue(self, key: ObjectKey) -> None:
        if key not in self._queued:
            self._queued.add(key)
            self._due.put_nowait(key)

    def _enqueue_after(self, key: ObjectKey, delay_s: float) -> None:
        if (waiting := self._later.pop(key, None)) is not None:
            waiting.cancel()
        self._later[key] = asyncio.get_running_loop().call_later(delay_s, self._enqueue, key)

    async def _disconnect_gone(self) -> None:
        while True:
            await self._network.disconnect(await self._gone.get())

    async def _work(self) -> None:
        while True:
            key = await self._due.get()
            self._queued.discard(key)
            pod = self._store.get(key)
            if pod is None:
                continue
            try:
                await self._advance(pod)
            except (NotFound, Stale):
                continue  # it went or changed meanwhile: the watch tells
            except ApiError as fault:
                _complain(self._machines.cluster, f"pod {key}", fault)
                self._enqueue_after(key, _RETRY_S)

    async def _advance(self, pod: Pod) -> None:
        now = datetime.now(UTC)
        due = rules.next_step(pod, now)
        if pod.status.phase == "Running" and due.step is not Step.REMOVE:
            await self._network.connect(pod, pod.status.pod_ip)  # again after a restart of ours
        if due.after_s > 0:
            self._enqueue_after(pod.key, due.after_s)
            return
        match due.step:
            case Step.START:
                place = self._place(pod)
                await self._network.connect(pod, place.pod_ip)
                await self._report(pod, rules.started(pod, place, now))
            case Step.FINISH:
                await self._network.disconnect(pod.uid)
                await self._report(pod, rules.finished(pod, now))
            case Step.TELL_READINESS:
                await self._report(pod, rules.readiness(pod, now))
            case Step.REMOVE:
                await self._network.disconnect(pod.uid)
                await self._client.delete(PODS, pod.key, uid=pod.uid, options={"gracePeriodSeconds": 0})
            case Step.NOTHING:
                pass

    def _place(self, pod: Pod) -> Place:
        host_ip = self._nodes[pod.spec.node_name].address
        return Place(host_ip if pod.spec.host_network else self._machines.allocation.take(pod.uid), host_ip)

    async def _report(self, pod: Pod, patch: dict[str, Any]) -> None:
        # The uid makes the server refuse it (409) when another pod has taken the name.
        patch["metadata"] = {"uid": pod.uid}
        await self._client.patch(PODS, pod.key, orjson.dumps(patch), subresource="status")

    # --- nodes -------------------------------------------------------------------------------------------------

    async def _keep_nodes_alive(self) -> None:
        version = ""
        was_away = True
        while True:
            try:
                version = version or await self._server_version()
                for node in self._machines.nodes:
                    await self._renew(node)
                    if was_away:
                        await self._register(node, version)
                if was_away:
                    self._pods.nudge()
                was_away = False
            except ApiError as fault:
                if not was_away:
                    _complain(self._machines.cluster, "heartbeats", fault)
                was_away = True
            await asyncio.sleep(_RETRY_S if was_away else _HEARTBEAT_S)

    async def _server_version(self) -> str:
        answer = await self._client.fetch("/version")
        return str(orjson.loads(answer.body).get("gitVersion", ""))

    async def _renew(self, node: SimulatedNode) -> None:
        lease = orjson.dumps(nodes.lease(node, datetime.now(UTC)))
        try:
            await self._client.patch(LEASES, node.lease_key, lease)
        except NotFound:
            await self._client.create(LEASES, LEASE_NAMESPACE, lease)

    async def _register(self, node: SimulatedNode, version: str) -> None:
        """Make sure that the node is there and ready. Done again whenever the server was away: its data may be older."""
        with contextlib.suppress(AlreadyExists):
            await self._client.create(NODES, "", orjson.dumps(nodes.manifest(node)))
        status = orjson.dumps(nodes.status(node, version, datetime.now(UTC)))
        await self._client.patch(NODES, node.key, status, subresource="status")
        taints = orjson.loads(await self._client.get(NODES, node.key))["spec"].get("taints", [])
        kept = nodes.without_not_ready_taint(taints)
        if kept != taints:
            await self._client.patch(NODES, node.key, orjson.dumps({"spec": {"taints": kept or None}}))


def _complain(cluster: str, what: str, fault: ApiError) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {cluster}: {what}: {fault.explanation()}\n")
    sys.stderr.flush()
