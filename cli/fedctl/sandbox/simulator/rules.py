"""What a kubelet would do next with a pod, and the status that it would report. Pure; see package docstring."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from fedctl.sandbox.simulator.pods import Container, Pod
from kubefed.core.clock import parse_rfc3339, rfc3339

READY_ANNOTATION = "sandbox.kubefed.io/ready"
"""`"false"` makes a pod's probes fail: it keeps running and stops being ready, until the annotation says otherwise."""

TASK_TAKES = timedelta(seconds=1)
"""How long a pod runs that is meant to end (a Job's)."""

_ENDED = ("Succeeded", "Failed")


class Step(Enum):
    """What is due for a pod."""

    NOTHING = auto()
    START = auto()
    FINISH = auto()
    TELL_READINESS = auto()
    REMOVE = auto()


@dataclass(frozen=True, slots=True)
class Due:
    """A step, and after how many seconds it is due."""

    step: Step
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pod runs: its own address and its node's."""

    pod_ip: str
    host_ip: str


def next_step(pod: Pod, now: datetime) -> Due:
    """What is due for a pod that is bound to one of our nodes."""
    if pod.metadata.deletion_timestamp:
        return Due(Step.REMOVE)
    if pod.status.phase in _ENDED:
        return Due(Step.NOTHING)
    if not pod.status.pod_ip:
        return Due(Step.START)
    if pod.spec.restart_policy != "Always":
        over = parse_rfc3339(pod.status.start_time) + TASK_TAKES
        return Due(Step.FINISH, max(0.0, (over - now).total_seconds()))
    if (_condition(pod, "Ready") == "True") != is_ready(pod):
        return Due(Step.TELL_READINESS)
    return Due(Step.NOTHING)


def is_ready(pod: Pod) -> bool:
    """Whether the pod is to count as ready while it runs: its probes succeed and its readiness gates are met."""
    gates = (gate.condition_type for gate in pod.spec.readiness_gates)
    return _probes_succeed(pod) and all(_condition(pod, gate) == "True" for gate in gates)


def started(pod: Pod, place: Place, now: datetime) -> dict[str, Any]:
    """The status patch of a pod whose containers have just been started."""
    moment = rfc3339(now)
    status = {
        "phase": "Running",
        "startTime": moment,
        "hostIP": place.host_ip,
        "hostIPs": [{"ip": place.host_ip}],
        "podIP": place.pod_ip,
        "podIPs": [{"ip": place.pod_ip}],
        "initContainerStatuses": [_init_status(pod, container, moment) for container in pod.spec.init_containers],
    }
    return {"status": status | _readiness(pod, moment, now)}


def readiness(pod: Pod, now: datetime) -> dict[str, Any]:
    """The status patch of a running pod whose readiness changed."""
    return {"status": _readiness(pod, pod.status.start_time or rfc3339(now), now)}


def finished(pod: Pod, now: datetime) -> dict[str, Any]:
    """The status patch of a pod whose containers all ended well."""
    since, until = pod.status.start_time or rfc3339(now), rfc3339(now)
    ours = {"Initialized": True, "PodReadyToStartContainers": False, "ContainersReady": False, "Ready": False}
    containers = [_container_status(pod, container, _ended(since, until), ready=False) for container in pod.spec.containers]
    conditions = _conditions(pod, ours, until, reason="PodCompleted")
    return {"status": {"phase": "Succeeded", "conditions": conditions, "containerStatuses": containers}}


def _readiness(pod: Pod, since: str, now: datetime) -> dict[str, Any]:
    probes = _probes_succeed(pod)
    ours = {"Initialized": True, "PodReadyToStartContainers": True, "ContainersReady": probes, "Ready": is_ready(pod)}
    running = {"running": {"startedAt": since}}
    return {
        "conditions": _conditions(pod, ours, rfc3339(now), reason="ContainersNotReady"),
        "containerStatuses": [
            _container_status(pod, container, running, ready=probes) for container in pod.spec.containers
        ],
    }


def _conditions(pod: Pod, ours: dict[str, bool], now: str, reason: str) -> list[dict[str, Any]]:
    foreign = [condition for condition in pod.status.conditions if condition["type"] not in ours]
    written = []
    for kind, holds in ours.items():
        value = "True" if holds else "False"
        previous = next((condition for condition in pod.status.conditions if condition["type"] == kind), None)
        unchanged = previous is not None and previous["status"] == value
        since = previous["lastTransitionTime"] if previous is not None and unchanged else now
        condition = {"type": kind, "status": value, "lastTransitionTime": since}
        written.append(condition if holds else condition | {"reason": reason})
    return [*foreign, *written]


def _init_status(pod: Pod, container: Container, now: str) -> dict[str, Any]:
    is_sidecar = container.restart_policy == "Always"
    state = {"running": {"startedAt": now}} if is_sidecar else _ended(now, now)
    return _container_status(pod, container, state, ready=True)


def _container_status(pod: Pod, container: Container, state: dict[str, Any], *, ready: bool) -> dict[str, Any]:
    return {
        "name": container.name,
        "image": container.image,
        "imageID": f"simulated://{container.image}",
        "containerID": f"simulated://{pod.uid}/{container.name}",
        "ready": ready,
        "started": "running" in state,
        "restartCount": 0,
        "state": state,
    }


def _ended(since: str, until: str) -> dict[str, Any]:
    return {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": since, "finishedAt": until}}


def _probes_succeed(pod: Pod) -> bool:
    return pod.metadata.annotations.get(READY_ANNOTATION) != "false"


def _condition(pod: Pod, kind: str) -> str:
    return next((str(condition["status"]) for condition in pod.status.conditions if condition["type"] == kind), "")
