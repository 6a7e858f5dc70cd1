"""A sandbox's whole life: made, recognised when it is there already, and removed without a trace."""

import contextlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fedctl.sandbox import (
    access,
    addresses,
    exports,
    footprint,
    launch,
    leash,
    machine,
    places,
    ports,
    processes,
    strays,
)
from fedctl.sandbox import state as states
from fedctl.sandbox.errors import SandboxError, StartFailed, TooSmall
from fedctl.sandbox.launch import Watch
from fedctl.sandbox.leash import Leash
from fedctl.sandbox.plans import Plan
from fedctl.sandbox.processes import ProcessId
from fedctl.sandbox.programs import Programs
from fedctl.sandbox.state import SHARED_STORE, ClusterState, State, StoreState


@dataclass(frozen=True, slots=True)
class Wish:
    """A sandbox that somebody wants. `owned` ties its life to this process; `force` goes on where room seems short."""

    name: str
    plan: Plan
    programs: Programs
    owned: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What `up` found or made. `leash` is there when it is owned: as long as it is held, the sandbox lives."""

    state: State
    was_running: bool
    leash: Leash | None


def silent(_cluster: str, _stage: str) -> None:
    """Watch nothing."""


def up(wish: Wish, watch: Watch = silent) -> Made:
    """Make the sandbox and return when every cluster works; return the running one when it is the same already.

    Leftovers of an earlier one are removed first; an interrupted or failed start removes itself. Raises SandboxError when
    another sandbox of that name runs, or a server does not start.
    """
    wish.programs.require(wish.plan.all_programs())
    with states.locked(wish.name, create=True):
        existing = states.load(wish.name)
        if existing is not None and not existing.is_stale():
            _insist_same(existing, wish)
            return Made(existing, was_running=True, leash=None)
        _end_processes(wish.name, existing)
        _empty(places.sandbox_dir(wish.name))
        if not wish.force:
            _insist_on_room(wish)
        return _make(wish, watch)


def _insist_same(existing: State, wish: Wish) -> None:
    remove = f"`fedctl sandbox down --name {wish.name}` removes it; another --name keeps both."
    if existing.owner is not None:
        raise SandboxError(f"sandbox {wish.name!r} belongs to process {existing.owner.pid}, which runs", remove)
    if existing.phase != "running" or wish.owned:
        raise SandboxError(f"a sandbox {wish.name!r} is there already", remove)
    if existing.plan != wish.plan:
        raise SandboxError(f"sandbox {wish.name!r} runs with other clusters or programs than wanted", remove)


def _insist_on_room(wish: Wish) -> None:
    place = places.sandboxes_home()
    short = footprint.shortage(wish.plan, machine.free_memory_mib(), machine.free_disk_mib(place))
    if short:
        _remove(wish.name, None)
        advice = "Want fewer members or --no-controllers, free some, or name another disk with XDG_STATE_HOME; or --force."
        raise TooSmall(f"sandbox {wish.name!r} needs more {short}", advice)


def _make(wish: Wish, watch: Watch) -> Made:
    tied = leash.tie(places.sandbox_dir(wish.name))
    try:
        state = _draw_up(wish)
        launch.prepare(state)
        launch.start_stores(state, list(state.stores))
        launch.start_clusters(state, list(state.clusters), watch)
        launch.start_simulator(state)
        launch.await_controllers(state, state.clusters, watch)
        launch.await_nodes(state, watch)
        access.write_kubeconfig(state)
        state.phase = "running"
        state.save()
    except BaseException as fault:
        # Ctrl-C included: whoever interrupts a start wants nothing of it to stay.
        _remove(wish.name, None)
        tied.drop()
        if isinstance(fault, StartFailed):
            raise StartFailed(fault.what, "Nothing of it was kept. Look for the cause above, and try again.") from fault
        raise
    if wish.owned:
        return Made(state, was_running=False, leash=tied)
    tied.release()
    return Made(state, was_running=False, leash=None)


def _draw_up(wish: Wish) -> State:
    topology = wish.plan.topology
    own = wish.plan.own_etcd
    shared = [SHARED_STORE] if any(cluster.name not in own for cluster in topology.clusters) else []
    names = [*shared, *sorted(own)]
    free = iter(ports.free_ports(2 * len(names) + len(topology.clusters), avoid=states.ports_in_use()))
    pods, services = addresses.pod_ranges(topology), addresses.service_ranges(topology)
    stores = {name: StoreState(name=name, client_port=next(free), peer_port=next(free)) for name in names}
    clusters = {
        cluster.name: ClusterState(
            name=cluster.name,
            port=next(free),
            services=services[cluster.name],
            pods=pods[cluster.name],
            store=cluster.name if cluster.name in own else SHARED_STORE,
        )
        for cluster in topology.clusters
    }
    state = State(
        name=wish.name,
        created=datetime.now(UTC),
        maker=processes.myself(),
        owner=processes.myself() if wish.owned else None,
        servers=wish.programs.path,
        plan=wish.plan,
        stores=stores,
        clusters=clusters,
    )
    state.save()
    return state


def down(name: str) -> bool:
    """End every process of a sandbox and remove its directory; says whether there was anything. Needs no readable state."""
    with states.locked(name):
        if not places.sandbox_dir(name).exists():
            return False
        try:
            state = states.load(name)
        except states.Unreadable:
            state = None  # its processes are found by their command lines
        _remove(name, state)
        return True


def remove_stale() -> list[str]:
    """Remove what killed runs left behind; returns the names. Sandboxes that cannot be read are left for `down`."""
    return [name for name in states.names() if _remove_if_stale(name)]


def _remove_if_stale(name: str) -> bool:
    try:
        # Judged under the lock: one that is just being started has no state yet, or one without processes.
        with states.locked(name, timeout_s=0):
            state = states.load(name)
            stale = places.sandbox_dir(name).is_dir() if state is None else state.is_stale()
            if stale:
                _remove(name, state)
            return stale
    except (states.Busy, states.Unreadable):
        return False


def _remove(name: str, state: State | None) -> None:
    _end_processes(name, state)
    if state is not None:
        exports.remove(state)
    shutil.rmtree(places.sandbox_dir(name), ignore_errors=True)
    home = places.sandboxes_home()
    for emptied in (home, home.parent):
        with contextlib.suppress(OSError):
            emptied.rmdir()


def _end_processes(name: str, state: State | None) -> None:
    recorded: Iterable[ProcessId] = state.all_processes() if state is not None else ()
    # SIGKILL at once: an API server takes up to a minute to stop politely, and nothing here is worth keeping.
    survivors = processes.end({*recorded, *strays.find(places.sandbox_dir(name))}, grace_s=0)
    if survivors:
        listed = ", ".join(str(process.pid) for process in survivors)
        raise SandboxError(f"processes of sandbox {name!r} do not end: {listed}", "They may wait for a disk; try again.")


def _empty(directory: Path) -> None:
    """Remove what is in a directory, but not itself: we hold the lock on it."""
    for entry in directory.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
