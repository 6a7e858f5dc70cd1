"""What is known of a sandbox between two commands: one JSON file in its directory, and the lock on that directory.

Written whenever a process starts or stops, atomically, so that a sandbox whose maker was killed can still be recognised
and removed. The file never says whether a process still runs: that is asked of the system each time.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from fedctl.sandbox import locks, places, processes
from fedctl.sandbox.errors import SandboxError
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.processes import ProcessId
from fedctl.sandbox.programs import Programs
from fedctl.sandbox.servers import ClusterLayout, StoreLayout

SHARED_STORE = "shared"
_FILE = "state.json"


class _Recorded(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StoreState(_Recorded):
    """One etcd. `name` is the cluster it belongs to, or SHARED_STORE."""

    name: str
    client_port: int
    peer_port: int
    process: ProcessId | None = None


class ClusterState(_Recorded):
    """One cluster: its address, which etcd it uses, and its processes by program."""

    name: str
    port: int
    services: IPv4Network
    pods: IPv4Network
    store: str
    processes: dict[str, ProcessId] = {}


class State(_Recorded):
    """One sandbox. `phase` is `starting` until everything was ready once."""

    version: Literal[1] = 1
    name: str
    phase: Literal["starting", "running"] = "starting"
    created: datetime
    maker: ProcessId
    owner: ProcessId | None = None
    servers: Path
    plan: Plan
    stores: dict[str, StoreState]
    clusters: dict[str, ClusterState]
    simulator: ProcessId | None = None
    exported: list[Path] = []

    @property
    def directory(self) -> Path:
        """Where everything of the sandbox is."""
        return places.sandbox_dir(self.name)

    @property
    def programs(self) -> Programs:
        """The executables it was started with."""
        return Programs(self.servers)

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig with a context per cluster."""
        return self.directory / "kubeconfig"

    def store_layout(self, name: str) -> StoreLayout:
        """Paths and ports of one etcd."""
        store = self.stores[name]
        return StoreLayout(self.directory / "etcd" / name, store.client_port, store.peer_port)

    def layout(self, name: str) -> ClusterLayout:
        """Paths and ports of one cluster."""
        cluster = self.clusters[name]
        return ClusterLayout(
            name=name,
            directory=self.directory / "clusters" / name,
            port=cluster.port,
            store_url=self.store_layout(cluster.store).url,
            services=cluster.services,
            has_controllers=name in self.plan.controllers,
        )

    def ports(self) -> set[int]:
        """Every port that belongs to it, also while nobody listens there."""
        stores = {port for store in self.stores.values() for port in (store.client_port, store.peer_port)}
        return stores | {cluster.port for cluster in self.clusters.values()}

    def all_processes(self) -> list[ProcessId]:
        """Every recorded process, alive or not; clients before servers."""
        servers = [process for cluster in self.clusters.values() for process in reversed(cluster.processes.values())]
        stores = [store.process for store in self.stores.values() if store.process is not None]
        return ([] if self.simulator is None else [self.simulator]) + servers + stores

    def is_stale(self) -> bool:
        """Whether it was left behind: by a killed `up`, by an owner that is gone, or with every process dead."""
        if self.owner is not None and not processes.is_alive(self.owner):
            return True
        if self.phase == "starting":
            return not processes.is_alive(self.maker)
        return not any(map(processes.is_alive, self.all_processes()))

    def save(self) -> None:
        """Replace the file in one step: a reader sees the old state or the new one."""
        path = self.directory / _FILE
        draft = path.with_suffix(".new")
        draft.write_text(self.model_dump_json(indent=2), encoding="utf-8")
        draft.replace(path)


class Unreadable(SandboxError):
    """The state file is there and makes no sense: cut off, edited, or of another version."""


class Busy(SandboxError):
    """Another command has the lock."""


def load(name: str) -> State | None:
    """The recorded state of a sandbox; None when there is none. Raises Unreadable."""
    path = places.sandbox_dir(name) / _FILE
    try:
        return State.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValidationError, OSError) as fault:
        advice = f"`fedctl sandbox down --name {name}` ends its processes and removes it."
        raise Unreadable(f"the state of sandbox {name!r} cannot be read: {path}", advice) from fault


def names() -> list[str]:
    """Every sandbox of this user that has a directory, running or not."""
    home = places.sandboxes_home()
    return sorted(entry.name for entry in home.iterdir() if entry.is_dir()) if home.is_dir() else []


def ports_in_use() -> set[int]:
    """The ports of all sandboxes whose state can be read."""
    found: set[int] = set()
    for name in names():
        try:
            state = load(name)
        except Unreadable:
            continue
        found |= state.ports() if state is not None else set()
    return found


@contextmanager
def locked(name: str, *, create: bool = False, timeout_s: float = 120) -> Iterator[None]:
    """Be the only one who changes a sandbox; `create` makes its directory first, which holds the lock.

    Without a directory there is nothing to lock, and the body runs all the same. Raises Busy when somebody else
    is at it for longer than `timeout_s`.
    """
    directory = places.sandbox_dir(name)
    with ExitStack() as held:
        while True:
            if create:
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                held.enter_context(locks.exclusive(directory, timeout_s=timeout_s))
            except FileNotFoundError:
                if create:
                    continue  # a `down` removed it between the two lines above
            except locks.Busy as fault:
                advice = "Wait for it, then try again."
                raise Busy(f"sandbox {name!r} is being started or stopped by another command", advice) from fault
            break
        yield
