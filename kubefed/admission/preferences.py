"""Verdicts on ReplicaSchedulingPreferences, which KubeFed took as they came and re-queued for ever when they were wrong.

Only an unknown target kind is refused, and not in an update that leaves it as it was. Numbers that divide strangely were
always accepted and are stored in live objects: they give warnings. Pure.
"""

from kubefed.admission.review import AdmissionRequest
from kubefed.admission.verdict import ALLOWED, Verdict, invalid_object, unreadable
from kubefed.api.field_errors import not_supported, required
from kubefed.api.scheduling_v1alpha1 import ReplicaSchedulingPreference
from kubefed.core.errors import Misconfigured

KINDS = ("FederatedDeployment", "FederatedReplicaSet")
_FIELD = "spec.targetKind"


def judge_preference(request: AdmissionRequest) -> Verdict:
    """The verdict on a write of a ReplicaSchedulingPreference."""
    if not request.is_write or request.is_being_deleted or request.sub_resource:
        return ALLOWED
    if request.too_deep:
        return ALLOWED if request.is_update and request.same_spec else unreadable("the object is nested too deeply")
    try:
        preference = ReplicaSchedulingPreference.read(request.object_)
    except Misconfigured as problem:
        return unreadable(str(problem))
    kind, warnings = preference.spec.target_kind, _strange_numbers(preference)
    if kind in KINDS:
        return Verdict(warnings=tuple(warnings))
    mistake = not_supported(_FIELD, kind, KINDS) if kind else required(_FIELD)
    if request.is_update and _old_kind(request) == kind:
        return Verdict(warnings=(f"{mistake}: left as it was, and not acted on", *warnings))
    return invalid_object(request.qualified_kind, request.name, [mistake], warnings)


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
