"""Starting the servers of a sandbox and waiting until they work. Every start is recorded in the state at once."""

import re
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from fedctl.sandbox import access, leash, logs, pki, policies, ports, probes, processes, servers
from fedctl.sandbox.errors import StartFailed
from fedctl.sandbox.processes import ProcessId
from fedctl.sandbox.state import State

Watch = Callable[[str, str], None]
"""Told what happens while a sandbox starts: the cluster, or what else it is about, and the stage that it reached."""

READY = "ready"
"""The last stage of every cluster."""
READY_TIMEOUT_S = 180.0
_POLL_S = 0.05
_PORT_TRIES = 5
_PORT_LOST = re.compile(r"address already in use", re.IGNORECASE)


def prepare(state: State) -> None:
    """Write the files that the servers of every cluster read: certificates, keys, policies."""
    for name in state.stores:
        (state.directory / "etcd" / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    for cluster in state.plan.topology.clusters:
        layout = state.layout(cluster.name)
        pki.make(layout.pki, layout.services)
        policy = policies.audit_policy(is_host=cluster.role == "host")
        (layout.directory / "audit-policy.json").write_text(policy, encoding="utf-8")
        config = policies.scheduler_config(str(layout.kubeconfig(servers.SCHEDULER)))
        (layout.directory / "scheduler.json").write_text(config, encoding="utf-8")


def start_stores(state: State, names: Collection[str]) -> None:
    """Start these etcds and wait until they listen; one that finds its port taken gets another one."""
    for _ in range(_PORT_TRIES):
        lost = [name for name in names if not _start_store(state, name)]
        if not lost:
            return
        if state.phase == "running":
            raise StartFailed(
                f"a port of the etcd {lost[0]!r} was taken by another program meanwhile", "End that, then start again."
            )
        for name in lost:
            store = state.stores[name]
            store.client_port, store.peer_port = ports.free_ports(2, avoid=state.ports())
        names = lost
    raise StartFailed("etcd found its ports taken again and again", "See what else opens ports on 127.0.0.1.")


def _start_store(state: State, name: str) -> bool:
    layout = state.store_layout(name)
    log = layout.directory / "etcd.log"
    process = processes.spawn([*state.programs.command(servers.ETCD), *servers.etcd(layout)], log=log)
    state.stores[name].process = process
    state.save()
    came_up = processes.wait_until(
        lambda: probes.is_healthy_etcd(layout.client_port) or not processes.is_alive(process),
        READY_TIMEOUT_S,
        every_s=_POLL_S,
    )
    if came_up and processes.is_alive(process):
        return True
    if not _lost_its_port(log):
        raise StartFailed(f"etcd did not start:\n{logs.tail(log)}", f"Its log: {log}")
    return False


def start_clusters(state: State, names: Collection[str], watch: Watch) -> None:
    """Start the API servers of these clusters side by side, and each one's controllers as soon as it is ready."""
    for name in names:
        start_program(state, name, servers.API_SERVER)
        watch(name, "API server starting")
    deadline = time.monotonic() + READY_TIMEOUT_S
    waiting = list(names)
    tries = dict.fromkeys(names, 1)
    while waiting:
        for name in list(waiting):
            if not processes.is_alive(state.clusters[name].processes[servers.API_SERVER]):
                _start_on_another_port(state, name, tries)
            elif probes.is_ready(state.layout(name)):
                waiting.remove(name)
                _start_controllers(state, name, watch)
        if waiting and time.monotonic() > deadline:
            raise _not_ready(state, waiting[0])
        time.sleep(_POLL_S if waiting else 0)


def _start_on_another_port(state: State, name: str, tries: dict[str, int]) -> None:
    log = state.layout(name).log(servers.API_SERVER)
    lost, port = _lost_its_port(log), state.clusters[name].port
    if lost and state.phase == "running":
        # Kubeconfigs and joined members know this port: a cluster that comes back elsewhere would be another one.
        what = f"port {port} of {name} was taken by another program while {name} was stopped"
        raise StartFailed(what, f"End that program (`ss -ltnp sport = :{port}` shows it) and start {name} again.")
    if not lost or tries[name] >= _PORT_TRIES:
        raise StartFailed(f"the API server of {name} went away while starting:\n{logs.tail(log)}", f"Its log: {log}")
    tries[name] += 1
    log.unlink()
    (state.clusters[name].port,) = ports.free_ports(1, avoid=state.ports())
    start_program(state, name, servers.API_SERVER)


def _start_controllers(state: State, name: str, watch: Watch) -> None:
    access.write_kubeconfigs(state, name)
    wanted = state.plan.programs_of(state.plan.topology.cluster(name))
    rest = [program for program in wanted if program != servers.API_SERVER]
    for program in rest:
        start_program(state, name, program)
    watch(name, "controllers starting" if rest else READY)


def await_controllers(state: State, names: Iterable[str], watch: Watch) -> None:
    """Wait until pods can be made wherever controllers run. Raises StartFailed when a controller-manager went away."""
    waiting = [name for name in names if name in state.plan.controllers]
    deadline = time.monotonic() + READY_TIMEOUT_S
    while waiting:
        for name in list(waiting):
            layout = state.layout(name)
            if probes.accepts_pods(layout):
                waiting.remove(name)
                watch(name, "nodes starting" if name in state.plan.simulated() else READY)
            elif not processes.is_alive(state.clusters[name].processes[servers.CONTROLLER_MANAGER]):
                log = layout.log(servers.CONTROLLER_MANAGER)
                raise StartFailed(
                    f"the controller-manager of {name} went away while starting:\n{logs.tail(log)}", f"Its log: {log}"
                )
        if waiting and time.monotonic() > deadline:
            raise _not_ready(state, waiting[0])
        time.sleep(_POLL_S if waiting else 0)


def start_simulator(state: State) -> None:
    """Start the process that plays the nodes, where there are any."""
    if state.plan.simulated():
        command = leash.own_module("fedctl.sandbox.simulator", str(state.directory))
        log = state.directory / "simulator.log"
        state.simulator = processes.spawn(command, log=log, environment=leash.own_environment())
        state.save()


def await_nodes(state: State, watch: Watch) -> None:
    """Wait until every simulated node is ready, so that the first pod finds a place at once."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    for name in state.plan.simulated():
        layout, wanted = state.layout(name), len(state.plan.topology.cluster(name).nodes)
        while not probes.has_ready_nodes(layout, wanted):
            log = state.directory / "simulator.log"
            if state.simulator is None or not processes.is_alive(state.simulator):
                raise StartFailed(f"the node simulator went away while starting:\n{logs.tail(log)}", f"Its log: {log}")
            if time.monotonic() > deadline:
                raise StartFailed(f"the nodes of {name} did not become ready:\n{logs.tail(log)}", f"Its log: {log}")
            time.sleep(_POLL_S)
        watch(name, READY)


def start_program(state: State, name: str, program: str) -> ProcessId:
    """Start one server of one cluster and record it."""
    layout = state.layout(name)
    command = [*state.programs.command(program), *_ARGUMENTS[program](layout)]
    process = processes.spawn(command, log=layout.log(program))
    state.clusters[name].processes[program] = process
    state.save()
    return process


_ARGUMENTS = {
    servers.API_SERVER: servers.api_server,
    servers.CONTROLLER_MANAGER: servers.controller_manager,
    servers.SCHEDULER: servers.scheduler,
}


def start_missing(state: State, name: str) -> None:
    """Start the servers of a cluster that do not run, beside those that do."""
    for program, process in list(state.clusters[name].processes.items()):
        if not processes.is_alive(process):
            start_program(state, name, program)


def _not_ready(state: State, name: str) -> StartFailed:
    log = state.layout(name).log(servers.API_SERVER)
    return StartFailed(f"cluster {name} was not ready after {READY_TIMEOUT_S:.0f} s:\n{logs.tail(log)}", f"Its log: {log}")


def _lost_its_port(log: Path) -> bool:
    return _PORT_LOST.search(logs.tail(log)) is not None
