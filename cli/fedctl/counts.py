"""How far the workload in one copy is: how many parts are ready of how many that are wanted. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Counts:
    """Pods, or whatever a kind counts: `ready` of `desired`."""

    ready: int
    desired: int

    def __str__(self) -> str:
        return f"{self.ready}/{self.desired}"

    @classmethod
    def total(cls, counts: Iterable["Counts"]) -> Self:
        """All together."""
        known = list(counts)
        return cls(sum(each.ready for each in known), sum(each.desired for each in known))


def counts_of(copy: Mapping[str, Any]) -> Counts | None:
    """What a member's copy says of itself; None for what does not count anything.

    DaemonSets and Jobs have words of their own; all else counts replicas when its spec has them.
    """
    spec, status = _mapping(copy.get("spec")), _mapping(copy.get("status"))
    if copy.get("kind") == "DaemonSet":
        return Counts(_number(status.get("numberReady")), _number(status.get("desiredNumberScheduled")))
    if copy.get("kind") == "Job":
        return Counts(_number(status.get("succeeded")), _number(spec.get("completions"), 1))
    if isinstance(spec.get("replicas"), int):
        return Counts(_number(status.get("readyReplicas")), _number(spec.get("replicas")))
    return None


def counts_something(kind: str, template: object) -> bool:
    """Whether copies of this template will count something, so that it is worth asking for them."""
    spec = _mapping(_mapping(template).get("spec"))
    return kind in _COUNTING_KINDS or isinstance(spec.get("replicas"), int)


_COUNTING_KINDS = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"})


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object, default: int = 0) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default
