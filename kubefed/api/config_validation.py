"""What is valid in a KubeFedConfig once its defaults are filled in: the rules of KubeFed's webhook.

One mistake would otherwise show much later and elsewhere: a leader that loses its lease while it still renews, or a
cluster that is never probed.
"""

from typing import Any

from kubefed.api.allowed_ranges import ALLOWED_RANGES_ANNOTATION, noted_ranges
from kubefed.api.core_v1beta1 import (
    DeletionGuardConfig,
    FeatureGateSetting,
    GuardMode,
    KubeFedConfig,
    LeaderElection,
    ResourceLock,
    Scope,
    Toggle,
    Trust,
)
from kubefed.api.durations import Duration
from kubefed.api.feature_gates import FeatureGate
from kubefed.api.field_errors import duplicate, invalid, required
from kubefed.api.validation import Mistakes, range_mistakes, word_mistakes


def mistakes_in_config(config: KubeFedConfig, old: KubeFedConfig | None = None) -> Mistakes:
    """What is wrong with a configuration, which must have its defaults; `old` is what it was before an update."""
    spec = config.spec
    mistakes = word_mistakes("spec.scope", spec.scope, tuple(Scope))
    if old is not None and spec.scope != old.spec.scope:
        mistakes.append(invalid("spec.scope", spec.scope, "field is immutable"))
    mistakes += _section_mistakes(
        "spec.controllerDuration", spec.controller_duration, "availableDelay", "unavailableDelay", "cacheSyncTimeout"
    )
    mistakes += _election_mistakes("spec.leaderElect", spec.leader_elect)
    mistakes += _gate_mistakes("spec.featureGates", spec.feature_gates)
    mistakes += _section_mistakes(
        "spec.clusterHealthCheck",
        spec.cluster_health_check,
        "period",
        "failureThreshold",
        "successThreshold",
        "timeout",
    )
    mistakes += _section_mistakes("spec.syncController", spec.sync_controller, "maxConcurrentReconciles")
    if spec.sync_controller is not None:
        adoption = spec.sync_controller.adopt_resources or ""
        mistakes += word_mistakes("spec.syncController.adoptResources", adoption, tuple(Toggle))
    mistakes += _section_mistakes("spec.statusController", spec.status_controller, "maxConcurrentReconciles")
    if spec.trust is not None:
        mistakes += word_mistakes("spec.trust", spec.trust, tuple(Trust))
    mistakes += _guard_mistakes("spec.deletionGuard", spec.deletion_guard)
    noted = f"metadata.annotations[{ALLOWED_RANGES_ANNOTATION}]"
    return [
        *mistakes,
        *range_mistakes("spec.allowedEndpointRanges", spec.allowed_endpoint_ranges or []),
        *range_mistakes(noted, noted_ranges(config)),
    ]


def _guard_mistakes(path: str, guard: DeletionGuardConfig | None) -> Mistakes:
    if guard is None:
        return []
    mistakes = word_mistakes(f"{path}.mode", guard.mode, tuple(GuardMode)) if guard.mode is not None else []
    limits = {"maxObjects": guard.max_objects, "maxPercent": guard.max_percent, "maxClusters": guard.max_clusters}
    wrong = [(name, limit) for name, limit in limits.items() if limit is not None and limit < 0]
    return [*mistakes, *(invalid(f"{path}.{name}", limit, "should not be negative") for name, limit in wrong)]


def _section_mistakes(path: str, section: Any, *fields: str) -> Mistakes:
    """A section must be there, and the durations and numbers in it greater than 0."""
    if section is None:
        return [required(path)]
    values = {(info.alias or name): getattr(section, name) for name, info in type(section).model_fields.items()}
    return [mistake for field in fields for mistake in _amount_mistakes(f"{path}.{field}", values[field])]


def _amount_mistakes(path: str, amount: Duration | int | None) -> Mistakes:
    if amount is None:
        return [required(path)]
    number = amount.nanoseconds if isinstance(amount, Duration) else amount
    return [] if number > 0 else [invalid(path, number, "should be greater than 0")]


def _election_mistakes(path: str, election: LeaderElection | None) -> Mistakes:
    mistakes = _section_mistakes(path, election, "leaseDuration", "renewDeadline", "retryPeriod")
    if election is None:
        return mistakes
    lease, renew, retry = election.lease_duration, election.renew_deadline, election.retry_period
    if lease and renew and lease <= renew:
        detail = "leaseDuration must be greater than renewDeadline"
        mistakes.append(invalid(f"{path}.leaseDuration", str(lease), detail))
    if renew and retry and renew.nanoseconds <= int(retry.nanoseconds * _JITTER_FACTOR):
        detail = f"renewDeadline must be greater than retryPeriod*JitterFactor({_JITTER_FACTOR})"
        mistakes.append(invalid(f"{path}.renewDeadline", str(renew), detail))
    return mistakes + word_mistakes(f"{path}.resourceLock", election.resource_lock or "", tuple(ResourceLock))


_JITTER_FACTOR = 1.2
"""By how much client-go's leader election stretches the retry period at random."""


def _gate_mistakes(path: str, gates: list[FeatureGateSetting] | None) -> Mistakes:
    if gates is None:
        return [required(path)]
    mistakes: Mistakes = []
    seen: set[str] = set()
    for gate in gates:
        if gate.name in seen:
            mistakes.append(duplicate(f"{path}.name", gate.name))
            continue
        seen.add(gate.name)
        mistakes += word_mistakes(f"{path}.name", gate.name, tuple(FeatureGate))
        mistakes += word_mistakes(f"{path}.configuration", gate.configuration, tuple(Toggle))
    return mistakes
