"""How many replicas a copy runs and how many its cluster can run, from the copy and its pods. Pure.

KubeFed's rules: pods are looked at only where not all replicas are ready; a pod that could not be scheduled for a minute
shows that the cluster is full. One thing is mended: a rolling update's extra pods do not count as replicas, so that they
move none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from kubefed.core.clock import parse_rfc3339
from kubefed.core.errors import Misconfigured
from kubefed.scheduling.planner import Replicas

UNSCHEDULABLE_AFTER = timedelta(seconds=60)


class _Requirement(msgspec.Struct):
    key: str
    operator: str
    values: list[str] | None = None


class _Selector(msgspec.Struct, rename="camel"):
    match_labels: dict[str, str] | None = None
    match_expressions: list[_Requirement] | None = None


class _Metadata(msgspec.Struct, rename="camel"):
    resource_version: str = "0"


class _CopySpec(msgspec.Struct):
    replicas: int | None = None
    selector: _Selector | None = None


class _CopyStatus(msgspec.Struct, rename="camel"):
    ready_replicas: int | None = None


class _Copy(msgspec.Struct):
    metadata: _Metadata
    spec: _CopySpec | None = None
    status: _CopyStatus | None = None


class _Condition(msgspec.Struct, rename="camel"):
    type: str
    status: str = ""
    reason: str | None = None
    last_transition_time: str | None = None


class _PodStatus(msgspec.Struct):
    phase: str = ""
    conditions: list[_Condition] | None = None


class Pod(msgspec.Struct):
    """One pod, as far as it tells whether its cluster has room."""

    status: _PodStatus | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """One cluster's copy. `selector` selects its pods, in the form of a query; empty when it has none."""

    version: int
    wanted: int
    ready: int
    selector: str = ""

    @property
    def settled(self) -> bool:
        """Every replica is ready, so that there is nothing to be learnt from pods."""
        return self.wanted == self.ready


@dataclass(frozen=True, slots=True)
class PodCount:
    """`unschedulable`: for longer than a minute. `undecided`: some pod may become so without anything else changing."""

    running: int = 0
    unschedulable: int = 0
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one copy in its `version`.

    `undecided`: another look in a while may show something else although the copy does not change.
    """

    version: int
    replicas: Replicas
    undecided: bool = False


_COPY = msgspec.json.Decoder(_Copy)
_POD = msgspec.json.Decoder(Pod)


def read_workload(body: bytes) -> Workload:
    """Read a whole copy. Raises Misconfigured when it is unlike a workload."""
    try:
        copy = _COPY.decode(body)
        version = int(copy.metadata.resource_version)
    except (ValueError, RecursionError):
        raise Misconfigured("the copy's replicas cannot be read") from None
    spec, status = copy.spec or _CopySpec(), copy.status or _CopyStatus()
    selector = _query(spec.selector) if spec.selector is not None else ""
    return Workload(version, spec.replicas or 0, status.ready_replicas or 0, selector)


def read_pod(item: bytes | msgspec.Raw) -> Pod:
    """Read one pod. Raises Misconfigured."""
    try:
        return _POD.decode(item)
    except (ValueError, RecursionError):
        raise Misconfigured("a pod cannot be read") from None


def count_pods(pods: Iterable[Pod], now: datetime) -> PodCount:
    """Count the pods of one copy. Whether a running pod is ready is not looked at, as KubeFed did not."""
    running = unschedulable = 0
    undecided = False
    for pod in pods:
        status = pod.status or _PodStatus()
        conditions = {condition.type: condition for condition in status.conditions or ()}
        if status.phase == "Running":
            running += "Ready" in conditions
            continue
        scheduled = conditions.get("PodScheduled")
        if scheduled is None or (scheduled.status, scheduled.reason) != ("False", "Unschedulable"):
            continue
        if _is_past(scheduled.last_transition_time, now - UNSCHEDULABLE_AFTER):
            unschedulable += 1
        else:
            undecided = True
    return PodCount(running, unschedulable, undecided)


def observation(workload: Workload, count: PodCount) -> Observation:
    """What is to be said of a copy some of whose replicas are not ready."""
    capacity = max(0, workload.wanted - count.unschedulable) if count.unschedulable else None
    replicas = Replicas(min(count.running, workload.wanted), capacity)
    return Observation(workload.version, replicas, undecided=count.undecided)


def _is_past(time: str | None, limit: datetime) -> bool:
    try:
        return time is not None and parse_rfc3339(time) < limit
    except ValueError:
        return False


def _query(selector: _Selector) -> str:
    """A selector as a query has it. An empty one would count every pod of the namespace."""
    parts = [f"{key}={value}" for key, value in (selector.match_labels or {}).items()]
    parts += [_expression(requirement) for requirement in selector.match_expressions or ()]
    if not parts:
        raise Misconfigured("the copy's selector has no matchLabels")
    return ",".join(parts)


def _expression(requirement: _Requirement) -> str:
    values = _listed(requirement.values or ())
    forms: Mapping[str, str] = {
        "In": f"{requirement.key} in ({values})",
        "NotIn": f"{requirement.key} notin ({values})",
        "Exists": requirement.key,
        "DoesNotExist": f"!{requirement.key}",
    }
    if requirement.operator not in forms:
        raise Misconfigured("the copy's selector has an unknown operator")
    return forms[requirement.operator]


def _listed(values: Sequence[str]) -> str:
    return ",".join(values)
