"""KubeFed's own four verdicts: on FederatedTypeConfigs, KubeFedClusters and KubeFedConfigs, and KubeFedConfigs' defaults.

The rules are `kubefed.api`'s. An update is refused for what was wrong before as well, as KubeFed did; only objects that
are being deleted pass whatever they say, because a finalizer that cannot be taken off would keep them for ever. Pure.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson

from kubefed.admission.review import AdmissionRequest
from kubefed.admission.verdict import ALLOWED, Verdict, forbidden, unreadable
from kubefed.api.config_validation import mistakes_in_config
from kubefed.api.core_v1beta1 import FederatedTypeConfig, KubeFedCluster, KubeFedConfig
from kubefed.api.defaults import with_config_defaults
from kubefed.api.model import Resource
from kubefed.api.validation import (
    Mistakes,
    mistakes_in_cluster,
    mistakes_in_cluster_status,
    mistakes_in_type_config,
    mistakes_in_type_config_status,
)
from kubefed.core.errors import Misconfigured

Model = TypeVar("Model", bound=Resource)
TOO_DEEP = "the object is nested too deeply"


def judge_type_config(request: AdmissionRequest) -> Verdict:
    """The verdict on a write of a FederatedTypeConfig or of its status."""
    find = mistakes_in_type_config_status if request.sub_resource == "status" else mistakes_in_type_config
    return _judged(request, FederatedTypeConfig, find)


def judge_cluster(request: AdmissionRequest) -> Verdict:
    """The verdict on a write of a KubeFedCluster or of its status."""
    find = mistakes_in_cluster_status if request.sub_resource == "status" else mistakes_in_cluster
    return _judged(request, KubeFedCluster, find)


def judge_config(request: AdmissionRequest) -> Verdict:
    """The verdict on a write of a KubeFedConfig, under whatever name."""

    def find(config: KubeFedConfig) -> Mistakes:
        old = KubeFedConfig.read(request.old_object) if request.is_update and request.old_object is not None else None
        return mistakes_in_config(config, old)

    return _judged(request, KubeFedConfig, find)


def default_config(request: AdmissionRequest) -> Verdict:
    """Fill in what a new KubeFedConfig leaves out, but for the scope: one operation that replaces the spec."""
    if request.operation != "CREATE":
        return ALLOWED
    if request.too_deep:
        return unreadable(TOO_DEEP)
    try:
        complete = with_config_defaults(KubeFedConfig.read(request.object_))
    except Misconfigured as problem:
        return unreadable(str(problem))
    op = "replace" if "spec" in request.object_ else "add"
    return Verdict(patch=orjson.dumps([{"op": op, "path": "/spec", "value": _merged(request.object_, complete)}]))


def _merged(written: dict[str, Any], complete: KubeFedConfig) -> dict[str, Any]:
    """The complete spec, with what a newer version may have written beside the fields that this one knows."""
    spec = complete.manifest()["spec"]
    given = written.get("spec")
    return {**given, **spec} if isinstance(given, dict) else spec


def _judged(request: AdmissionRequest, model: type[Model], find: Callable[[Model], Mistakes]) -> Verdict:
    if not request.is_write or request.is_being_deleted:
        return ALLOWED
    if request.too_deep:
        return unreadable(TOO_DEEP)
    try:
        return forbidden(find(model.read(request.object_)))
    except Misconfigured as problem:
        return unreadable(str(problem))
