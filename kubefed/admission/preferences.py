"""Verdicts on ReplicaSchedulingPreferences, which KubeFed took as they came and re-queued for ever when they were wrong.

Only a target kind that no FederatedTypeConfig has is refused, and not in an update that leaves it as it was. Numbers that
divide strangely were always accepted and are stored in live objects: they give warnings. Pure.
"""

from collections.abc import Callable, Collection

from kubefed.admission.review import AdmissionRequest
from kubefed.admission.verdict import ALLOWED, Verdict, invalid_object, unreadable
from kubefed.api.field_errors import not_supported, required
from kubefed.api.scheduling_v1alpha1 import ReplicaSchedulingPreference
from kubefed.core.errors import Misconfigured

_USUAL = ("FederatedDeployment", "FederatedReplicaSet")
_FIELD = "spec.targetKind"


KindsNow = Callable[[], Collection[str] | None]
"""The kinds of all federated types whose objects may have replicas; None while they are not known."""


class PreferenceJudge:
    """Judges writes of ReplicaSchedulingPreferences."""

    def __init__(self, kinds: KindsNow) -> None:
        self._kinds = kinds

    def __call__(self, request: AdmissionRequest) -> Verdict:
        """The verdict on one write. While the kinds are not known, any passes."""
        return _judge(request, self._kinds())


def _judge(request: AdmissionRequest, kinds: Collection[str] | None) -> Verdict:
    if not request.is_write or request.is_being_deleted or request.sub_resource:
        return ALLOWED
    if request.too_deep:
        return ALLOWED if request.is_update and request.same_spec else unreadable("the object is nested too deeply")
    try:
        preference = ReplicaSchedulingPreference.read(request.object_)
    except Misconfigured as problem:
        return unreadable(str(problem))
    kind, warnings = preference.spec.target_kind, _strange_numbers(preference)
    if kind and (kinds is None or kind in kinds):
        return Verdict(warnings=tuple(warnings))
    mistake = not_supported(_FIELD, kind, _offered(kinds or ())) if kind else required(_FIELD)
    if request.is_update and _old_kind(request) == kind:
        return Verdict(warnings=(f"{mistake}: left as it was, and not acted on", *warnings))
    return invalid_object(request.qualified_kind, request.name, [mistake], warnings)


def _offered(kinds: Collection[str]) -> tuple[str, ...]:
    """What the person most likely meant: not every federated kind has replicas."""
    return tuple(kind for kind in _USUAL if kind in kinds) or tuple(sorted(kinds))


def _old_kind(request: AdmissionRequest) -> str | None:
    try:
        return ReplicaSchedulingPreference.read(request.old_object).spec.target_kind
    except Misconfigured:
        return None


def _strange_numbers(preference: ReplicaSchedulingPreference) -> list[str]:
    spec = preference.spec
    warnings = ["spec.totalReplicas: is negative"] if spec.total_replicas < 0 else []
    for name, wish in (spec.clusters or {}).items():
        path = f"spec.clusters[{name}]"
        if min(wish.min_replicas, wish.weight, wish.max_replicas or 0) < 0:
            warnings.append(f"{path}: has a negative number")
        elif wish.max_replicas is not None and wish.max_replicas < wish.min_replicas:
            warnings.append(f"{path}.maxReplicas: is less than minReplicas")
    return warnings
