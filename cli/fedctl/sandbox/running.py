"""A running sandbox in the hands of a test, a benchmark or the demo: reach its clusters, break them, bring them back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from types import TracebackType
from typing import Self

from fedctl.sandbox import exports, installed, launch, lifecycle, pki, probes, processes, servers
from fedctl.sandbox import state as states
from fedctl.sandbox.errors import NotRunning
from fedctl.sandbox.launch import Watch
from fedctl.sandbox.leash import Leash
from fedctl.sandbox.lifecycle import Made, Wish, silent
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.processes import ProcessId
from fedctl.sandbox.servers import ClusterLayout
from fedctl.sandbox.state import State
from fedctl.sandbox.topology import ClusterSpec, Topology

_POLITE_S = 10.0


class Sandbox:
    """One sandbox. `Sandbox.started` for a block of code, `Sandbox.up` to keep it, `Sandbox.attach` for one that runs."""

    def __init__(self, name: str, *, was_running: bool = True, leash: Leash | None = None) -> None:
        self.name = name
        self.was_running = was_running
        self._leash = leash
        self.clusters = {spec.name: Cluster(name, spec) for spec in self.state().plan.topology.clusters}

    @classmethod
    @contextmanager
    def started(
        cls, shape: Topology | int, *, name: str, owner: bool = True, controllers: bool = True, servers: Path | None = None
    ) -> Iterator[Self]:
        """A sandbox for the length of a `with` block; with `owner`, also kill -9 of this process removes it."""
        plan = Plan.of(shape, controllers=controllers)
        with cls.up(plan, name=name, owner=owner, servers=servers) as sandbox:
            yield sandbox

    @classmethod
    def up(cls, plan: Plan, *, name: str, owner: bool = False, servers: Path | None = None, watch: Watch = silent) -> Self:
        """Make a sandbox, or take the one that runs with this plan. Servers must have been built, or be named."""
        return cls.made(lifecycle.up(Wish(name=name, plan=plan, programs=installed.find(servers), owned=owner), watch))

    @classmethod
    def made(cls, result: Made) -> Self:
        """The sandbox that `lifecycle.up` made or found."""
        return cls(result.state.name, was_running=result.was_running, leash=result.leash)

    @classmethod
    def attach(cls, name: str) -> Self:
        """The sandbox of that name, started by whomever. Raises NotRunning."""
        return cls(name)

    def down(self) -> None:
        """Remove it: processes, ports, files."""
        lifecycle.down(self.name)
        if self._leash is not None:
            self._leash.drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.down()

    def export_kubeconfig(self, path: Path) -> None:
        """Also write the kubeconfig to `path`; `down` removes it there if it is still the same. Raises SandboxError."""
        exports.write(self.name, path)

    def state(self) -> State:
        """What is recorded about it now. Raises NotRunning when it is gone."""
        return _state(self.name)

    @property
    def directory(self) -> Path:
        """Everything of it on disk."""
        return self.state().directory

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig with one context per cluster, named as the clusters are; the host's is current."""
        return self.state().kubeconfig

    @property
    def topology(self) -> Topology:
        """The clusters as they were wanted."""
        return self.state().plan.topology

    @property
    def host(self) -> "Cluster":
        """The cluster that federates the others."""
        return self.clusters[self.topology.host.name]

    @property
    def members(self) -> "list[Cluster]":
        """The other clusters, in the topology's order."""
        return [self.clusters[spec.name] for spec in self.topology.members]

    def cluster(self, name: str) -> "Cluster":
        """One cluster by name. Raises NotRunning when there is none of that name."""
        if name not in self.clusters:
            raise NotRunning(f"sandbox {self.name!r} has no cluster {name!r}", f"It has: {', '.join(self.clusters)}.")
        return self.clusters[name]


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster of a running sandbox."""

    sandbox: str
    spec: ClusterSpec

    @property
    def name(self) -> str:
        """Its name, which is also its context in the kubeconfig."""
        return self.spec.name

    @property
    def endpoint(self) -> str:
        """The API server's URL."""
        return self.layout().endpoint

    @property
    def ca_pem(self) -> bytes:
        """The authority that signed the API server's certificate."""
        return (self.layout().pki / "ca.crt").read_bytes()

    @property
    def client_cert(self) -> pki.Pair:
        """An administrator's certificate and key, PEM."""
        return pki.read(self.layout().pki, pki.ADMIN)

    @property
    def kubeconfig(self) -> Path:
        """An administrator's kubeconfig for this cluster alone."""
        return self.layout().kubeconfig(pki.ADMIN)

    @property
    def audit_log(self) -> Path:
        """Every request its API server answered, one JSON document per line, written before the answer."""
        return self.layout().audit_log

    @property
    def etcd_data(self) -> Path:
        """The data directory of its etcd. Copy or replace it only while stopped, and with an etcd of its own."""
        state = _state(self.sandbox)
        return state.store_layout(state.clusters[self.name].store).directory / "data"

    def layout(self) -> ClusterLayout:
        """All paths and ports."""
        return _state(self.sandbox).layout(self.name)

    def log(self, program: str) -> Path:
        """What one of its servers logged, by program; `audit` is the audit log. Raises NotRunning when there is none."""
        state = _state(self.sandbox)
        logs = {program: self.layout().log(program) for program in self.processes()}
        logs |= {
            "audit": self.audit_log,
            servers.ETCD: state.store_layout(state.clusters[self.name].store).directory / "etcd.log",
        }
        if program not in logs:
            raise NotRunning(f"{self.name} runs no {program!r}", f"It has: {', '.join(sorted(logs))}.")
        return logs[program]

    def processes(self) -> dict[str, ProcessId]:
        """Its recorded processes by program, alive or not."""
        return dict(_state(self.sandbox).clusters[self.name].processes)

    def is_ready(self) -> bool:
        """Whether its API server answers and is ready, now."""
        return probes.is_ready(self.layout())

    def is_running(self) -> bool:
        """Whether its API server's process is there, ready, frozen or not."""
        return processes.is_alive(self.processes()[servers.API_SERVER])

    def kill(self) -> None:
        """End all its processes at once, as a power cut does. Its data and its port stay."""
        self._end(grace_s=0)

    def stop(self) -> None:
        """End all its processes politely; what takes longer than ten seconds is killed."""
        self._end(grace_s=_POLITE_S)

    def start(self) -> None:
        """Start again whatever of it does not run, on its port and with its data; return when it is ready."""
        with states.locked(self.sandbox):
            state = _state(self.sandbox)
            store = state.clusters[self.name].store
            if not _runs(state.stores[store].process):
                launch.start_stores(state, [store])
            if _runs(state.clusters[self.name].processes[servers.API_SERVER]):
                launch.start_missing(state, self.name)
            else:
                launch.start_clusters(state, [self.name], silent)
            if not _runs(state.simulator):
                launch.start_simulator(state)
            launch.await_controllers(state, [self.name], silent)

    def pause(self) -> None:
        """Freeze its API server: connections are accepted by the system and never answered."""
        processes.send(self.processes()[servers.API_SERVER], SIGSTOP)

    def resume(self) -> None:
        """Let a frozen API server go on."""
        processes.send(self.processes()[servers.API_SERVER], SIGCONT)

    def is_paused(self) -> bool:
        """Whether its API server is frozen."""
        return processes.is_paused(self.processes()[servers.API_SERVER])

    def _end(self, grace_s: float) -> None:
        with states.locked(self.sandbox):
            state = _state(self.sandbox)
            # Controllers first, so that a polite stop does not wait for their watches.
            own = list(reversed(state.clusters[self.name].processes.values()))
            store = state.stores.get(self.name)
            processes.end(own, grace_s=grace_s)
            if store is not None and store.process is not None:
                processes.end([store.process], grace_s=grace_s)


def _runs(process: ProcessId | None) -> bool:
    return process is not None and processes.is_alive(process)


def _state(name: str) -> State:
    state = states.load(name)
    if state is None or state.is_stale():
        raise NotRunning(f"no sandbox {name!r} is running", f"Start it: fedctl sandbox up --name {name}")
    return state
