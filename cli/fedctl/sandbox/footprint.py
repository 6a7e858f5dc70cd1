"""How much memory and disk a sandbox takes, measured with Kubernetes 1.36 on Linux. Pure."""

from fedctl.sandbox import servers
from fedctl.sandbox.plans import Plan

_MEMORY_MIB = {servers.API_SERVER: 300, servers.CONTROLLER_MANAGER: 130, servers.SCHEDULER: 100}
_STORE_MIB = 130
_SIMULATOR_MIB = 70
DISK_MIB = 400
"""One etcd reserves 64 MiB for its log at once; audit logs of a long test run take the rest."""


def memory_mib(plan: Plan) -> int:
    """What the servers of a plan occupy when little is stored in them."""
    clusters = sum(_MEMORY_MIB[program] for cluster in plan.topology.clusters for program in plan.programs_of(cluster))
    stores = len(plan.own_etcd) + (len(plan.own_etcd) < len(plan.topology.clusters))
    return clusters + stores * _STORE_MIB + plan.simulator * _SIMULATOR_MIB


def shortage(plan: Plan, free_memory_mib: int | None, free_disk_mib: int) -> str:
    """What a plan needs more of than is free, as the end of a sentence; empty when there is enough, or nobody knows."""
    needed = memory_mib(plan)
    if free_memory_mib is not None and free_memory_mib < needed:
        return f"memory than is free: about {spell(needed)}, of {spell(free_memory_mib)}"
    if free_disk_mib < DISK_MIB:
        return f"disk than is free: about {spell(DISK_MIB)}, of {spell(free_disk_mib)}"
    return ""


def spell(mib: int) -> str:
    """An amount as people read it: `850 MiB`, `1.9 GiB`."""
    return f"{mib} MiB" if mib < _GIBIBYTE else f"{mib / _GIBIBYTE:.1f} GiB"


_GIBIBYTE = 1024
