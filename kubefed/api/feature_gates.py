"""The feature gates of a KubeFedConfig, and what they are when nobody says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class FeatureGate(StrEnum):
    """A part of the controller that can be switched on and off by name."""

    PUSH_RECONCILER = "PushReconciler"
    RAW_RESOURCE_STATUS_COLLECTION = "RawResourceStatusCollection"
    SCHEDULER_PREFERENCES = "SchedulerPreferences"


class Maturity(StrEnum):
    """How settled a feature is, in Kubernetes' words."""

    ALPHA = "ALPHA"
    BETA = "BETA"


@dataclass(frozen=True, slots=True)
class GateDefault:
    """What a gate is without configuration."""

    enabled: bool
    maturity: Maturity


GATES: Mapping[FeatureGate, GateDefault] = MappingProxyType(
    {
        FeatureGate.PUSH_RECONCILER: GateDefault(enabled=True, maturity=Maturity.BETA),
        FeatureGate.RAW_RESOURCE_STATUS_COLLECTION: GateDefault(enabled=False, maturity=Maturity.BETA),
        FeatureGate.SCHEDULER_PREFERENCES: GateDefault(enabled=True, maturity=Maturity.ALPHA),
    }
)
"""Every known gate, sorted by name."""
