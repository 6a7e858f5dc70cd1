"""What an annotation of the administrator's stops: all writes to members, or only what takes something away. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from kubefed.core.markers import FREEZE_ANNOTATION, RESTORING_ANNOTATION


@dataclass(frozen=True, slots=True)
class Freeze:
    """Why nothing may be written, and why nothing may be removed, in words for people; empty where it may."""

    writes: str = ""
    removals: str = ""


NO_FREEZE = Freeze()


def freeze_of_everything(annotations: Mapping[str, str]) -> Freeze:
    """What the annotations of the KubeFedConfig stop."""
    restoring = annotations.get(RESTORING_ANNOTATION)
    removals = f"a backup is being restored ({_said(restoring)}): fedctl restore --complete ends that"
    return Freeze(_frozen(annotations, "everything is frozen"), removals if restoring is not None else "")


def freeze_of_cluster(annotations: Mapping[str, str]) -> str:
    """Why nothing may be written to the cluster of a record with these annotations; empty if it may."""
    return _frozen(annotations, "the cluster is frozen")


def freeze_of_type(annotations: Mapping[str, str]) -> str:
    """Why no copy of the type of a FederatedTypeConfig with these annotations may be written; empty if they may."""
    return _frozen(annotations, "the type is frozen")


def _frozen(annotations: Mapping[str, str], what: str) -> str:
    reason = annotations.get(FREEZE_ANNOTATION)
    return f"{what}: {_said(reason)}" if reason is not None else ""


def _said(reason: str | None) -> str:
    """Somebody in a hurry may have given none: the annotation alone counts."""
    return (reason or "").strip() or "no reason was given"
