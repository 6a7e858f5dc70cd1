"""What the registry is told once at start. Values only."""

from dataclasses import dataclass

from kubefed.api.core_v1beta1 import Trust
from kubefed.clusters.health import Thresholds
from kubefed.kube.addresses import AddressPolicy

_THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """Where the records are, what they may ask for, and how their clusters are probed.

    `host_uid` is the uid of the host's own kube-system namespace: a member with the same one is the host itself.
    """

    namespace: str
    host_uid: str
    trust: Trust
    addresses: AddressPolicy
    probe_period_s: float = 10.0
    probe_timeout_s: float = 3.0
    thresholds: Thresholds = _THRESHOLDS
    unavailable_delay_s: float = 60.0
    """How long a member may be away before every object that selects it is told so. What is decided meanwhile knows it
    at once; this only keeps a short outage from rewriting every status twice."""
