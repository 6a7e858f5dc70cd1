"""What a simulated node and its lease look like to the API server. Pure."""

from dataclasses import dataclass
from datetime import datetime

from kubefed.core.clock import rfc3339
from kubefed.core.names import ObjectKey, ResourceType

NODES = ResourceType(group="", version="v1", plural="nodes", kind="Node", namespaced=False)
LEASES = ResourceType(group="coordination.k8s.io", version="v1", plural="leases", kind="Lease", namespaced=True)
LEASE_NAMESPACE = "kube-node-lease"

NOT_READY_TAINT = "node.kubernetes.io/not-ready"
_LEASE_SECONDS = 40  # as kubelets have it
_CAPACITY = {"cpu": "32", "memory": "128Gi", "ephemeral-storage": "512Gi", "pods": "250"}


@dataclass(frozen=True, slots=True)
class SimulatedNode:
    """One machine that is not there. `address` is its InternalIP; region and zone may be empty."""

    name: str
    address: str
    region: str = ""
    zone: str = ""

    @property
    def key(self) -> ObjectKey:
        """Where the Node object is."""
        return ObjectKey("", self.name)

    @property
    def lease_key(self) -> ObjectKey:
        """Where its heartbeats are."""
        return ObjectKey(LEASE_NAMESPACE, self.name)


def manifest(node: SimulatedNode) -> dict[str, object]:
    """The Node to create. Admission adds the not-ready taint to it, whatever it says."""
    labels = {
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": "simulated",
        "topology.kubernetes.io/region": node.region,
        "topology.kubernetes.io/zone": node.zone,
    }
    metadata = {"name": node.name, "labels": {name: value for name, value in labels.items() if value}}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata}


def status(node: SimulatedNode, version: str, now: datetime) -> dict[str, object]:
    """A patch of the status: everything is well, as of now."""
    software = {
        "kubeletVersion": version,
        "kubeProxyVersion": version,
        "operatingSystem": "linux",
        "architecture": "amd64",
        "containerRuntimeVersion": "simulated://1",
        "osImage": "simulated by kubefed",
        "kernelVersion": "simulated",
        "machineID": node.name,
        "systemUUID": node.name,
        "bootID": node.name,
    }
    addresses = [{"type": "InternalIP", "address": node.address}, {"type": "Hostname", "address": node.name}]
    return {
        "status": {
            "capacity": _CAPACITY,
            "allocatable": _CAPACITY,
            "addresses": addresses,
            "nodeInfo": software,
            "conditions": _conditions(rfc3339(now)),
        }
    }


def _conditions(now: str) -> list[dict[str, str]]:
    pressures = {"MemoryPressure": "KubeletHasSufficientMemory", "DiskPressure": "KubeletHasNoDiskPressure"}
    well = [(kind, "False", reason) for kind, reason in (pressures | {"PIDPressure": "KubeletHasSufficientPID"}).items()]
    return [
        {"type": kind, "status": value, "reason": reason, "lastHeartbeatTime": now, "lastTransitionTime": now}
        for kind, value, reason in (*well, ("Ready", "True", "KubeletReady"))
    ]


def without_not_ready_taint(taints: list[dict[str, str]]) -> list[dict[str, str]]:
    """The taints that stay once the node is ready; others are a person's or the node controller's business."""
    return [taint for taint in taints if taint.get("key") != NOT_READY_TAINT]


def lease(node: SimulatedNode, now: datetime) -> dict[str, object]:
    """The Lease that says the node lives, to create or as a patch."""
    spec = {"holderIdentity": node.name, "leaseDurationSeconds": _LEASE_SECONDS, "renewTime": _micro_time(now)}
    metadata = {"name": node.name, "namespace": LEASE_NAMESPACE}
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}


def _micro_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
