"""Verdicts on Federated<Kind> objects: what KubeFed noticed at reconcile only, said while its author still looks.

A part of the spec that an update leaves as it was is never a reason to refuse the update: it gives a warning, so that
whoever has a bad object can still repair something else of it, and controllers can still write finalizers. The same
rules run again when the object is propagated, so nothing depends on admission having been there. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kubefed.admission.review import AdmissionRequest
from kubefed.admission.verdict import ALLOWED, Verdict, invalid_object
from kubefed.api.field_errors import FieldError, invalid_secretively
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ResourceType

Spec = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One field of the spec, and who judges it.

    `check` hears the whole spec and the type of the copies, which is None when it is not known. It gives warnings, and
    raises Misconfigured for a mistake, in words that show no values.
    """

    field: str
    check: Callable[[Spec, ResourceType | None], Sequence[str]]


TargetOf = Callable[[str, str], ResourceType | None]
"""From the group and plural of a federated type to the type of its copies, if it is known."""


class FederatedJudge:
    """Judges writes of federated objects of any kind."""

    def __init__(self, parts: Sequence[Part], target_of: TargetOf) -> None:
        self._parts = parts
        self._target_of = target_of

    def __call__(self, request: AdmissionRequest) -> Verdict:
        """The verdict on one write. Statuses and deletions always pass."""
        if not request.is_write or request.sub_resource or request.is_being_deleted:
            return ALLOWED
        if request.too_deep:
            return _judge_deep(request)
        spec, old = _spec(request.object_), _spec(request.old_object)
        if spec is None:
            return _refused(request, [invalid_secretively("spec", "must be an object")])
        target = self._target_of(request.resource.group, request.resource.resource)
        mistakes, warnings = [], _misnamed(request, target)
        for part in self._parts:
            mistake, advice = _judge(part, spec, target)
            warnings += advice
            if mistake is not None and request.is_update and _unchanged(part.field, spec, old):
                warnings.append(f"{mistake}: left as it was, and not propagated")
            elif mistake is not None:
                mistakes.append(mistake)
        return _refused(request, mistakes, warnings)


def _judge_deep(request: AdmissionRequest) -> Verdict:
    mistake = invalid_secretively("spec", "is nested too deeply; at most 64 levels are allowed")
    if request.is_update and request.same_spec:
        return Verdict(warnings=(str(mistake),))
    return _refused(request, [mistake])


def _judge(part: Part, spec: Spec, target: ResourceType | None) -> tuple[FieldError | None, Sequence[str]]:
    try:
        return None, part.check(spec, target)
    except Misconfigured as problem:
        return invalid_secretively(f"spec.{part.field}", str(problem)), ()


def _spec(manifest: Any) -> Spec | None:
    """The spec; an empty one when there is none, None when it is no object."""
    spec = manifest.get("spec") if isinstance(manifest, dict) else None
    if spec is None:
        return {}
    return spec if isinstance(spec, dict) else None


def _unchanged(field: str, spec: Spec, old: Spec | None) -> bool:
    return old is not None and spec.get(field) == old.get(field)


def _misnamed(request: AdmissionRequest, target: ResourceType | None) -> list[str]:
    """A FederatedNamespace that is not named like its namespace is ignored, by KubeFed as well."""
    is_namespace = target is not None and (target.group, target.kind) == ("", "Namespace")
    if not is_namespace or not request.name or request.name == request.namespace:
        return []
    return [f"metadata.name: is ignored unless it is the name of its namespace, {request.namespace}"]


def _refused(request: AdmissionRequest, mistakes: Sequence[FieldError], warnings: Sequence[str] = ()) -> Verdict:
    return invalid_object(request.qualified_kind, request.name, mistakes, warnings)
